"""Settings that name something of the operator's: `{ secret = "crm-token" }`."""

from typing import Any


def name(value: Any, member: str) -> str:
    """The name in an object whose only member is `member`. An error does not quote what
    stands there: somebody may have written the secret itself.
    """
    if isinstance(value, dict) and len(value) == 1:
        named = value.get(member)
        if isinstance(named, str) and named.strip():
            return named
    raise ValueError(f'must name a {member}, as `{{ {member} = "name" }}`')
