"""Datasets: lists and tables that somebody else edits.

Settings name a dataset, and the operator grants it. In settings written in TOML that is
`domains = { dataset = "denied-domains" }`:

    @dataclass
    class Rule:
        domains: dataset.Named


    def decide(call: Call, rule: Rule) -> Decision:
        domain = call.email_domain()
        if domain is not None and rule.domains.contains(domain):
            return Decision.deny_field("email", "Use another address.")
        return Decision.no_opinion()
"""

from typing import Any, NamedTuple, Protocol, Self

from hookwarden_sdk import _host, _json, _named
from hookwarden_sdk.failure import Failure

_bindings = _host.required(
    "hookwarden:policy/dataset@0.1.0",
    "hookwarden_sdk.dataset",
    "import hookwarden:policy/dataset@0.1.0;",
)


class Error(Failure):
    """Why a dataset could not be asked. Not caught, it is the policy's failure."""


class AccessDenied(Error):
    """The operator granted the policy no dataset of this name."""

    def __init__(self) -> None:
        super().__init__("other", "the policy was not granted the dataset")


class Unavailable(Error):
    """The dataset is granted, and has never been read."""

    def __init__(self) -> None:
        super().__init__("unavailable", "the dataset has never been read")


class NotSupported(Error):
    """The dataset is a list, and a record was asked for."""

    def __init__(self) -> None:
        message = "the dataset is a list, which has no records to look up"
        super().__init__("other", message)


class _Backend(Protocol):
    def contains(self, dataset: str, value: str) -> bool: ...

    def lookup(self, dataset: str, key: str) -> str | None: ...


class _Ungranted:
    def contains(self, dataset: str, value: str) -> bool:
        raise AccessDenied

    def lookup(self, dataset: str, key: str) -> str | None:
        raise AccessDenied


class _Host:
    def __init__(self, bindings: Any) -> None:
        self._bindings = bindings

    def contains(self, dataset: str, value: str) -> bool:
        try:
            found: bool = self._bindings.contains(dataset, value)
        except _host.Err as error:
            raise self._error(error.value) from None
        return found

    def lookup(self, dataset: str, key: str) -> str | None:
        try:
            record: str | None = self._bindings.lookup(dataset, key)
        except _host.Err as error:
            raise self._error(error.value) from None
        return record

    def _error(self, error: Any) -> Error:
        if isinstance(error, self._bindings.Error_AccessDenied):
            return AccessDenied()
        if isinstance(error, self._bindings.Error_Unavailable):
            return Unavailable()
        if isinstance(error, self._bindings.Error_NotSupported):
            return NotSupported()
        return Error("other", error.value)


#: What answers; a fake in unit tests.
_backend: _Backend = _Ungranted() if _bindings is None else _Host(_bindings)


def contains(dataset: str, value: str) -> bool:
    """Whether a value is in a dataset. What counts as being in it is the operator's choice:
    equal, equal without regard to case, a domain or one below it, an address in a network.
    Raises an `Error`.
    """
    return _backend.contains(dataset, value)


def lookup(dataset: str, key: str) -> Any:
    """The record under a key, as `json.loads` gives it; `None` if there is none. Of several
    that match, the longest. Raises an `Error`.
    """
    record = _backend.lookup(dataset, key)
    return None if record is None else _json.read(record)


class Named(NamedTuple):
    """A dataset that settings name: `{ dataset = "denied-domains" }`, and nothing else."""

    name: str

    @classmethod
    def from_setting(cls, value: Any) -> Self:
        """Reads the setting."""
        return cls(_named.name(value, "dataset"))

    def contains(self, value: str) -> bool:
        """Whether a value is in it; see `contains`."""
        return contains(self.name, value)

    def lookup(self, key: str) -> Any:
        """The record under a key; see `lookup`."""
        return lookup(self.name, key)
