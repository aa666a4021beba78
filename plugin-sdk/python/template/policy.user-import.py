"""Links an imported user to the user of Okta that has the same e-mail address, by a table,
and gives everybody else an attribute.
"""

from dataclasses import dataclass, field

from hookwarden_sdk import export
from hookwarden_sdk.user_import import Call, Decision


@dataclass
class Rule:
    """Who is linked, and what the others get."""

    #: Okta's ids of users, by e-mail addresses in lower case.
    known: dict[str, str] = field(default_factory=dict)
    attribute: str = "userType"
    value: str = "Imported"


def decide(call: Call, rule: Rule) -> Decision:
    """What the policy has to say about a call."""
    address = call.app_user().text("email") or call.user().text("email")
    user_id = None if address is None else rule.known.get(address.lower())
    if user_id is not None:
        return Decision.link_user(user_id).with_reason("a known address")
    return Decision.set_user(rule.attribute, rule.value).with_reason("an unknown address")


export(user_import=decide, settings=Rule)
