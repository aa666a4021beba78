"""Key-value: small values that a policy keeps from one evaluation to the next.

A policy has one bucket of its own, if the operator granted it, who bounds how many keys
there are, how large they are and how long they are kept. What an operation reports is on
disk. The world has to say `include hookwarden:policy/key-value@0.1.0;`.

Okta may repeat a call. What must happen once is done by whoever claims it:

    bucket = key_value.open_bucket()
    if bucket.claim(f"voucher/{voucher}", event_id) is Claim.TAKEN:
        return Decision.deny_field("voucher", "This voucher was used.")
"""

from collections.abc import Callable
from enum import Enum
from typing import Any, NamedTuple, Protocol

from hookwarden_sdk import _host
from hookwarden_sdk.failure import Failure

_INCLUDE = "include hookwarden:policy/key-value@0.1.0;"

_store = _host.required(
    "wasi:keyvalue/store@0.2.0-draft2", "hookwarden_sdk.key_value", _INCLUDE
)
_atomics = _host.required(
    "wasi:keyvalue/atomics@0.2.0-draft2", "hookwarden_sdk.key_value", _INCLUDE
)


class Error(Failure):
    """Why an operation did not succeed. Not caught, it is the policy's failure."""


class AccessDenied(Error):
    """The operator granted the policy no bucket."""

    def __init__(self) -> None:
        super().__init__("other", "the policy was not granted a bucket")


class QuotaExceeded(Error):
    """The operator's quota has no room for it. Nothing changed."""

    def __init__(self, why: str = "") -> None:
        super().__init__("unavailable", _because("the bucket's quota is exceeded", why))


class Unavailable(Error):
    """The store cannot be reached. Whether anything changed is not known."""

    def __init__(self, why: str = "") -> None:
        super().__init__("unavailable", _because("the store does not answer", why))


def _because(what: str, why: str) -> str:
    return f"{what}: {why}" if why else what


def _other(text: str) -> Error:
    """The host tells two cases of an `other` by how the text begins."""
    for beginning, kind in (("quota exceeded", QuotaExceeded), ("unavailable", Unavailable)):
        if text.startswith(beginning):
            return kind(text.removeprefix(beginning).lstrip(": "))
    return Error("other", text)


class Keys(NamedTuple):
    """One page of keys."""

    #: The keys, in no order that can be relied on.
    keys: list[str]
    #: Where the next page begins; `None` on the last one.
    cursor: str | None


class Claim(Enum):
    """What became of a claim."""

    #: Nobody had claimed the key; now the owner has.
    NEW = "new"
    #: The same owner had claimed it before: Okta repeats the call.
    AGAIN = "again"
    #: Another owner has it.
    TAKEN = "taken"


class _Backend(Protocol):
    def get(self, key: str) -> bytes | None: ...

    def set(self, key: str, value: bytes) -> None: ...

    def delete(self, key: str) -> None: ...

    def exists(self, key: str) -> bool: ...

    def keys(self, cursor: str | None) -> Keys: ...

    def increment(self, key: str, by: int) -> int: ...

    def set_if_absent(self, key: str, value: bytes) -> bytes | None: ...


class Bucket:
    """The policy's own values, by keys. Another policy's are elsewhere.

    A read sees every write before it, whichever evaluation made it. Each method raises an
    `Error` if the operation did not succeed.
    """

    def __init__(self, backend: _Backend) -> None:
        self._backend = backend

    def get(self, key: str) -> bytes | None:
        """The value of a key; `None` if it is absent."""
        return self._backend.get(key)

    def set(self, key: str, value: str | bytes) -> None:
        """Sets the value of a key, whatever it was."""
        self._backend.set(key, _bytes(value))

    def delete(self, key: str) -> None:
        """Deletes a key. An absent one is no error."""
        self._backend.delete(key)

    def exists(self, key: str) -> bool:
        """Whether there is a value under a key."""
        return self._backend.exists(key)

    def keys(self, cursor: str | None = None) -> Keys:
        """One page of the keys: the first, or the one at a cursor."""
        return self._backend.keys(cursor)

    def increment(self, key: str, by: int = 1) -> int:
        """Adds to the number of a key, atomically, and returns the sum. An absent key
        counts as 0. The value is the number's decimal digits.
        """
        return self._backend.increment(key, by)

    def claim(self, key: str, owner: str) -> Claim:
        """Claims a key for an owner: of all owners that ever do, one has it. The owner
        stands under the key until the key expires or is deleted.

        For the owner take the call's `eventId`, so that Okta's repetition of a call is
        told from another call.
        """
        holder = self._backend.set_if_absent(key, owner.encode())
        if holder is None:
            return Claim.NEW
        return Claim.AGAIN if holder == owner.encode() else Claim.TAKEN


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


class _Host:
    """The host's store."""

    def __init__(self) -> None:
        self._bucket = _called(_store.open, "default")

    def get(self, key: str) -> bytes | None:
        value: bytes | None = _called(self._bucket.get, key)
        return value

    def set(self, key: str, value: bytes) -> None:
        _called(self._bucket.set, key, value)

    def delete(self, key: str) -> None:
        _called(self._bucket.delete, key)

    def exists(self, key: str) -> bool:
        found: bool = _called(self._bucket.exists, key)
        return found

    def keys(self, cursor: str | None) -> Keys:
        page = _called(self._bucket.list_keys, cursor)
        return Keys(page.keys, page.cursor)

    def increment(self, key: str, by: int) -> int:
        total: int = _called(_atomics.increment, self._bucket, key, by)
        return total

    def set_if_absent(self, key: str, value: bytes) -> bytes | None:
        cas = _called(_atomics.Cas.new, self._bucket, key)
        while True:
            holder: bytes | None = _called(cas.current)
            if holder is not None:
                return holder
            try:
                _atomics.swap(cas, value)
            except _host.Err as error:
                if not isinstance(error.value, _atomics.CasError_CasFailed):
                    raise _error(error.value.value) from None
                # Somebody else changed the key first: on from what is there now.
                cas = error.value.value
            else:
                return None


class _Ungranted:
    def __init__(self) -> None:
        raise AccessDenied


def _called(operation: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return operation(*arguments)
    except _host.Err as error:
        raise _error(error.value) from None


def _error(error: Any) -> Error:
    if isinstance(error, _store.Error_AccessDenied):
        return AccessDenied()
    if isinstance(error, _store.Error_NoSuchStore):
        return Error("other", "the host has no such store")
    return _other(error.value)


#: What opens the bucket; a fake in unit tests.
_open: Callable[[], Any] = _Ungranted if _store is None else _Host


def open_bucket() -> Bucket:
    """Opens the policy's bucket. Raises an `Error` if it was not granted, or the store
    cannot be reached.
    """
    return Bucket(_open())
