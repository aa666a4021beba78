"""JSON as the host takes it: compact, UTF-8, numbers that a 64-bit float can hold."""

from collections.abc import Mapping, Sequence
from json.decoder import JSONDecodeError, JSONDecoder
from json.encoder import encode_basestring
from math import isfinite
from typing import Any, TypeAlias

from hookwarden_sdk.failure import Failure

#: What can be written as JSON.
Json: TypeAlias = (
    "None | bool | int | float | str | Sequence[Json] | Mapping[str, Json]"
)

_WHITESPACE = " \t\n\r"
_decoder = JSONDecoder()
# What `JSONDecoder.decode` comes down to, without its regular expressions: they cost as
# much as reading a small text.
_scan: Any = getattr(_decoder, "scan_once")


def read(text: str) -> Any:
    """Reads JSON. Raises a `ValueError` that quotes nothing."""
    stripped = text.strip(_WHITESPACE)
    try:
        value, end = _scan(stripped, 0)
    except (StopIteration, ValueError):
        end = -1
    if end == len(stripped):
        return value
    raise ValueError(_where(text))


def _where(text: str) -> str:
    try:
        _decoder.decode(text)
    except JSONDecodeError as error:
        return f"not JSON, at line {error.lineno}, column {error.colno}"
    return "not JSON"


def write(value: Json) -> str:
    """Writes JSON. Raises a `Failure` for what is none."""
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Mapping):
        members = [f"{_name(name)}:{write(member)}" for name, member in value.items()]
        return "{" + ",".join(members) + "}"
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return "[" + ",".join([write(element) for element in value]) + "]"
    raise Failure.other(f"a value of type `{type(value).__name__}` is no JSON")


def _name(name: object) -> str:
    if isinstance(name, str):
        return encode_basestring(name)
    raise Failure.other("a member's name is not text")


def _number(value: float) -> str:
    """The shortest form, as policies in Rust write it."""
    if not isfinite(value):
        raise Failure.other("a number is infinite, or none")
    text = float.__repr__(value)
    mantissa, found, exponent = text.partition("e")
    if not found:
        return text
    if exponent == "-05":
        sign, digits = ("-", mantissa[1:]) if mantissa[0] == "-" else ("", mantissa)
        return f"{sign}0.0000{digits.replace('.', '')}"
    return f"{mantissa}e{int(exponent)}"
