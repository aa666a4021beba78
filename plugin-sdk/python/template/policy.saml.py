"""Adds an attribute to the assertions of people whose login is of some domain."""

from collections.abc import Iterator
from dataclasses import dataclass

from hookwarden_sdk import email, export
from hookwarden_sdk.saml import Call, Decision
from hookwarden_sdk.settings import Problem


@dataclass
class Rule:
    """Whose assertions get which attribute."""

    domain: str
    attribute: str
    value: str

    def check(self) -> Iterator[Problem]:
        if email.domain(f"x@{self.domain}") is None:
            yield Problem("domain", f"`{self.domain}` is not a domain such as `example.com`")
        if not self.attribute:
            yield Problem("attribute", "must be the name of an attribute")


def decide(call: Call, rule: Rule) -> Decision:
    """What the policy has to say about a call."""
    user = call.user()
    profile = None if user is None else user.profile()
    login = None if profile is None else profile.text("login")
    domain = None if login is None else email.domain(login)
    if domain is None or not email.is_same_domain(domain, rule.domain):
        return Decision.no_opinion()
    decision = Decision.set_attribute(rule.attribute, rule.value)
    return decision.with_reason("a login of the domain")


export(saml=decide, settings=Rule)
