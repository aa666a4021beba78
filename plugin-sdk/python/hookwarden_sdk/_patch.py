"""Patches of what Okta is about to issue, as its commands carry them: operations after
RFC 6902, with places as JSON Pointers (RFC 6901).
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from hookwarden_sdk import _json


class Operation(NamedTuple):
    """One operation. Its value is JSON already."""

    op: Literal["add", "replace", "remove"]
    path: str
    value: str | None = None


def pointer(top: str, names: Iterable[str]) -> str:
    """The pointer to a member below `top`, which is a pointer itself. Each name is one
    step, whatever is in it: a claim can be named by a URI.
    """
    steps = [name.replace("~", "~0").replace("/", "~1") for name in names]
    return "/".join([top, *steps])


def write(operations: Iterable[Operation]) -> str:
    """The operations as the `value` of a command: a list of `{"op", "path", "value"}`."""
    return "[" + ",".join([_written(operation) for operation in operations]) + "]"


def _written(operation: Operation) -> str:
    op, path, value = operation
    written = f'{{"op":"{op}","path":{_json.write(path)}'
    return written + ("}" if value is None else f',"value":{value}}}')
