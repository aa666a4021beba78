"""The SAML assertion hook: Okta asks before it issues an assertion of a custom
application.

A `Call` is a person who signs in to an application, with the assertion as it would be; a
`Decision` is what the policy has to say about it: nothing, a refusal, or a `Patch` of the
assertion.

A value to replace in an attribute that the assertion does not have is left out: Okta does
not accept a replacement of nothing. Nothing can be removed: for assertions Okta knows
`add` and `replace` alone.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from hookwarden_sdk import _json, _patch, _read
from hookwarden_sdk._copy import copied
from hookwarden_sdk._decision import Remarked, Wire, WireError, error
from hookwarden_sdk._json import Json
from hookwarden_sdk._patch import Operation, pointer
from hookwarden_sdk.context import IdentityProvider, Part, Request, Session, User
from hookwarden_sdk.envelope import WithSession
from hookwarden_sdk.failure import Failure

__all__ = [
    "Attribute",
    "AttributeValue",
    "Authentication",
    "Call",
    "Decision",
    "IdentityProvider",
    "Issuer",
    "NameFormat",
    "Patch",
    "Request",
    "Session",
    "Subject",
    "User",
]


class NameFormat:
    """How an attribute is named: one of these, or another URI."""

    BASIC = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"
    UNSPECIFIED = "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified"
    URI = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"


class AttributeValue(NamedTuple):
    """One value of an attribute."""

    #: The value as text.
    text: str
    #: Its XML type, such as `xs:string`, if Okta says.
    xsi_type: str | None = "xs:string"


class Attribute(NamedTuple):
    """An attribute of an assertion: its values, and how they are named and typed."""

    values: tuple[AttributeValue, ...]
    #: A URI, such as those of `NameFormat`.
    name_format: str | None = None

    @staticmethod
    def texts(texts: Iterable[str]) -> "Attribute":
        """An attribute with several texts."""
        return Attribute(tuple([AttributeValue(text) for text in texts]))

    @staticmethod
    def integer(value: int) -> "Attribute":
        """An attribute with a whole number."""
        return Attribute((AttributeValue(str(value), "xs:integer"),))

    @staticmethod
    def boolean(value: bool) -> "Attribute":
        """An attribute that is true or false."""
        return Attribute((AttributeValue("true" if value else "false", "xs:boolean"),))

    def first(self) -> str | None:
        """The first value."""
        return self.values[0].text if self.values else None

    def contains(self, text: str) -> bool:
        """Whether a text is among the values."""
        return any(value.text == text for value in self.values)

    def _json(self) -> str:
        values: list[Json] = [
            {"attributes": {"xsi:type": value.xsi_type or "xs:string"}, "value": value.text}
            for value in self.values
        ]
        name_format = self.name_format or NameFormat.UNSPECIFIED
        naming = {"NameFormat": name_format}
        return _json.write({"attributes": naming, "attributeValues": values})


def _attribute(members: dict[str, Any], path: str) -> Attribute:
    naming = _read.table(members, path, "attributes") or {}
    listed = members.get("attributeValues") or []
    if not isinstance(listed, list) or not all(isinstance(value, dict) for value in listed):
        raise Failure.invalid_call(f"`{path}attributeValues`: a member has the wrong type")
    values = []
    for value in listed:
        typing = _read.table(value, f"{path}attributeValues.", "attributes") or {}
        text = value.get("value")
        if text is None:
            text = ""
        elif not isinstance(text, str):
            # A number, a truth value: its JSON is its text.
            text = _json.write(text)
        xsi_type = _read.text(typing, f"{path}attributeValues.attributes.", "xsi:type")
        values.append(AttributeValue(text, xsi_type))
    name_format = _read.text(naming, f"{path}attributes.", "NameFormat")
    return Attribute(tuple(values), name_format)


class Subject(Part):
    """Whom the assertion is about."""

    __slots__ = ()

    def name_id(self) -> str | None:
        """The name id, such as the user's login."""
        return self._text("nameId")

    def name_format(self) -> str | None:
        """The URI of its format."""
        return self._text("nameFormat")

    def confirmation_method(self) -> str | None:
        """The URI of the method by which the subject is confirmed."""
        return _read.text(self._confirmation(), f"{self._path}confirmation.", "method")

    def recipient(self) -> str | None:
        """The URL that the assertion is for."""
        path = f"{self._path}confirmation."
        data = _read.table(self._confirmation(), path, "data") or {}
        return _read.text(data, f"{path}data.", "recipient")

    def _confirmation(self) -> dict[str, Any]:
        return _read.table(self._members, self._path, "confirmation") or {}


class Authentication(Part):
    """How the person signed in."""

    __slots__ = ()

    def session_index(self) -> str | None:
        """The index of the session."""
        return self._text("sessionIndex")

    def context_class(self) -> str | None:
        """The URI of the authentication context's class."""
        context = _read.table(self._members, self._path, "authnContext") or {}
        return _read.text(context, f"{self._path}authnContext.", "authnContextClassRef")


class Issuer(Part):
    """The application that the person signs in to."""

    __slots__ = ()

    def id(self) -> str | None:
        """Okta's id of it."""
        return self._text("id")

    def name(self) -> str | None:
        """Its name."""
        return self._text("name")

    def uri(self) -> str | None:
        """Its URI."""
        return self._text("uri")


class Call(WithSession):
    """A call of the SAML assertion hook."""

    __slots__ = ("_assertion",)

    def __init__(self, json: str) -> None:
        super().__init__(json)
        self._assertion = _read.table(self._data, "data.", "assertion") or {}

    def _part(self, name: str) -> dict[str, Any] | None:
        return _read.table(self._assertion, "data.assertion.", name)

    def subject(self) -> Subject | None:
        """Whom the assertion is about."""
        members = self._part("subject")
        return None if members is None else Subject(members, "data.assertion.subject.")

    def name_id(self) -> str | None:
        """The name id, such as the user's login."""
        subject = self.subject()
        return None if subject is None else subject.name_id()

    def authentication(self) -> Authentication | None:
        """How the person signed in."""
        members = self._part("authentication")
        path = "data.assertion.authentication."
        return None if members is None else Authentication(members, path)

    def audiences(self) -> list[str]:
        """The audiences that the assertion is restricted to."""
        conditions = self._part("conditions") or {}
        return _read.texts(conditions, "data.assertion.conditions.", "audienceRestriction")

    def lifetime(self) -> int | None:
        """How long the assertion is valid, in seconds."""
        lifetime = self._part("lifetime") or {}
        return _read.whole_number(lifetime, "data.assertion.lifetime.", "expiration")

    def attribute(self, name: str) -> Attribute | None:
        """An attribute of the assertion."""
        claims = self._part("claims") or {}
        members = _read.table(claims, "data.assertion.claims.", name)
        return None if members is None else _attribute(members, "data.assertion.claims.*.")

    def attribute_names(self) -> Iterator[str]:
        """The names of all attributes."""
        return iter(self._part("claims") or {})

    def issuer(self) -> Issuer | None:
        """The application that the person signs in to."""
        protocol = self._context_member("protocol") or {}
        members = _read.table(protocol, "data.context.protocol.", "issuer")
        return None if members is None else Issuer(members, "data.context.protocol.issuer.")


class _Change(NamedTuple):
    operation: Operation
    #: The attribute that it is about, if any.
    attribute: str | None = None
    #: How many values it gives the attribute; else the position of the one it replaces.
    values: int = 0
    position: int | None = None


class Patch:
    """What is to change in an assertion. A patch is a value: each method returns another
    one, with one more change.
    """

    def __init__(self) -> None:
        self._changes: tuple[_Change, ...] = ()
        self._mistake: str | None = None

    def set_attribute(self, name: str, attribute: Attribute | str) -> "Patch":
        """Gives an attribute these values, whether or not it has any. Without a value it
        says nothing.
        """
        if isinstance(attribute, str):
            attribute = Attribute.texts([attribute])
        mistake = None if name else "sets an attribute that has no name"
        if not attribute.values:
            return self._and([], mistake)
        operation = Operation("add", pointer("/claims", [name]), attribute._json())
        change = _Change(operation, name, len(attribute.values))
        return self._and([change], mistake)

    def replace_value(self, name: str, position: int, text: str) -> "Patch":
        """Replaces one value of an attribute. Nothing if there is none at the position."""
        path = pointer("/claims", [name, "attributeValues", str(position), "value"])
        operation = Operation("replace", path, _json.write(text))
        return self._and([_Change(operation, name, position=position)])

    def name_id(self, name: str) -> "Patch":
        """Replaces the name id."""
        mistake = None if name.strip() else "sets a blank name id"
        return self._replace("/subject/nameId", _json.write(name), mistake)

    def name_id_format(self, uri: str) -> "Patch":
        """Replaces the format of the name id."""
        return self._replace("/subject/nameFormat", _json.write(uri))

    def context_class(self, uri: str) -> "Patch":
        """Replaces the class of the authentication context."""
        value = _json.write({"authnContextClassRef": uri})
        return self._replace("/authentication/authnContext", value)

    def session_index(self, index: str) -> "Patch":
        """Replaces the index of the session."""
        return self._replace("/authentication/sessionIndex", _json.write(index))

    def session_lifetime(self, seconds: int) -> "Patch":
        """Sets how long the session at the application may last, in seconds."""
        mistake = None if seconds > 0 else "sets a session lifetime of less than a second"
        operation = Operation("add", "/authentication/sessionLifetime", str(seconds))
        return self._and([_Change(operation)], mistake)

    def audiences(self, audiences: Iterable[str]) -> "Patch":
        """Replaces the audiences that the assertion is restricted to."""
        listed = list(audiences)
        mistake = None if listed else "restricts the assertion to no audience"
        return self._replace("/conditions/audienceRestriction", _json.write(listed), mistake)

    def then(self, patch: "Patch") -> "Patch":
        """The changes of this one, then those of another."""
        return self._and(patch._changes, patch._mistake)

    def _replace(self, path: str, value: str, mistake: str | None = None) -> "Patch":
        return self._and([_Change(Operation("replace", path, value))], mistake)

    def _and(self, changes: Iterable[_Change], mistake: str | None = None) -> "Patch":
        other = copied(self)
        other._changes = (*self._changes, *changes)
        other._mistake = self._mistake or mistake
        return other

    def _resolve(self, call: Call) -> list[Operation]:
        if self._mistake is not None:
            raise Failure.other(self._mistake)
        operations = []
        set_before: dict[str, int] = {}
        for operation, name, values, position in self._changes:
            if name is not None and position is None:
                set_before[name] = values
            elif name is not None and position is not None:
                if name not in set_before:
                    attribute = call.attribute(name)
                    set_before[name] = 0 if attribute is None else len(attribute.values)
                if not 0 <= position < set_before[name]:
                    continue
            operations.append(operation)
        return operations

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Patch):
            return False
        return (self._changes, self._mistake) == (other._changes, other._mistake)

    def __repr__(self) -> str:
        return f"Patch({[(change.operation.op, change.operation.path) for change in self._changes]})"


class Decision(Remarked):
    """What the policy has to say about an assertion: no opinion, a refusal, or a patch. A
    refusal stands alone: what a decision changed before is dropped with it. A decision is
    a value: each method returns another one.
    """

    def __init__(self) -> None:
        self._patch = Patch()
        self._error: WireError | None = None
        self._reason = None
        self._debug_context = None

    @staticmethod
    def no_opinion() -> "Decision":
        """No opinion: as far as this policy is concerned the person signs in. Another
        policy may still deny.
        """
        return Decision()

    @staticmethod
    def deny(message: str) -> "Decision":
        """Refuses the sign-on. The person reads this text; with a blank one, Okta's own."""
        decision = Decision()
        decision._error = error(message)
        return decision

    @staticmethod
    def set_attribute(name: str, attribute: Attribute | str) -> "Decision":
        """Gives an attribute these values, whether or not it has any."""
        return Decision().and_set_attribute(name, attribute)

    @staticmethod
    def patch(patch: Patch) -> "Decision":
        """Changes the assertion."""
        return Decision().and_patch(patch)

    def and_set_attribute(self, name: str, attribute: Attribute | str) -> "Decision":
        """Gives one more attribute values. On a refusal this does nothing."""
        return self.and_patch(Patch().set_attribute(name, attribute))

    def and_patch(self, patch: Patch) -> "Decision":
        """Changes the assertion too, after what was changed before. On a refusal this
        does nothing.
        """
        other = copied(self)
        if self._error is None:
            other._patch = self._patch.then(patch)
        return other

    def is_denial(self) -> bool:
        """Whether this denies."""
        return self._error is not None

    def _wire(self, call: Call) -> Wire:
        commands: list[tuple[str, str]] = []
        if self._error is None:
            operations = self._patch._resolve(call)
            if operations:
                commands.append(("com.okta.assertion.patch", _patch.write(operations)))
        return Wire(commands, self._error, self._debug_context, self._reason)
