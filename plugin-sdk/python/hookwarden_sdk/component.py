"""The module that becomes the component: it imports `policy` and has a class for each
interface that the policy exports, as componentize-py wants it.

Whatever is imported here is so while the component is built, and stands in its memory
from the start.
"""

import importlib
import sys
from typing import Any

from hookwarden_sdk import _export, _host
from hookwarden_sdk._decision import Wire, WireCause, WireError
from hookwarden_sdk.failure import Failure

_types = _host.optional("hookwarden:policy/types@0.1.0")
_log = _host.optional("hookwarden:policy/log@0.1.0")


def _exported_class(interface: str) -> str:
    """The name of an exported interface's class: `HookwardenPolicyUserImport010`."""
    words = "".join([word.capitalize() for word in interface.split("_")])
    return f"HookwardenPolicy{words}010"


def _class_of(hook: str) -> type:
    class Policy:
        def decide(self, call: str, settings: str) -> Any:
            return _decide(hook, call, settings)

    return Policy


class _Settings:
    def check(self, settings: str) -> None:
        problems = _export.check(settings)
        if problems:
            module = importlib.import_module(
                "wit_world.exports.hookwarden_policy_settings_0_1_0"
            )
            raise _host.Err([module.Problem(path, _text(why)) for path, why in problems])


def _decide(hook: str, call: str, settings: str) -> Any:
    if _random is not None:
        # What was drawn for the seed while the component was built is the same in each
        # evaluation.
        _random.seed()
    try:
        return _decision(_export.run(hook, call, settings))
    except _export.Undecided as undecided:
        if undecided.line is not None and _log is not None:
            _log.write(_log.Level.ERROR, undecided.line)
        failure = _failure(undecided.failure)
    raise _host.Err(failure)


def _text(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _decision(wire: Wire) -> Any:
    error = None
    if wire.error is not None:
        causes = [
            _types.ErrorCause(cause.summary, cause.reason, None, cause.location, None)
            for cause in wire.error.causes
        ]
        error = _types.OktaError(wire.error.summary, causes)
    commands = [_types.Command(literal, value) for literal, value in wire.commands]
    return _types.Decision(commands, error, wire.debug_context, wire.reason)


def _failure(failure: Failure) -> Any:
    kinds = {
        "invalid-call": "Failure_InvalidCall",
        "unavailable": "Failure_Unavailable",
        "other": "Failure_Other",
    }
    return getattr(_types, kinds[failure.kind])(_text(failure.message))


def _compare(exported: set[str]) -> None:
    """The world and `export` have to say the same."""
    exports = importlib.import_module("wit_world.exports")
    every = (*_export.HOOKS, "settings")
    in_world = {name for name in every if hasattr(exports, _exported_class(name))}
    for name in sorted(in_world - exported):
        raise ImportError(
            f"the world in `wit/policy.wit` has `{name}`, and `policy.py` does not export it"
        )
    for name in sorted(exported - in_world):
        world = "settings-check" if name == "settings" else f"{name.replace('_', '-')}-policy"
        raise ImportError(
            f"`policy.py` exports `{name}`: add `include hookwarden:policy/{world}@0.1.0;` "
            "to the world in `wit/policy.wit`"
        )


#: A call that every hook's module can read.
_SAMPLE = (
    '{"eventId":"","requestType":null,"data":{"context":{"request":{"ipAddress":""},'
    '"credential":{"username":"","password":""}},"userProfile":{"email":"a@b.example"}}}'
)


def _warm_up() -> None:
    """Runs what every call runs. Python specializes code by what it saw, which then stands
    in the component's memory and is not done again in each evaluation.
    """
    from hookwarden_sdk import email

    cause = WireCause("", "", "")
    for _ in range(20):
        for hook in _export.exported_hooks():
            _export.warm_up(hook, _SAMPLE)
        email.domain("a@b.example")
        email.is_same_domain("a.example", "a.example")
        _decision(Wire([("", "{}")], WireError(None, [cause]), None, ""))


if _host.IN_COMPONENT:
    _policy = importlib.import_module("policy")
    _export.set_folder((_policy.__file__ or "").rpartition("/")[0])
    _exports: dict[str, type] = {hook: _class_of(hook) for hook in _export.exported_hooks()}
    if _export.exports_settings():
        _exports["settings"] = _Settings
    _compare(set(_exports))
    if _export.exports_settings():
        # Nothing can be imported later.
        importlib.import_module("wit_world.exports.hookwarden_policy_settings_0_1_0")
    globals().update({_exported_class(name): kind for name, kind in _exports.items()})
    _warm_up()

_random = sys.modules.get("random")
