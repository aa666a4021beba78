"""From a handler to the exports of a component."""

import inspect
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias, TypeVar, overload

from hookwarden_sdk._decision import Wire
from hookwarden_sdk.failure import Failure
from hookwarden_sdk.settings import Problem, Reader, SettingsError

if TYPE_CHECKING:
    from hookwarden_sdk import (
        password_import as _password_import,
        registration as _registration,
        saml as _saml,
        telephony as _telephony,
        token as _token,
        user_import as _user_import,
    )

C = TypeVar("C")
D = TypeVar("D")
S = TypeVar("S")

_Plain: TypeAlias = "Callable[[C], D] | None"
_Set: TypeAlias = "Callable[[C], D] | Callable[[C, S], D] | None"


class _Call(Protocol):
    """What a hook's module calls `Call`."""

    def __init__(self, json: str) -> None: ...


class _Hook(NamedTuple):
    """One hook of the component."""

    call: Callable[[str], Any]
    decide: Callable[..., Any]
    takes_settings: bool


class _Exports:
    """What the policy exports."""

    hooks: dict[str, _Hook] = {}
    settings: Reader[Any] | None = None


#: The hooks, as `export` and the modules of this package name them.
HOOKS = ("registration", "token", "saml", "user_import", "password_import", "telephony")


@overload
def export(
    *,
    registration: "_Plain[_registration.Call, _registration.Decision]" = None,
    token: "_Plain[_token.Call, _token.Decision]" = None,
    saml: "_Plain[_saml.Call, _saml.Decision]" = None,
    user_import: "_Plain[_user_import.Call, _user_import.Decision]" = None,
    password_import: "_Plain[_password_import.Call, _password_import.Decision]" = None,
    telephony: "_Plain[_telephony.Call, _telephony.Decision]" = None,
) -> None: ...


@overload
def export(
    *,
    registration: "_Set[_registration.Call, _registration.Decision, S]" = None,
    token: "_Set[_token.Call, _token.Decision, S]" = None,
    saml: "_Set[_saml.Call, _saml.Decision, S]" = None,
    user_import: "_Set[_user_import.Call, _user_import.Decision, S]" = None,
    password_import: "_Set[_password_import.Call, _password_import.Decision, S]" = None,
    telephony: "_Set[_telephony.Call, _telephony.Decision, S]" = None,
    settings: type[S],
) -> None: ...


def export(*, settings: Any = None, **handlers: Any) -> None:
    """Exports handlers, each for one hook, and a type of settings for all of them.

        export(registration=decide)
        export(registration=decide, token=tag, settings=Rule)

    A handler is a function of a call, or of a call and settings, and returns a decision or
    raises a `Failure`. With `settings` the component also exports the check of its
    settings; without it the host accepts only empty ones, and no handler can take any.

    Use it once, at the end of `policy.py`. The world in `wit/policy.wit` has to include
    the same.
    """
    given = {hook: handler for hook, handler in handlers.items() if handler is not None}
    unknown = [hook for hook in given if hook not in HOOKS]
    if unknown:
        raise TypeError(f"no hook `{unknown[0]}`: the hooks are {', '.join(HOOKS)}")
    if not given:
        raise TypeError("settings belong to a hook: `registration=decide, settings=Type`")
    _Exports.settings = None if settings is None else Reader(settings)
    _Exports.hooks = {hook: _hook(hook, handler) for hook, handler in given.items()}


def _hook(hook: str, handler: Callable[..., Any]) -> _Hook:
    module = sys.modules.get(f"hookwarden_sdk.{hook}")
    if module is None:
        raise TypeError(f"`{hook}`: its handler takes no `hookwarden_sdk.{hook}.Call`")
    taken = len(inspect.signature(handler).parameters)
    if taken not in (1, 2):
        raise TypeError(f"`{hook}`: a handler takes a call, or a call and settings")
    if taken == 2 and _Exports.settings is None:
        raise TypeError(f"`{hook}`: its handler takes settings: `settings=Type` is missing")
    return _Hook(module.Call, handler, taken == 2)


class Undecided(Exception):
    """A failure on its way to the host, and the line that is written to the log for it."""

    def __init__(self, failure: Failure, line: str | None = None) -> None:
        super().__init__(failure)
        self.failure = failure
        self.line = line


def run(hook: str, call: str, settings: str) -> Wire:
    """One call through one handler: what an export does. Raises `Undecided`."""
    try:
        exported = _Exports.hooks[hook]
        typed = exported.call(call)
        if exported.takes_settings and _Exports.settings is not None:
            decision = exported.decide(typed, _settings(_Exports.settings, settings))
        else:
            decision = exported.decide(typed)
        wire: Wire = decision._wire(typed)
    except Failure as failure:
        raise Undecided(failure) from None
    except BaseException as error:
        line = _position(error)
        raise Undecided(Failure.other(line), line) from None
    return wire


def check(settings: str) -> list[Problem]:
    """What is wrong with settings: what the export `settings.check` does."""
    reader = _Exports.settings
    if reader is None:
        return []
    try:
        return reader.check(reader.read(settings))
    except SettingsError as error:
        return error.problems
    except BaseException as error:
        return [Problem("", f"the policy's check {_position(error)}")]


def _settings(reader: Reader[S], json: str) -> S:
    try:
        return reader.read(json)
    except (SettingsError, ValueError):
        # They were checked when the policy was loaded.
        pass
    raise Failure.other("the settings are not those that were checked")


def _position(error: BaseException) -> str:
    """Where the author's code raised an exception, without its message: that may quote the
    call.
    """
    place = None
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if _is_author(file):
            place = f"{_Author.relative(file)}:{trace.tb_lineno}"
        trace = trace.tb_next
    raised = f"raised {type(error).__name__}"
    return raised if place is None else f"{raised} at {place}"


class _Author:
    """The author's folder, which `hookwarden_sdk.component` finds out."""

    folder: str | None = None

    @classmethod
    def relative(cls, file: str) -> str:
        return file.removeprefix(cls.folder or "").lstrip("/")


def set_folder(folder: str) -> None:
    """Says where the author's files are."""
    _Author.folder = folder.rstrip("/")


_SDK = __file__.rpartition("/")[0] + "/"


def _is_author(file: str) -> bool:
    if file.startswith((_SDK, "<")):
        return False
    folder = _Author.folder
    return folder is None or file.startswith(f"{folder}/")


def exported_hooks() -> list[str]:
    """The hooks that the policy exports."""
    return list(_Exports.hooks)


def exports_settings() -> bool:
    """Whether it exports the check of its settings."""
    return _Exports.settings is not None


def warm_up(hook: str, call: str) -> None:
    """Reads a call and writes an empty decision, as `run` does around the handler."""
    module = sys.modules[f"hookwarden_sdk.{hook}"]
    typed = _Exports.hooks[hook].call(call)
    module.Decision.no_opinion().with_reason("")._wire(typed)
    if hook == "registration":
        typed.email_domain()
        typed.is_progressive()
        typed.submitted().has("email")
        denial = module.Decision.deny_field("email", "no", code="NO").with_reason("")
        denial._wire(typed)
        module.Decision.set("a", "b").and_set("c", 1)._wire(typed)
    if _Exports.settings is not None:
        try:
            _settings(_Exports.settings, "{}")
        except Failure:
            return
