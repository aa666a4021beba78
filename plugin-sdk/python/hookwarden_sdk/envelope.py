"""The envelope that every inline hook's call comes in."""

from typing import Any, Self

from hookwarden_sdk import _json, _read
from hookwarden_sdk.context import Request, Session, User
from hookwarden_sdk.failure import Failure


class Envelope:
    """What the calls of all hooks have in common."""

    __slots__ = ("_body", "_data", "_json")

    def __init__(self, json: str) -> None:
        self._json = json
        self._body = _object(json)
        self._data: dict[str, Any] = _read.table(self._body, "", "data") or {}

    @classmethod
    def from_json(cls, json: str) -> Self:
        """Reads a call as Okta sends it. Raises a `Failure` if it is none of this hook."""
        return cls(json)

    def event_id(self) -> str | None:
        """Okta's id of the call. A repeated call has the same one."""
        return self._member("eventId")

    def event_time(self) -> str | None:
        """When Okta sent the call: ISO 8601, UTC, such as `2022-04-25T17:35:27.000Z`."""
        return self._member("eventTime")

    def event_type(self) -> str | None:
        """Okta's literal for the hook type."""
        return self._member("eventType")

    def source(self) -> str | None:
        """Where the call came from. What stands here differs from hook to hook, and from
        what Okta's reference says: compare it, do not take it apart.
        """
        return self._member("source")

    def json(self) -> str:
        """The call as Okta sent it."""
        return self._json

    def pointer(self, pointer: str) -> Any:
        """A member that has no method of its own, by JSON Pointer (RFC 6901) from the
        top: `/data/context/request/id`. `None` if absent or `null`.
        """
        at: Any = self._body
        if not pointer:
            return at
        if not pointer.startswith("/"):
            return None
        for step in pointer[1:].split("/"):
            step = step.replace("~1", "/").replace("~0", "~")
            if isinstance(at, dict):
                at = at.get(step)
            elif isinstance(at, list) and _is_index(step) and int(step) < len(at):
                at = at[int(step)]
            else:
                return None
        return at

    def _member(self, name: str) -> str | None:
        return _read.text(self._body, "", name)

    def _context(self) -> dict[str, Any]:
        return _read.table(self._data, "data.", "context") or {}

    def _context_member(self, name: str) -> dict[str, Any] | None:
        return _read.table(self._context(), "data.context.", name)

    def __repr__(self) -> str:
        return f"Call(event_id={self._body.get('eventId')!r}, ..)"


def _object(json: str) -> dict[str, Any]:
    try:
        body = _json.read(json)
    except ValueError as error:
        raise Failure.invalid_call(str(error)) from None
    if isinstance(body, dict):
        return body
    raise Failure.invalid_call("the call is no object")


def _is_index(step: str) -> bool:
    digits = step.isascii() and step.isdigit()
    return digits and (step == "0" or step[0] != "0")


class WithRequest(Envelope):
    """A call that says which request brought the person here."""

    __slots__ = ()

    def request(self) -> Request | None:
        """The request that brought the person here."""
        members = self._context_member("request")
        return None if members is None else Request(members, "data.context.request.")

    def ip_address(self) -> str | None:
        """The address that the person's request came from."""
        request = self.request()
        return None if request is None else request.ip_address()


class WithUser(WithRequest):
    """A call that says who the user is."""

    __slots__ = ()

    def user(self) -> User | None:
        """The user. There is none where a program acts for itself."""
        members = self._context_member("user")
        return None if members is None else User(members, "data.context.user.")


class WithSession(WithUser):
    """A call that says which session the user has."""

    __slots__ = ()

    def session(self) -> Session | None:
        """The user's session at Okta. There is none where no person signed in just now."""
        members = self._context_member("session")
        return None if members is None else Session(members, "data.context.session.")
