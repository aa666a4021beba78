"""Lines for the operator's log.

The host writes them only if the operator granted `log` to the policy, and otherwise counts
them. Keep personal data out: the host cannot tell it from other text. The world has to
import `hookwarden:policy/log@0.1.0`, which needs no grant. In unit tests the lines go
nowhere.
"""

from hookwarden_sdk import _host

_bindings = _host.required(
    "hookwarden:policy/log@0.1.0",
    "hookwarden_sdk.log",
    "import hookwarden:policy/log@0.1.0;",
)


def debug(message: str) -> None:
    """For the author, while writing the policy."""
    _write("DEBUG", message)


def info(message: str) -> None:
    """Worth knowing, nothing to do."""
    _write("INFO", message)


def warn(message: str) -> None:
    """Somebody should look at this."""
    _write("WARN", message)


def error(message: str) -> None:
    """The policy could not do its work."""
    _write("ERROR", message)


def _write(level: str, message: str) -> None:
    if _bindings is not None:
        _bindings.write(_bindings.Level[level], message)
