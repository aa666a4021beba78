"""Sets attributes by the domain of the e-mail address, and has no opinion about people of
other domains.

Attributes are set in the order of their names, each to the value in the settings, with its
type. A person who completes a profile is asked only if the address is among the changes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hookwarden_sdk import email, export
from hookwarden_sdk.registration import Call, Decision
from hookwarden_sdk.settings import Problem


@dataclass
class Rule:
    """Which domain's people get which attributes."""

    domains: dict[str, dict[str, Any]]

    def check(self) -> Iterator[Problem]:
        if not self.domains:
            yield Problem("domains", "must name one domain at least")
        seen = set[str]()
        for domain, attributes in self.domains.items():
            path = f"domains.{domain}"
            # As the domain of an address, because that is what it is compared with.
            same = email.domain(f"x@{domain}")
            if same is None:
                yield Problem(path, f"`{domain}` is not a domain such as `example.com`")
            elif same in seen:
                yield Problem(path, f"`{same}` is there twice")
            else:
                seen.add(same)
            if not attributes:
                yield Problem(path, "must set one attribute at least")
            if "" in attributes:
                yield Problem(f"{path}.", "an attribute must have a name")
            if "password" in attributes:
                yield Problem(f"{path}.password", "Okta never accepts a password from a hook")


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
