"""A failure: the policy could not decide."""

from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["invalid-call", "unavailable", "other"]


class Failure(Exception):
    """Raised by a policy that could not decide.

    A failure is not a denial: the operator has chosen beforehand what Okta is told when
    this policy fails. The text is for the operator's log, and never reaches the person
    or Okta. Keep personal data out of it.

        raise Failure.invalid_call("`employeeNumber` is no number")

    Any other exception fails the evaluation too. Then the log gets its type, file and
    line, and not its message, which may quote the call.
    """

    def __init__(self, kind: Kind, message: str) -> None:
        super().__init__(kind, message)
        self.kind: Kind = kind
        self.message = message

    @staticmethod
    def invalid_call(message: str) -> "Failure":
        """The call does not have the form that this policy understands."""
        return Failure("invalid-call", message)

    @staticmethod
    def unavailable(message: str) -> "Failure":
        """Something the decision needs did not answer."""
        return Failure("unavailable", message)

    @staticmethod
    def other(message: str) -> "Failure":
        """Anything else."""
        return Failure("other", message)

    def __str__(self) -> str:
        match self.kind:
            case "invalid-call":
                return f"invalid call: {self.message}"
            case "unavailable":
                return f"unavailable: {self.message}"
            case _:
                return self.message
