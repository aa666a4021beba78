"""Secrets: values that must not stand in settings, such as keys and tokens.

Settings name a secret, and the operator binds the name to a value, for one policy alone.
In settings written in TOML that is `token = { secret = "crm-token" }`:

    @dataclass
    class Rule:
        token: secrets.Named


    def decide(call: Call, rule: Rule) -> Decision:
        token = rule.token.value()
        ...
"""

from collections.abc import Callable
from typing import Any, NamedTuple, Self

from hookwarden_sdk import _host, _named
from hookwarden_sdk.failure import Failure

_bindings = _host.required(
    "hookwarden:policy/secrets@0.1.0",
    "hookwarden_sdk.secrets",
    "import hookwarden:policy/secrets@0.1.0;",
)


def _unbound(name: str) -> str | None:
    return None


#: What answers; a fake in unit tests.
_backend: Callable[[str], str | None] = _unbound if _bindings is None else _bindings.get


class Secret:
    """The value of a secret. Printing it does not show it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself. It must not leave the policy except to the service that it is
        for.
        """
        return self._value

    def __repr__(self) -> str:
        return "Secret(..)"


def get(name: str) -> Secret | None:
    """The value that the operator bound to a name; `None` if there is none. It may change
    between two evaluations, never within one.
    """
    value = _backend(name)
    return None if value is None else Secret(value)


class Named(NamedTuple):
    """A secret that settings name: `{ secret = "crm-token" }`, and nothing else."""

    name: str

    @classmethod
    def from_setting(cls, value: Any) -> Self:
        """Reads the setting."""
        return cls(_named.name(value, "secret"))

    def value(self) -> Secret:
        """The value. Raises a `Failure` if the operator bound none."""
        secret = get(self.name)
        if secret is None:
            raise Failure.unavailable(f"no value is bound to the secret `{self.name}`")
        return secret
