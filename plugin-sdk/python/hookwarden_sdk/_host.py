"""The bindings of the component that this runs in, if it runs in one.

They exist only while a component is built and in the component itself. Everywhere else,
as in unit tests, there are none, and the fakes of `hookwarden_sdk.testing` answer.
"""

import importlib
import sys
from typing import Any

#: Whether this is the Python of a component.
IN_COMPONENT = sys.platform == "wasi"



class _NoErr(Exception):
    value: Any


#: What the bindings raise for the error of a `result`; its `value` is the error.
Err: type[Any] = (
    importlib.import_module("componentize_py_types").Err if IN_COMPONENT else _NoErr
)

#: The interfaces that the SDK uses, as the bindings name them.
_MODULES = {
    "hookwarden:policy/types@0.1.0": "hookwarden_policy_types_0_1_0",
    "hookwarden:policy/log@0.1.0": "hookwarden_policy_log_0_1_0",
    "hookwarden:policy/evaluation@0.1.0": "hookwarden_policy_evaluation_0_1_0",
    "hookwarden:policy/secrets@0.1.0": "hookwarden_policy_secrets_0_1_0",
    "hookwarden:policy/dataset@0.1.0": "hookwarden_policy_dataset_0_1_0",
    "wasi:keyvalue/store@0.2.0-draft2": "wasi_keyvalue_store_0_2_0_draft2",
    "wasi:keyvalue/atomics@0.2.0-draft2": "wasi_keyvalue_atomics_0_2_0_draft2",
    "wasi:keyvalue/batch@0.2.0-draft2": "wasi_keyvalue_batch_0_2_0_draft2",
    "wasi:http/outgoing-handler@0.2.12": "wasi_http_outgoing_handler_0_2_12",
    "wasi:http/types@0.2.12": "wasi_http_types_0_2_12",
    "wasi:io/streams@0.2.12": "wasi_io_streams_0_2_12",
}


def optional(interface: str) -> Any:
    """The bindings of an interface; `None` if the component does not import it."""
    if not IN_COMPONENT:
        return None
    try:
        return importlib.import_module(f"wit_world.imports.{_MODULES[interface]}")
    except ModuleNotFoundError:
        return None


def required(interface: str, module: str, line: str) -> Any:
    """The bindings of an interface that a module of the SDK is about; `None` outside a
    component. `line` is what the world has to say.
    """
    bindings = optional(interface)
    if IN_COMPONENT and bindings is None:
        raise ImportError(
            f"`{module}` needs what the world in `wit/policy.wit` does not import: add `{line}`"
        )
    return bindings
