"""What the policy may know about its own evaluation.

The world has to import `hookwarden:policy/evaluation@0.1.0`, which needs no grant.
"""

from hookwarden_sdk import _host

_bindings = _host.required(
    "hookwarden:policy/evaluation@0.1.0",
    "hookwarden_sdk.evaluation",
    "import hookwarden:policy/evaluation@0.1.0;",
)

_UNBOUNDED = 2**32 - 1


def hook() -> str:
    """The name of the hook being answered, such as `registration`. In unit tests it is
    empty.
    """
    name: str = "" if _bindings is None else _bindings.hook()
    return name


def remaining() -> int:
    """How long until this evaluation is cut off, in whole milliseconds. In unit tests it
    is more than any evaluation has.
    """
    milliseconds: int = _UNBOUNDED if _bindings is None else _bindings.remaining()
    return milliseconds
