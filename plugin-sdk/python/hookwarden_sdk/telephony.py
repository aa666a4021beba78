"""The telephony hook: Okta asks somebody else to deliver a one-time code by SMS or voice.

The call carries the code and the phone number. Keep them out of every text that leaves
the policy.
"""

from enum import Enum
from typing import Any

from hookwarden_sdk import _json, _read
from hookwarden_sdk._copy import copied
from hookwarden_sdk._decision import Remarked, Wire, WireError, error
from hookwarden_sdk.context import Part, Request
from hookwarden_sdk.envelope import WithRequest

__all__ = ["Call", "Channel", "Decision", "Message", "Request", "RequestType", "User"]


class RequestType(Enum):
    """What the code is for."""

    #: The person sets the number up.
    PRE_ENROLLMENT = "com.okta.user.telephony.pre-enrollment"
    #: The person signs in.
    MFA_VERIFICATION = "com.okta.user.telephony.mfa-verification"
    #: The person unlocks their account.
    ACCOUNT_UNLOCK = "com.okta.user.telephony.account-unlock"
    #: The person forgot their password.
    PASSWORD_RESET = "com.okta.user.telephony.password-reset"
    #: What is not known here. `Call.pointer("/requestType")` has Okta's literal.
    OTHER = ""


class Channel(Enum):
    """How the code is to be delivered."""

    #: By text message.
    SMS = "sms"
    #: By a call.
    VOICE = "voice"
    #: What is not known here.
    OTHER = ""


class User(Part):
    """The person who waits for the code."""

    __slots__ = ()

    def id(self) -> str | None:
        """Okta's id of the user."""
        return self._text("userId")

    def login(self) -> str | None:
        """The user's login."""
        return self._text("login")

    def first_name(self) -> str | None:
        """The first name."""
        return self._text("firstName")

    def last_name(self) -> str | None:
        """The last name."""
        return self._text("lastName")


class Message(Part):
    """What is to be delivered."""

    __slots__ = ()

    def template(self) -> str | None:
        """The text of the message, with the code in it."""
        return self._text("msgTemplate")

    def phone_number(self) -> str | None:
        """The number, as the user has it in their profile."""
        return self._digits("phoneNumber")

    def otp_code(self) -> str | None:
        """The code."""
        return self._digits("otpCode")

    def expires(self) -> str | None:
        """When the code expires: ISO 8601, UTC."""
        return self._text("otpExpires")

    def channel(self) -> Channel | None:
        """How the code is to be delivered."""
        channel = self._text("deliveryChannel")
        match None if channel is None else channel.lower():
            case None:
                return None
            case "sms":
                return Channel.SMS
            case "voice" | "voice call":
                return Channel.VOICE
            case _:
                return Channel.OTHER

    def locale(self) -> str | None:
        """The language of the message, such as `EN-US`."""
        return self._text("locale")

    def _digits(self, name: str) -> str | None:
        # Okta documents text, and its samples have numbers.
        value: Any = self._members.get(name)
        if type(value) is int and value >= 0:
            return str(value)
        return self._text(name)


class Call(WithRequest):
    """A call of the telephony hook."""

    __slots__ = ("_message", "_user")

    def __init__(self, json: str) -> None:
        super().__init__(json)
        user = _read.table(self._data, "data.", "userProfile") or {}
        message = _read.table(self._data, "data.", "messageProfile") or {}
        self._user = User(user, "data.userProfile.")
        self._message = Message(message, "data.messageProfile.")

    def request_type(self) -> RequestType | None:
        """What the code is for; `None` if Okta does not say."""
        literal = self._member("requestType")
        if literal is None:
            return None
        try:
            return RequestType(literal)
        except ValueError:
            return RequestType.OTHER

    def user(self) -> User:
        """The person who waits for the code."""
        return self._user

    def message(self) -> Message:
        """What is to be delivered."""
        return self._message


class Decision(Remarked):
    """What the policy has to say about a one-time code. A decision is a value: each method
    returns another one.
    """

    def __init__(self) -> None:
        self._report: dict[str, str] | None = None
        self._error: WireError | None = None
        self._reason = None
        self._debug_context = None

    @staticmethod
    def _of(status: str) -> "Decision":
        decision = Decision()
        decision._report = {"status": status}
        return decision

    @staticmethod
    def no_opinion() -> "Decision":
        """No opinion: the code is left to the next policy. If none has one, Okta's own
        provider delivers.
        """
        return Decision()

    @staticmethod
    def delivered(provider: str, transaction_id: str) -> "Decision":
        """The code was delivered (`SUCCESSFUL`), by this provider under this id of its
        own. Both are for Okta's System Log.
        """
        report = Decision._of("SUCCESSFUL").with_provider(provider)
        return report.with_transaction_id(transaction_id)

    @staticmethod
    def pending(provider: str, transaction_id: str) -> "Decision":
        """The code is on its way (`PENDING`): the provider took it, and has not said yet
        that it was delivered.
        """
        report = Decision._of("PENDING").with_provider(provider)
        return report.with_transaction_id(transaction_id)

    @staticmethod
    def failed() -> "Decision":
        """The code could not be delivered, or is not to be (`FAILED`).

        Okta does not promise that nobody delivers it then: where the org has Okta's own
        provider besides, that one may.
        """
        return Decision._of("FAILED")

    @staticmethod
    def hand_back(text: str) -> "Decision":
        """Hands the code back: Okta's own provider delivers it. The text is Okta's
        `error`, for its System Log. Whoever reads that log reads it: no code, no phone
        number, no personal data.
        """
        decision = Decision()
        decision._error = error(text)
        return decision

    def with_provider(self, provider: str) -> "Decision":
        """Who delivered, or tried to. Nothing on a decision that reports no delivery."""
        return self._with("provider", provider)

    def with_transaction_id(self, transaction_id: str) -> "Decision":
        """The provider's own id of the delivery. Nothing on a decision that reports no
        delivery.
        """
        return self._with("transactionId", transaction_id)

    def with_transaction_metadata(self, text: str) -> "Decision":
        """What else there is to say about the delivery, such as `Duration=300ms`. Nothing
        on a decision that reports no delivery.
        """
        return self._with("transactionMetadata", text)

    def _with(self, name: str, value: str) -> "Decision":
        other = copied(self)
        if self._report is not None:
            other._report = {**self._report, name: value}
        return other

    def _wire(self, call: Call) -> Wire:
        commands: list[tuple[str, str]] = []
        if self._report is not None:
            names = ("status", "provider", "transactionId", "transactionMetadata")
            report = {name: self._report[name] for name in names if name in self._report}
            commands.append(("com.okta.telephony.action", _json.write([report])))
        return Wire(commands, self._error, self._debug_context, self._reason)
