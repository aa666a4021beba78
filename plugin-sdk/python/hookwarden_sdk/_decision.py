"""What the decisions of all hooks have in common, and the form in which they go out."""

from typing import NamedTuple, Self

from hookwarden_sdk import _json
from hookwarden_sdk._copy import copied
from hookwarden_sdk._json import Json


class WireCause(NamedTuple):
    """One of Okta's `errorCauses`."""

    summary: str
    reason: str | None = None
    location: str | None = None


class WireError(NamedTuple):
    """Okta's `error`."""

    summary: str | None
    causes: list[WireCause]


class Wire(NamedTuple):
    """A decision in the contract's terms. A command is a type and its value's JSON."""

    commands: list[tuple[str, str]]
    error: WireError | None
    debug_context: str | None
    reason: str | None


class Reasoned:
    """A decision that can say why. It is a value: each method returns another one."""

    _reason: str | None

    def with_reason(self, reason: str) -> Self:
        """Why, for the operator's log. Never sent to Okta, nor shown to anybody. Keep
        personal data out of it.
        """
        other = copied(self)
        other._reason = reason
        return other

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __repr__(self) -> str:
        return f"Decision({self.__dict__})"


class Remarked(Reasoned):
    """A decision that can have a text in Okta's System Log besides."""

    _debug_context: str | None

    def with_debug_context(self, context: Json) -> Self:
        """Free-form JSON for Okta's System Log. Whoever reads that log reads it: no
        personal data, no secrets.
        """
        other = copied(self)
        other._debug_context = _json.write(context)
        return other


def error(summary: str) -> WireError:
    """Okta's `error` with this summary. A blank one, from a setting perhaps, is left out
    and must not undo the error.
    """
    return WireError(summary if summary.strip() else None, [])
