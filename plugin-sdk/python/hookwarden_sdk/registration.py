"""The registration hook: Okta asks before it creates or changes a user.

A `Call` is a person signing up or completing a profile; a `Decision` is what the policy
has to say about it.
"""

from collections.abc import Iterable
from enum import Enum
from typing import Any, NamedTuple

from hookwarden_sdk import _read, email
from hookwarden_sdk._copy import copied
from hookwarden_sdk._decision import Remarked, Wire, WireCause, WireError
from hookwarden_sdk._json import Json
from hookwarden_sdk._updates import Updates, updated, written
from hookwarden_sdk.attributes import Attributes
from hookwarden_sdk.context import Request, User
from hookwarden_sdk.envelope import WithUser
from hookwarden_sdk.failure import Failure

__all__ = ["Call", "Cause", "Decision", "Request", "RequestType", "User"]


class RequestType(Enum):
    """Which of the registration calls this is."""

    #: A person signs up (Identity Engine, `self.service.registration`).
    SELF_SERVICE_REGISTRATION = "self.service.registration"
    #: A person completes or changes a profile (`progressive.profile`).
    PROGRESSIVE_PROFILE = "progressive.profile"
    #: A person signs up in an org on Classic Engine, which sends no `requestType`. To a
    #: policy this is the same as `SELF_SERVICE_REGISTRATION`.
    CLASSIC = "classic"


class Call(WithUser):
    """A call of the registration hook."""

    __slots__ = ("_request_type", "_submitted")

    def __init__(self, json: str) -> None:
        super().__init__(json)
        profile = _read.table(self._data, "data.", "userProfile")
        update = _read.table(self._data, "data.", "userProfileUpdate")
        self._request_type = _request_type(self._body, profile, update)
        self._submitted = Attributes(update if self.is_progressive() else profile)

    def request_type(self) -> RequestType:
        """Which of the registration calls this is."""
        return self._request_type

    def is_progressive(self) -> bool:
        """Whether a person completes a profile, rather than signs up."""
        return self._request_type is RequestType.PROGRESSIVE_PROFILE

    def submitted(self) -> Attributes:
        """What the person submitted: the form when signing up, the changed attributes
        alone when completing a profile.
        """
        return self._submitted

    def attribute(self, name: str) -> Any:
        """A submitted attribute; `None` if absent or `null`."""
        return self._submitted.get(name)

    def text(self, name: str) -> str | None:
        """A submitted attribute that is text; `None` also for other types."""
        return self._submitted.text(name)

    def email(self) -> str | None:
        """The submitted e-mail address, as the person wrote it."""
        return self.text("email")

    def email_domain(self) -> str | None:
        """The domain of the submitted e-mail address, in the form that domains are
        compared in (see `email.domain`); `None` if no address was submitted, and also if
        what was submitted is not one. In a progressive call that does not change the
        address there is none.
        """
        address = self.email()
        return None if address is None else email.domain(address)

    def user(self) -> User | None:
        """The user as they are so far. Only in a progressive call."""
        return super().user()


def _request_type(
    body: dict[str, Any], profile: object, update: object
) -> RequestType:
    match body.get("requestType"):
        case "self.service.registration":
            return RequestType.SELF_SERVICE_REGISTRATION
        case "progressive.profile":
            return RequestType.PROGRESSIVE_PROFILE
        case None:
            # Early Identity Engine sent none either, for both kinds of call.
            if profile is None and update is not None:
                return RequestType.PROGRESSIVE_PROFILE
            return RequestType.CLASSIC
        case _:
            raise Failure.invalid_call("an unknown `requestType`")


class Cause(NamedTuple):
    """One reason of a denial."""

    #: The attribute that the text is shown at; `None` for none.
    attribute: str | None
    #: The sentence that the person reads.
    message: str
    #: A code for machines, such as `INVALID_EMAIL_DOMAIN`.
    code: str | None = None

    def _wire(self) -> WireCause:
        location = f"data.userProfile.{self.attribute}" if self.attribute else None
        return WireCause(self.message, self.code, location)


class Decision(Remarked):
    """What the policy has to say about a registration.

    A decision is no opinion, a denial, or attributes to set; whichever it is, it becomes
    the commands that Okta accepts for the request type of the call. Okta runs no command
    of a denial, so attributes set on one are dropped. A decision is a value: each method
    returns another one.
    """

    def __init__(self) -> None:
        self._causes: list[Cause] | None = None
        self._updates: Updates = {}
        self._reason = None
        self._debug_context = None

    @staticmethod
    def no_opinion() -> "Decision":
        """No opinion: as far as this policy is concerned the person can go on. Another
        policy may still deny.
        """
        return Decision()

    @staticmethod
    def allow() -> "Decision":
        """The same as no opinion, for a policy that looked and found nothing wrong."""
        return Decision()

    @staticmethod
    def deny() -> "Decision":
        """Denies, with Okta's own text."""
        return Decision.deny_fields([])

    @staticmethod
    def deny_field(attribute: str, message: str, code: str | None = None) -> "Decision":
        """Denies, with a text that the person reads at the field of an attribute, and a
        code for machines.
        """
        return Decision.deny_fields([Cause(attribute, message, code)])

    @staticmethod
    def deny_fields(causes: Iterable[Cause]) -> "Decision":
        """Denies, with texts at several fields."""
        decision = Decision()
        decision._causes = list(causes)
        return decision

    @staticmethod
    def set(attribute: str, value: Json) -> "Decision":
        """Sets an attribute. It must be in the schema, and need not have been sent."""
        return Decision().and_set(attribute, value)

    def and_set(self, attribute: str, value: Json) -> "Decision":
        """Sets one more attribute. On a denial this does nothing."""
        other = copied(self)
        if self._causes is None:
            other._updates = updated(self._updates, attribute, value)
        return other

    def is_denial(self) -> bool:
        """Whether this denies."""
        return self._causes is not None

    def _wire(self, call: Call) -> Wire:
        commands: list[tuple[str, str]] = []
        error = None
        if self._causes is not None:
            commands.append(("com.okta.action.update", '{"registration":"DENY"}'))
            # An empty text, from a setting perhaps, must not undo a denial.
            causes = [cause._wire() for cause in self._causes if cause.message.strip()]
            error = WireError(None, causes) if causes else None
        elif self._updates:
            progressive = "progressive." if call.is_progressive() else ""
            literal = f"com.okta.user.{progressive}profile.update"
            commands.append((literal, written(self._updates)))
        return Wire(commands, error, self._debug_context, self._reason)
