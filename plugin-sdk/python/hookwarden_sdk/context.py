"""What the calls of several hooks say about their circumstances.

Each member is read when it is asked for: what is in another form than Okta documents is
a `Failure` only for who asks.
"""

from typing import Any

from hookwarden_sdk import _read
from hookwarden_sdk.attributes import Attributes


class Part:
    """An object of a call."""

    __slots__ = ("_members", "_path")

    def __init__(self, members: dict[str, Any], path: str) -> None:
        self._members = members
        self._path = path

    def _text(self, name: str) -> str | None:
        return _read.text(self._members, self._path, name)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._path}..)"


class Request(Part):
    """The request that the person's browser made to Okta."""

    __slots__ = ()

    def id(self) -> str | None:
        """Okta's id of the request."""
        return self._text("id")

    def method(self) -> str | None:
        """The method, such as `POST`."""
        return self._text("method")

    def ip_address(self) -> str | None:
        """The address that the request came from."""
        return self._text("ipAddress")

    def url(self) -> str | None:
        """The path and query of the request."""
        url = _read.table(self._members, self._path, "url")
        return None if url is None else _read.text(url, f"{self._path}url.", "value")


class User(Part):
    """A user of Okta."""

    __slots__ = ()

    def id(self) -> str | None:
        """Okta's id of the user."""
        return self._text("id")

    def password_changed(self) -> str | None:
        """When the password was changed last: ISO 8601, UTC."""
        return self._text("passwordChanged")

    def profile(self) -> Attributes | None:
        """The profile, if Okta sends it."""
        members = _read.table(self._members, self._path, "profile")
        return None if members is None else Attributes(members)


class IdentityProvider(Part):
    """The identity provider of a session."""

    __slots__ = ()

    def id(self) -> str | None:
        """Okta's id of it."""
        return self._text("id")

    def kind(self) -> str | None:
        """`OKTA`, `ACTIVE_DIRECTORY`, `LDAP`, `FEDERATION` or `SOCIAL`."""
        return self._text("type")


class Session(Part):
    """A user's session at Okta."""

    __slots__ = ()

    def id(self) -> str | None:
        """Okta's id of the session."""
        return self._text("id")

    def user_id(self) -> str | None:
        """Okta's id of the user."""
        return self._text("userId")

    def login(self) -> str | None:
        """The user's login."""
        return self._text("login")

    def created_at(self) -> str | None:
        """When the session began: ISO 8601, UTC."""
        return self._text("createdAt")

    def expires_at(self) -> str | None:
        """When it ends: ISO 8601, UTC."""
        return self._text("expiresAt")

    def status(self) -> str | None:
        """Such as `ACTIVE`."""
        return self._text("status")

    def last_password_verification(self) -> str | None:
        """When the password was entered last: ISO 8601, UTC."""
        return self._text("lastPasswordVerification")

    def amr(self) -> list[str]:
        """How the person showed who they are, such as `pwd` and `mfa`."""
        return _read.texts(self._members, self._path, "amr")

    def idp(self) -> IdentityProvider | None:
        """The identity provider that the person came from."""
        members = _read.table(self._members, self._path, "idp")
        return None if members is None else IdentityProvider(members, f"{self._path}idp.")

    def mfa_active(self) -> bool | None:
        """Whether the user has set up a second factor."""
        return _read.truth(self._members, self._path, "mfaActive")
