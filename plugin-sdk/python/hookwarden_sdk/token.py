"""The token hook: Okta asks before a custom authorization server mints tokens.

A `Call` is a client that asks for tokens, with the tokens as they would be; a `Decision`
is what the policy has to say about them: nothing, a refusal, or a `Patch` of each.

    Decision.set_claim(Token.ACCESS, "tenant", "acme")
    Decision.patch(Token.ACCESS, Patch().append("roles", "auditor").with_lifetime(600))

What is to be replaced or removed and is not there is left out: Okta drops a whole patch
for one operation that cannot be carried out.
"""

from collections.abc import Iterator
from typing import Any

from hookwarden_sdk import _patch, _read
from hookwarden_sdk._copy import copied
from hookwarden_sdk._decision import Remarked, Wire, WireError, error
from hookwarden_sdk._json import Json
from hookwarden_sdk._token_patch import Claim, Patch, Token, resolve
from hookwarden_sdk.attributes import Attributes
from hookwarden_sdk.context import IdentityProvider, Part, Request, Session, User
from hookwarden_sdk.envelope import WithSession

__all__ = [
    "AccessPolicy",
    "Call",
    "Claim",
    "Client",
    "Decision",
    "Draft",
    "Grant",
    "IdentityProvider",
    "Patch",
    "Protocol",
    "Request",
    "Session",
    "Token",
    "User",
]


class Draft:
    """A token as it would be minted."""

    __slots__ = ("_claims", "_lifetime", "_scopes")

    def __init__(self, members: dict[str, Any], path: str) -> None:
        self._claims = Attributes(_read.table(members, path, "claims"))
        self._scopes = Attributes(_read.table(members, path, "scopes"))
        minting = members.get("token")
        lifetime = minting.get("lifetime") if isinstance(minting, dict) else None
        seconds = lifetime.get("expiration") if isinstance(lifetime, dict) else None
        self._lifetime = seconds if type(seconds) is int and seconds >= 0 else None

    def claims(self) -> Attributes:
        """The claims."""
        return self._claims

    def claim(self, name: str) -> Any:
        """A claim; `None` if absent or `null`."""
        return self._claims.get(name)

    def claim_text(self, name: str) -> str | None:
        """A claim that is text; `None` also for other types."""
        return self._claims.text(name)

    def has_claim(self, name: str) -> bool:
        """Whether there is such a claim."""
        return self._claims.has(name)

    def lifetime(self) -> int | None:
        """How long the token is valid, in seconds; `None` if Okta does not say."""
        return self._lifetime

    def scopes(self) -> Iterator[str]:
        """The scopes that are granted."""
        return (scope for scope in self._scopes.names() if self.has_scope(scope))

    def has_scope(self, name: str) -> bool:
        """Whether a scope is granted."""
        scope = self._scopes.get(name)
        if not isinstance(scope, dict):
            return False
        # `GRANT` is the only action that Okta documents.
        return scope.get("action") in (None, "GRANT")


class Grant(Part):
    """What the client asks for, and how."""

    __slots__ = ()

    def scopes(self) -> list[str]:
        """The scopes that the client asks for."""
        return (self._text("scope") or "").split()

    def state(self) -> str | None:
        """The `state` of the request."""
        return self._text("state")

    def redirect_uri(self) -> str | None:
        """Where the person is sent back to."""
        return self._text("redirect_uri")

    def response_mode(self) -> str | None:
        """Such as `query`."""
        return self._text("response_mode")

    def response_type(self) -> str | None:
        """Such as `code`."""
        return self._text("response_type")

    def client_id(self) -> str | None:
        """The client's id."""
        return self._text("client_id")

    def grant_type(self) -> str | None:
        """Such as `authorization_code`."""
        return self._text("grant_type")


class Client(Part):
    """The client that asks."""

    __slots__ = ()

    def id(self) -> str | None:
        """Its id."""
        return self._text("id")

    def name(self) -> str | None:
        """Its name."""
        return self._text("name")

    def kind(self) -> str | None:
        """Such as `PUBLIC`."""
        return self._text("type")


class Protocol(Part):
    """What the client and the authorization server say to each other."""

    __slots__ = ()

    def request(self) -> Grant | None:
        """What the client asks for."""
        members = _read.table(self._members, self._path, "request")
        return None if members is None else Grant(members, f"{self._path}request.")

    def client(self) -> Client | None:
        """The client that asks."""
        members = _read.table(self._members, self._path, "client")
        return None if members is None else Client(members, f"{self._path}client.")

    def issuer(self) -> str | None:
        """The URI of the authorization server."""
        members = _read.table(self._members, self._path, "issuer") or {}
        return _read.text(members, f"{self._path}issuer.", "uri")

    def original_grant(self) -> Grant | None:
        """What was granted first, where a refresh token is used."""
        grant = _read.table(self._members, self._path, "OriginalGrant") or {}
        path = f"{self._path}OriginalGrant."
        members = _read.table(grant, path, "authorization")
        return None if members is None else Grant(members, f"{path}authorization.")


class AccessPolicy(Part):
    """The access policy of the authorization server that let the client in."""

    __slots__ = ()

    def id(self) -> str | None:
        """Okta's id of the policy."""
        return self._text("id")

    def rule_id(self) -> str | None:
        """Okta's id of its rule."""
        rule = _read.table(self._members, self._path, "rule") or {}
        return _read.text(rule, f"{self._path}rule.", "id")


class Call(WithSession):
    """A call of the token hook."""

    __slots__ = ("_access", "_identity")

    def __init__(self, json: str) -> None:
        super().__init__(json)
        self._identity = self._draft("identity")
        self._access = self._draft("access")

    def _draft(self, name: str) -> Draft | None:
        members = _read.table(self._data, "data.", name)
        return None if members is None else Draft(members, f"data.{name}.")

    def identity(self) -> Draft | None:
        """The ID token, if one is minted."""
        return self._identity

    def access(self) -> Draft | None:
        """The access token, if one is minted."""
        return self._access

    def token(self, token: Token) -> Draft | None:
        """One of the tokens, if it is minted."""
        return self._identity if token is Token.ID else self._access

    def refresh_token_id(self) -> str | None:
        """The id of the refresh token, if one is used or minted."""
        token = _read.table(self._data, "data.", "refresh_token") or {}
        return _read.text(token, "data.refresh_token.", "jti")

    def protocol(self) -> Protocol | None:
        """What the client and the authorization server say to each other."""
        members = self._context_member("protocol")
        return None if members is None else Protocol(members, "data.context.protocol.")

    def client(self) -> Client | None:
        """The client that asks."""
        protocol = self.protocol()
        return None if protocol is None else protocol.client()

    def client_id(self) -> str | None:
        """The id of the client that asks."""
        client = self.client()
        return None if client is None else client.id()

    def grant_type(self) -> str | None:
        """Such as `authorization_code`."""
        grant = self._grant()
        return None if grant is None else grant.grant_type()

    def requested_scopes(self) -> list[str]:
        """The scopes that the client asks for."""
        grant = self._grant()
        return [] if grant is None else grant.scopes()

    def _grant(self) -> Grant | None:
        protocol = self.protocol()
        return None if protocol is None else protocol.request()

    def access_policy(self) -> AccessPolicy | None:
        """The access policy that let the client in."""
        members = self._context_member("policy")
        return None if members is None else AccessPolicy(members, "data.context.policy.")


class Decision(Remarked):
    """What the policy has to say about the tokens that a client asks for.

    A decision is no opinion, a refusal, or patches of the tokens. A refusal stands alone:
    what a decision changed before is dropped with it. A decision is a value: each method
    returns another one.
    """

    def __init__(self) -> None:
        self._identity = Patch()
        self._access = Patch()
        self._error: WireError | None = None
        self._reason = None
        self._debug_context = None

    @staticmethod
    def no_opinion() -> "Decision":
        """No opinion: as far as this policy is concerned Okta mints the tokens as they
        are. Another policy may still deny.
        """
        return Decision()

    @staticmethod
    def deny(description: str) -> "Decision":
        """Refuses the tokens. The client gets OAuth's `server_error` with this text as its
        `error_description`; with a blank one, Okta's own.
        """
        decision = Decision()
        decision._error = error(description)
        return decision

    @staticmethod
    def set_claim(token: Token, claim: Claim, value: Json) -> "Decision":
        """Gives a claim of one token this value, whether or not it has one. `None` says
        nothing.
        """
        return Decision().and_set_claim(token, claim, value)

    @staticmethod
    def patch(token: Token, patch: Patch) -> "Decision":
        """Changes one token. If it is not minted in this call, this does nothing."""
        return Decision().and_patch(token, patch)

    def and_set_claim(self, token: Token, claim: Claim, value: Json) -> "Decision":
        """Gives one more claim a value. On a refusal this does nothing."""
        return self.and_patch(token, Patch().set(claim, value))

    def and_patch(self, token: Token, patch: Patch) -> "Decision":
        """Changes a token too, after what was changed before. On a refusal this does
        nothing.
        """
        other = copied(self)
        if self._error is None:
            if token is Token.ID:
                other._identity = self._identity.then(patch)
            else:
                other._access = self._access.then(patch)
        return other

    def is_denial(self) -> bool:
        """Whether this denies."""
        return self._error is not None

    def _wire(self, call: Call) -> Wire:
        commands: list[tuple[str, str]] = []
        if self._error is None:
            for literal, token, patch in (
                ("com.okta.identity.patch", Token.ID, self._identity),
                ("com.okta.access.patch", Token.ACCESS, self._access),
            ):
                draft = call.token(token)
                claims = None if draft is None else draft.claims()
                operations = resolve(patch, token, claims)
                if operations:
                    commands.append((literal, _patch.write(operations)))
        return Wire(commands, self._error, self._debug_context, self._reason)
