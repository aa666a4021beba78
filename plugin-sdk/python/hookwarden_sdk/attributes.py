"""Attributes of a profile."""

from collections.abc import Iterator
from typing import Any


class Attributes:
    """Attributes of a profile, in the order in which Okta sent them. What an attribute
    holds depends on the schema; one that is absent and one that is `null` are alike.
    """

    __slots__ = ("_members",)

    def __init__(self, members: dict[str, Any] | None = None) -> None:
        self._members: dict[str, Any] = {} if members is None else members

    def get(self, name: str) -> Any:
        """An attribute's value as `json.loads` gives it; `None` if absent or `null`."""
        return self._members.get(name)

    def text(self, name: str) -> str | None:
        """An attribute that is text; `None` also for other types."""
        value = self._members.get(name)
        return value if isinstance(value, str) else None

    def has(self, name: str) -> bool:
        """Whether there is such an attribute, and it is not `null`."""
        return self._members.get(name) is not None

    def names(self) -> Iterator[str]:
        """The names of all, also of those that are `null`."""
        return iter(self._members)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Attributes) and self._members == other._members

    def __repr__(self) -> str:
        return f"Attributes({list(self._members)})"
