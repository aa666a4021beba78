"""Adds a claim to the access tokens of some clients."""

from collections.abc import Iterator
from dataclasses import dataclass

from hookwarden_sdk import export
from hookwarden_sdk.settings import Problem
from hookwarden_sdk.token import Call, Decision, Token


@dataclass
class Rule:
    """Which clients' tokens get which claim."""

    clients: list[str]
    claim: str
    value: str

    def check(self) -> Iterator[Problem]:
        if not self.clients:
            yield Problem("clients", "must name at least one client id")
        if not self.claim or Token.ACCESS.reserves(self.claim):
            yield Problem("claim", f"`{self.claim}` is not a claim that can be set")


def decide(call: Call, rule: Rule) -> Decision:
    """What the policy has to say about a call."""
    if call.client_id() not in rule.clients:
        return Decision.no_opinion()
    decision = Decision.set_claim(Token.ACCESS, rule.claim, rule.value)
    return decision.with_reason("a client of the list")


export(token=decide, settings=Rule)
