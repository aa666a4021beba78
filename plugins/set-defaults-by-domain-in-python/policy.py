"""Gives people attributes by the domain of their e-mail address.

Who signs up or completes a profile with an address of a domain in the table gets what the
table has for it. Nobody is denied.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from hookwarden_sdk import email, export
from hookwarden_sdk.registration import Call, Decision
from hookwarden_sdk.settings import Problem


@dataclass
class Rule:
    """The attributes of each domain."""

    domains: dict[str, dict[str, str | int | float | bool]]

    def check(self) -> Iterator[Problem]:
        if not self.domains:
            yield Problem("domains", "must have at least one domain")
        for domain, attributes in self.domains.items():
            path = f"domains.{domain}"
            # As the domain of an address, because that is what it is compared with.
            if email.domain(f"x@{domain}") is None:
                yield Problem(path, f"`{domain}` is not a domain such as `example.com`")
            if not attributes:
                yield Problem(path, "must have at least one attribute")
            if "password" in attributes:
                yield Problem(f"{path}.password", "can never be set")


def decide(call: Call, rule: Rule) -> Decision:
    """What the policy has to say about a call."""
    domain = call.email_domain()
    if domain is None:
        return Decision.no_opinion()
    for known, attributes in rule.domains.items():
        if email.is_same_domain(domain, known):
            decision = Decision.no_opinion()
            for name in sorted(attributes):
                decision = decision.and_set(name, attributes[name])
            return decision.with_reason("defaults of a known domain")
    return Decision.no_opinion()


export(registration=decide, settings=Rule)
