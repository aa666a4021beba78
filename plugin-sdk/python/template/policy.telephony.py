"""Refuses one-time codes to numbers with some prefixes, such as those of premium numbers.

All other numbers are left to the next policy, or to Okta's own provider.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from hookwarden_sdk import Failure, export
from hookwarden_sdk.settings import Problem
from hookwarden_sdk.telephony import Call, Decision


@dataclass
class Rule:
    """Which numbers are refused."""

    prefixes: list[str]

    def check(self) -> Iterator[Problem]:
        if not self.prefixes:
            yield Problem("prefixes", "must have at least one prefix")
        for position, prefix in enumerate(self.prefixes):
            if not prefix.startswith("+") or not prefix[1:].isdecimal():
                message = f"`{prefix}` is not `+` and digits, such as `+4490`"
                yield Problem(f"prefixes[{position}]", message)


def decide(call: Call, rule: Rule) -> Decision:
    """What the policy has to say about a call."""
    number = call.message().phone_number()
    if number is None:
        raise Failure.invalid_call("no phone number")
    digits = "".join([character for character in number if character.isdecimal()])
    if f"+{digits}".startswith(tuple(rule.prefixes)):
        return Decision.failed().with_reason("a number with a refused prefix")
    return Decision.no_opinion()


export(telephony=decide, settings=Rule)
