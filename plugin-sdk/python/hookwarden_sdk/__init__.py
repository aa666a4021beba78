"""Write a Hookwarden policy in Python.

A policy decides about calls that Okta makes while something happens: a person signs
up, a token is minted, a user is imported. This is a whole one:

    from hookwarden_sdk import export
    from hookwarden_sdk.registration import Call, Decision


    def decide(call: Call) -> Decision:
        if call.email_domain() == "example.com":
            return Decision.allow()
        return Decision.deny_field("email", "Only example.com addresses can register.")


    export(registration=decide)

Import a module of this package only if the policy uses it: those for what an operator
grants (`secrets`, `dataset`, `key_value`, `http`) need the world in `wit/policy.wit`
to import the same.
"""

from hookwarden_sdk._export import export
from hookwarden_sdk.attributes import Attributes
from hookwarden_sdk.failure import Failure

__all__ = ["Attributes", "Failure", "export"]
