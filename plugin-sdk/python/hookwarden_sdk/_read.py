"""Reading members of a call. An error names the member and quotes nothing."""

from typing import Any

from hookwarden_sdk.failure import Failure


def _wrong(path: str, name: str) -> Failure:
    return Failure.invalid_call(f"`{path}{name}`: a member has the wrong type")


def table(of: dict[str, Any], path: str, name: str) -> dict[str, Any] | None:
    """A member that is an object; `None` if absent or `null`."""
    value = of.get(name)
    if value is None or isinstance(value, dict):
        return value
    raise _wrong(path, name)


def text(of: dict[str, Any], path: str, name: str) -> str | None:
    """A member that is text; `None` if absent or `null`."""
    value = of.get(name)
    if value is None or isinstance(value, str):
        return value
    raise _wrong(path, name)


def texts(of: dict[str, Any], path: str, name: str) -> list[str]:
    """A member that is a list of texts; empty if absent or `null`."""
    value = of.get(name)
    if value is None:
        return []
    if isinstance(value, list) and all(isinstance(element, str) for element in value):
        return value
    raise _wrong(path, name)


def truth(of: dict[str, Any], path: str, name: str) -> bool | None:
    """A member that is true or false; `None` if absent or `null`."""
    value = of.get(name)
    if value is None or isinstance(value, bool):
        return value
    raise _wrong(path, name)


def whole_number(of: dict[str, Any], path: str, name: str) -> int | None:
    """A member that is a whole number from 0; `None` if absent or `null`."""
    value = of.get(name)
    if value is None or (type(value) is int and value >= 0):
        return value
    raise _wrong(path, name)
