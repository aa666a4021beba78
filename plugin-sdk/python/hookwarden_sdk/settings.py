"""A policy's settings: what whoever deploys it may change without the author.

Settings are written in TOML beside the component and reach the policy as JSON. Their type
is a dataclass. They are checked when the policy is loaded: first by the annotations of the
members, then by the method `check`, if there is one.

    @dataclass
    class Rule:
        minimum_length: int
        message: str = "This name is too short."

        def check(self) -> Iterator[Problem]:
            if not 1 <= self.minimum_length <= 64:
                yield Problem("minimum_length", "must be from 1 to 64")

A member can be `str`, `int`, `float`, `bool`, `list[T]`, `dict[str, T]`, a dataclass, a
`Literal` of texts, `T | None`, a union of those, or a type with a class method
`from_setting`, such as `secrets.Named`. A member with a default can be left out, and one
that is not in the dataclass is a problem.
"""

import dataclasses
from collections.abc import Callable, Iterable
from types import NoneType, UnionType
from typing import (
    Any,
    Generic,
    Literal,
    NamedTuple,
    TypeAlias,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from hookwarden_sdk import _json

S = TypeVar("S")


class Problem(NamedTuple):
    """One thing that is wrong with the settings."""

    #: The member at fault, such as `domains[2]`. Empty for the whole.
    path: str
    #: What is wrong, and what would be right.
    message: str


class SettingsError(Exception):
    """Settings that are wrong."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems)
        self.problems = problems


def from_json(kind: type[S], json: str) -> S:
    """Reads settings from JSON and checks them. Raises a `SettingsError` with every
    problem found.
    """
    reader: Reader[S] = Reader(kind)
    settings = reader.read(json)
    problems = reader.check(settings)
    if problems:
        raise SettingsError(problems)
    return settings


#: Reads one value. What is wrong is added to the list, and then the result is anything.
_Read: TypeAlias = Callable[[Any, str, list[Problem]], Any]


class Reader(Generic[S]):
    """What reads settings of a type. Its annotations are taken apart once."""

    def __init__(self, kind: type[S]) -> None:
        if not dataclasses.is_dataclass(kind):
            raise TypeError(f"`{kind.__name__}` is no dataclass: write `@dataclass` above it")
        self._read = _table(kind)

    def read(self, json: str) -> S:
        """The settings, by their types alone. Raises a `SettingsError`."""
        problems: list[Problem] = []
        settings: S = self._read(_json.read(json), "", problems)
        if problems:
            raise SettingsError(problems)
        return settings

    def check(self, settings: S) -> list[Problem]:
        """What the author's own check finds."""
        check: Callable[[], Iterable[Problem] | None] | None
        check = getattr(settings, "check", None)
        return [] if check is None else list(check() or [])


def _reader(kind: Any, where: str) -> _Read:
    """What reads a value of an annotated type."""
    origin, arguments = get_origin(kind), get_args(kind)
    if kind in _SCALARS:
        return _scalar(kind)
    if kind is Any or kind is object:
        return lambda value, _path, _problems: value
    if kind is list or origin is list:
        return _list(_reader(arguments[0] if arguments else Any, where), arguments)
    if kind is dict or origin is dict:
        if arguments and arguments[0] is not str:
            raise TypeError(f"{where}: the names of a `dict` in settings are `str`")
        return _dict(_reader(arguments[1] if arguments else Any, where))
    if origin is Literal:
        return _literal(arguments)
    if origin is Union or origin is UnionType:
        return _union(arguments, where)
    if dataclasses.is_dataclass(kind):
        return _table(kind)
    if hasattr(kind, "from_setting"):
        return _named(kind.from_setting)
    raise TypeError(f"{where}: `{kind}` cannot be the type of a setting")


_SCALARS: dict[Any, str] = {
    str: "a string",
    int: "an integer",
    float: "a number",
    bool: "a boolean",
    NoneType: "null",
}


def _expected(kind: Any) -> str:
    origin = get_origin(kind)
    if kind in _SCALARS:
        return _SCALARS[kind]
    if kind is list or origin is list:
        return "a sequence"
    if kind is dict or origin is dict or dataclasses.is_dataclass(kind):
        return "a map"
    return "a value of another type"


def _shown(value: Any) -> str:
    """A value in the words in which policies in Rust show it."""
    match value:
        case None:
            return "null"
        case bool():
            return f"boolean `{'true' if value else 'false'}`"
        case int():
            return f"integer `{value}`"
        case float():
            return f"floating point `{value}`"
        case str():
            return f"string {_json.write(value)}"
        case list():
            return "sequence"
        case _:
            return "map"


def _wrong(value: Any, path: str, expected: str) -> Problem:
    return Problem(path, f"invalid type: {_shown(value)}, expected {expected}")


def _scalar(kind: Any) -> _Read:
    def read(value: Any, path: str, problems: list[Problem]) -> Any:
        if type(value) is kind:
            return value
        if kind is float and type(value) is int:
            return float(value)
        problems.append(_wrong(value, path, _SCALARS[kind]))

    return read


def _list(element: _Read, arguments: tuple[Any, ...]) -> _Read:
    # What JSON has as it is needs no look at each element of a long list.
    plain = {arguments[0]} if arguments and arguments[0] in (str, int, bool) else None

    def read(value: Any, path: str, problems: list[Problem]) -> Any:
        if type(value) is not list:
            problems.append(_wrong(value, path, "a sequence"))
            return None
        if plain is not None and plain.issuperset(map(type, value)):
            return value
        return [element(item, f"{path}[{at}]", problems) for at, item in enumerate(value)]

    return read


def _member(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _dict(member: _Read) -> _Read:
    def read(value: Any, path: str, problems: list[Problem]) -> Any:
        if type(value) is not dict:
            problems.append(_wrong(value, path, "a map"))
            return None
        return {
            name: member(item, _member(path, name), problems) for name, item in value.items()
        }

    return read


def _literal(choices: tuple[Any, ...]) -> _Read:
    def read(value: Any, path: str, problems: list[Problem]) -> Any:
        for choice in choices:
            if type(choice) is type(value) and choice == value:
                return value
        if isinstance(value, str):
            message = f"unknown variant `{value}`, expected {_one_of(choices)}"
            problems.append(Problem(path, message))
        else:
            problems.append(_wrong(value, path, _one_of(choices)))

    return read


def _union(kinds: tuple[Any, ...], where: str) -> _Read:
    # A whole number is one, also where a number is expected.
    ordered = sorted(kinds, key=lambda kind: kind is float)
    readers = [(kind, _reader(kind, where)) for kind in ordered]
    expected = " or ".join(_expected(kind) for kind in kinds if kind is not NoneType)

    def read(value: Any, path: str, problems: list[Problem]) -> Any:
        found: list[Problem] = []
        for kind, reader in readers:
            own: list[Problem] = []
            result = reader(value, path, own)
            if not own:
                return result
            # The problems inside of the one that is meant say more.
            if kind is not NoneType and kind not in _SCALARS and not _is_about(own, path):
                found = own
        only = [reader for kind, reader in readers if kind is not NoneType]
        if len(only) == 1:
            only[0](value, path, problems)
        else:
            problems.extend(found or [_wrong(value, path, expected)])

    return read


def _is_about(problems: list[Problem], path: str) -> bool:
    return len(problems) == 1 and problems[0].path == path


def _named(from_setting: Callable[[Any], Any]) -> _Read:
    def read(value: Any, path: str, problems: list[Problem]) -> Any:
        try:
            return from_setting(value)
        except ValueError as error:
            problems.append(Problem(path, str(error)))

    return read


def _one_of(names: Iterable[Any]) -> str:
    quoted = [f"`{name}`" for name in names]
    match len(quoted):
        case 0:
            return "nothing"
        case 1:
            return quoted[0]
        case 2:
            return f"{quoted[0]} or {quoted[1]}"
        case _:
            return f"one of {', '.join(quoted)}"


def _table(kind: Any) -> _Read:
    hints = get_type_hints(kind)
    fields = [field for field in dataclasses.fields(kind) if field.init]
    readers: dict[str, _Read] = {}
    for field in fields:
        readers[field.name] = _reader(hints[field.name], f"`{kind.__name__}.{field.name}`")
    needed = [field.name for field in fields if not _may_be_absent(field, hints)]
    absent = {
        field.name: None
        for field in fields
        if field.name not in needed and not _has_default(field)
    }

    def read(value: Any, path: str, problems: list[Problem]) -> Any:
        if type(value) is not dict:
            expected = f"struct {kind.__name__}"
            problems.append(_wrong(value, path, expected))
            return None
        before = len(problems)
        members: dict[str, Any] = dict(absent)
        for name, item in value.items():
            reader = readers.get(name)
            if reader is not None:
                members[name] = reader(item, _member(path, name), problems)
                continue
            known = f"expected {_one_of(readers)}" if readers else "there are no fields"
            problems.append(Problem(_member(path, name), f"unknown field `{name}`, {known}"))
        for name in needed:
            if name not in value:
                problems.append(Problem(path, f"missing field `{name}`"))
        return kind(**members) if len(problems) == before else None

    return read


def _has_default(field: "dataclasses.Field[Any]") -> bool:
    missing = dataclasses.MISSING
    return field.default is not missing or field.default_factory is not missing


def _may_be_absent(field: "dataclasses.Field[Any]", hints: dict[str, Any]) -> bool:
    return _has_default(field) or NoneType in get_args(hints[field.name])
