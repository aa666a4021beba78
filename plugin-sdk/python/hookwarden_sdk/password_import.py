"""The password import hook: at the first sign-in of a user who was created with a
password hook, Okta asks whether this is the right password.

The call carries the password in plain text. Keep it out of every text that leaves the
policy.
"""

from hmac import compare_digest

from hookwarden_sdk import _read
from hookwarden_sdk._decision import Reasoned, Wire
from hookwarden_sdk.context import Request
from hookwarden_sdk.envelope import WithRequest
from hookwarden_sdk.failure import Failure

__all__ = ["Call", "Decision", "Password", "Request", "is_same_secret"]


class Password:
    """The password of a call, in plain text. Printing it does not show it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The password itself. Keep it out of every text that leaves the policy."""
        return self._text

    def __repr__(self) -> str:
        return "Password(..)"


def is_same_secret(one: bytes, other: bytes) -> bool:
    """Whether two secrets are the same, in a time that does not depend on where they
    differ. It does depend on their lengths: compare hashes, which have one length.
    """
    return compare_digest(one, other)


class Call(WithRequest):
    """A call of the password import hook."""

    __slots__ = ("_password", "_username")

    def __init__(self, json: str) -> None:
        super().__init__(json)
        if self._data.get("context") is None:
            raise Failure.invalid_call("no `data.context`")
        credential = self._context_member("credential") or {}
        path = "data.context.credential."
        username = _read.text(credential, path, "username")
        password = _read.text(credential, path, "password")
        if username is None or password is None:
            message = "`data.context.credential` has no user name or no password"
            raise Failure.invalid_call(message)
        self._username = username
        self._password = Password(password)

    def username(self) -> str:
        """The user's login."""
        return self._username

    def password(self) -> Password:
        """The password that the person entered."""
        return self._password


class Decision(Reasoned):
    """What the policy has to say about a password. A decision is a value: each method
    returns another one.
    """

    def __init__(self, answer: str | None = None) -> None:
        self._answer = answer
        self._reason = None

    @staticmethod
    def no_opinion() -> "Decision":
        """No opinion, for users that are not this policy's business. If no policy has one,
        Okta refuses the password.
        """
        return Decision()

    @staticmethod
    def verified() -> "Decision":
        """The password is the user's: Okta signs the person in and keeps it.

        Never the answer to doubt. Raise a `Failure` when you could not find out.
        """
        return Decision("VERIFIED")

    @staticmethod
    def unverified() -> "Decision":
        """The password is not the user's: the person is refused, and Okta asks again next
        time.
        """
        return Decision("UNVERIFIED")

    def is_verified(self) -> bool:
        """Whether this says that the password is the user's."""
        return self._answer == "VERIFIED"

    def _wire(self, call: Call) -> Wire:
        commands = []
        if self._answer is not None:
            commands.append(("com.okta.action.update", f'{{"credential":"{self._answer}"}}'))
        return Wire(commands, None, None, self._reason)
