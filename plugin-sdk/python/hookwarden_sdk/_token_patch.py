"""What is to change in a token."""

from copy import deepcopy
from enum import Enum
from typing import Any, Literal, NamedTuple, TypeAlias

from hookwarden_sdk import _json
from hookwarden_sdk._copy import copied
from hookwarden_sdk._json import Json
from hookwarden_sdk._patch import Operation, pointer
from hookwarden_sdk.attributes import Attributes
from hookwarden_sdk.failure import Failure

#: A claim by its name, or a place inside of one: the names on the way to it.
Claim: TypeAlias = str | list[str] | tuple[str, ...]

Kind: TypeAlias = Literal["set", "append", "insert", "replace", "remove"]

_RESERVED = frozenset(
    "acr auth_time cid cnf exp groups iat iss jti sid token_type ver".split()
)
_RESERVED_IN_ID = frozenset(
    """
    active aid amr app_id app_type at_hash aud c_hash client_id client_ip client_req_id
    client_type client_user_agent device_compliance device_id device_known device_managed
    device_name device_trust did dst group hotk idp idp_iss mac_key may_act nonce oid
    okta_emailVerified okta_lastUpdated orig permissions purpose pwd_exp_days pwd_exp_time
    rid role scope scopes sub term user_ip
    """.split()
)
_RESERVED_IN_ACCESS = frozenset(
    "as_uri authorization_details rpt rsi scp uid username".split()
)


class Token(Enum):
    """One of the tokens that are minted."""

    #: The ID token.
    ID = "ID token"
    #: The access token.
    ACCESS = "access token"

    def reserves(self, claim: str) -> bool:
        """Whether Okta keeps a claim of this token to itself."""
        own = _RESERVED_IN_ID if self is Token.ID else _RESERVED_IN_ACCESS
        return claim in _RESERVED or claim in own


class _Change(NamedTuple):
    kind: Kind
    way: tuple[str, ...]
    value: Any
    position: int = 0


class Patch:
    """What is to change in a token. A patch is a value: each method returns another one,
    with one more change. A value of `None` says nothing.
    """

    def __init__(self) -> None:
        self._changes: tuple[_Change, ...] = ()
        self._lifetime: int | None = None

    def set(self, claim: Claim, value: Json) -> "Patch":
        """Gives a claim this value, whether or not it has one. What is missing on the way
        is made.
        """
        return self._and("set", claim, value)

    def append(self, claim: Claim, value: Json) -> "Patch":
        """Adds to the end of a list, and makes the list if there is none."""
        return self._and("append", claim, value)

    def insert(self, claim: Claim, position: int, value: Json) -> "Patch":
        """Adds to a list at a position, from 0."""
        return self._and("insert", claim, value, position)

    def replace(self, claim: Claim, value: Json) -> "Patch":
        """Replaces what is there. Nothing if nothing is."""
        return self._and("replace", claim, value)

    def remove(self, claim: Claim) -> "Patch":
        """Removes what is there. Nothing if nothing is."""
        return self._and("remove", claim, "")

    def with_lifetime(self, seconds: int) -> "Patch":
        """How long the token is to be valid: 300 to 86400 seconds."""
        other = copied(self)
        other._lifetime = seconds
        return other

    def then(self, patch: "Patch") -> "Patch":
        """The changes of this one, then those of another."""
        other = copied(self)
        other._changes = self._changes + patch._changes
        if patch._lifetime is not None:
            other._lifetime = patch._lifetime
        return other

    def _and(self, kind: Kind, claim: Claim, value: Json, position: int = 0) -> "Patch":
        other = copied(self)
        way = (claim,) if isinstance(claim, str) else tuple(claim)
        if value is not None:
            # Written and read at once: a later change of the author's object does not
            # count, and what is no JSON is found here.
            own = _json.read(_json.write(value))
            other._changes = (*self._changes, _Change(kind, way, own, position))
        return other

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Patch):
            return False
        return (self._changes, self._lifetime) == (other._changes, other._lifetime)

    def __repr__(self) -> str:
        return f"Patch({[(change.kind, change.way) for change in self._changes]})"


def resolve(patch: Patch, token: Token, claims: Attributes | None) -> list[Operation]:
    """The operations on a token with these claims; none if it is not minted."""
    # A mistake of the author's is found in every call, and not only in those that mint
    # the token.
    for change in patch._changes:
        _check_name(change, token)
    lifetime = patch._lifetime
    if lifetime is not None and not 300 <= lifetime <= 86_400:
        raise _fail("sets a lifetime that is not 300 to 86400 seconds", token)
    if claims is None:
        return []
    working: dict[str, Any] = {}
    operations = []
    for change in patch._changes:
        name = change.way[0]
        if name not in working:
            working[name] = deepcopy(claims.get(name))
        try:
            operation = _apply(working, change)
        except _Misfit as misfit:
            place = pointer("", change.way)[1:]
            raise _fail(f"changes `{place}`, {misfit},", token) from None
        if operation is not None:
            operations.append(operation)
    if lifetime is not None:
        operations.append(Operation("replace", "/token/lifetime/expiration", str(lifetime)))
    return operations


def _check_name(change: _Change, token: Token) -> None:
    if not change.way or not change.way[0]:
        raise _fail("changes a claim that has no name", token)
    if token.reserves(change.way[0]):
        raise _fail(f"changes `{change.way[0]}`, reserved by Okta,", token)


def _fail(what: str, token: Token) -> Failure:
    return Failure.other(f"{what} in the {token.value}")


class _Misfit(Exception):
    """A change that does not fit what is there."""


def _operation(
    op: Literal["add", "replace", "remove"], way: tuple[str, ...], *values: Json
) -> Operation:
    written = _json.write(values[0]) if values else None
    return Operation(op, pointer("/claims", way), written)


def _apply(working: dict[str, Any], change: _Change) -> Operation | None:
    """Makes a change in the claims as they are by now."""
    kind, way, value, position = change
    if kind in ("replace", "remove") and working.get(way[0]) is None:
        return None
    found = _find(working, way, kind)
    if found is None:
        return None
    holder, present = found
    if present < len(way):
        if kind in ("replace", "remove"):
            return None
        if kind == "insert":
            raise _Misfit("which is no list")
        return _make(holder, way, present, [value] if kind == "append" else value)
    last = way[-1]
    at = holder[int(last)] if isinstance(holder, list) else holder[last]
    match kind:
        case "append":
            _list(at).append(deepcopy(value))
            return _operation("add", (*way, "-"), value)
        case "insert":
            if not 0 <= position <= len(_list(at)):
                raise _Misfit("which is a list that ends before")
            at.insert(position, deepcopy(value))
            return _operation("add", (*way, str(position)), value)
        case "remove":
            if holder is working:
                # Absent, and not read from the token again.
                working[last] = None
            else:
                del holder[int(last) if isinstance(holder, list) else last]
            return _operation("remove", way)
        case _:
            if isinstance(holder, list):
                # Okta's `add` makes room in a list.
                holder[int(last)] = deepcopy(value)
                return _operation("replace", way, value)
            holder[last] = deepcopy(value)
            return _operation("add" if kind == "set" else "replace", way, value)


def _list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    raise _Misfit("which is no list")


def _find(
    working: dict[str, Any], way: tuple[str, ...], kind: Kind
) -> tuple[Any, int] | None:
    """What holds the last step of the way that is there, and how many steps are; `None`
    where a change is left out.
    """
    holder: Any = working
    for present, step in enumerate(way):
        if isinstance(holder, dict):
            if holder.get(step) is None:
                return holder, present
            following = holder[step]
        elif isinstance(holder, list) and _is_index(step) and int(step) < len(holder):
            following = holder[int(step)]
        elif kind in ("replace", "remove"):
            return None
        elif isinstance(holder, list):
            raise _Misfit("which is beyond the end of a list")
        else:
            raise _Misfit("which is inside of a value that has no inside")
        if present + 1 == len(way):
            return holder, len(way)
        holder = following
    return None


def _is_index(step: str) -> bool:
    return step.isascii() and step.isdigit() and (step == "0" or step[0] != "0")


def _make(holder: Any, way: tuple[str, ...], present: int, value: Any) -> Operation:
    """Adds a value and what is missing on the way to it."""
    for step in reversed(way[present + 1 :]):
        value = {step: value}
    holder[way[present]] = deepcopy(value)
    return _operation("add", way[: present + 1], value)
