"""Refuses the passwords of users who are to set a new one, and leaves all others to the
next policy.

It never says that a password is right: whoever can, compares it with what the old system
kept, by a hash that is made for passwords.
"""

from dataclasses import dataclass, field

from hookwarden_sdk import export
from hookwarden_sdk.password_import import Call, Decision


@dataclass
class Rule:
    """Whose passwords are refused."""

    #: User names in lower case.
    refused: list[str] = field(default_factory=list)


def decide(call: Call, rule: Rule) -> Decision:
    """What the policy has to say about a call."""
    if call.username().lower() in rule.refused:
        return Decision.unverified().with_reason("is to set a new password")
    return Decision.no_opinion()


export(password_import=decide, settings=Rule)
