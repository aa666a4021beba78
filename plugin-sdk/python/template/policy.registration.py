"""Admits e-mail addresses of some domains and denies all others, with a message at the
e-mail field.

A person who completes a profile is asked only if the address is among the changes.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from hookwarden_sdk import email, export
from hookwarden_sdk.registration import Call, Decision
from hookwarden_sdk.settings import Problem


@dataclass
class Rule:
    """Whose addresses are admitted."""

    domains: list[str]

    def check(self) -> Iterator[Problem]:
        if not self.domains:
            yield Problem("domains", "must name at least one domain")


def decide(call: Call, rule: Rule) -> Decision:
    """What the policy has to say about a call."""
    if call.is_progressive() and not call.submitted().has("email"):
        return Decision.no_opinion()
    domain = call.email_domain()
    if domain is not None and any(email.is_same_domain(domain, own) for own in rule.domains):
        return Decision.allow()
    message = f"Only people with one of these addresses can register: {', '.join(rule.domains)}."
    denial = Decision.deny_field("email", message, code="INVALID_EMAIL_DOMAIN")
    return denial.with_reason("another domain")


export(registration=decide, settings=Rule)
