"""The user import hook: Okta asks once for each new user of an import, after matching
and before the user is created.
"""

from enum import Enum
from typing import Any

from hookwarden_sdk import _json, _read
from hookwarden_sdk._copy import copied
from hookwarden_sdk._decision import Remarked, Wire, WireError, error
from hookwarden_sdk._json import Json
from hookwarden_sdk._updates import Updates, updated, written
from hookwarden_sdk.attributes import Attributes
from hookwarden_sdk.context import Part
from hookwarden_sdk.envelope import Envelope
from hookwarden_sdk.failure import Failure

__all__ = ["Action", "Application", "Call", "Decision", "Job"]


class Action(Enum):
    """What Okta does with an imported user."""

    #: A new user of Okta is created.
    CREATE_USER = "CREATE_USER"
    #: A user that Okta has already is linked to the one of the app.
    LINK_USER = "LINK_USER"


class Application(Part):
    """The app that users are imported from."""

    __slots__ = ()

    def id(self) -> str | None:
        """Okta's id of the app."""
        return self._text("id")

    def name(self) -> str | None:
        """The name of its kind."""
        return self._text("name")

    def label(self) -> str | None:
        """Its name in the org."""
        return self._text("label")

    def status(self) -> str | None:
        """Such as `ACTIVE`."""
        return self._text("status")


class Job(Part):
    """The import."""

    __slots__ = ()

    def id(self) -> str | None:
        """Okta's id of it."""
        return self._text("id")

    def kind(self) -> str | None:
        """Such as `import:users`."""
        return self._text("type")


class Call(Envelope):
    """A call of the user import hook."""

    __slots__ = ("_app_user", "_result", "_user", "_user_id")

    def __init__(self, json: str) -> None:
        super().__init__(json)
        app_user = _read.table(self._data, "data.", "appUser") or {}
        user = _read.table(self._data, "data.", "user") or {}
        action = _read.table(self._data, "data.", "action") or {}
        self._app_user = Attributes(_read.table(app_user, "data.appUser.", "profile"))
        self._user = Attributes(_read.table(user, "data.user.", "profile"))
        self._user_id = _read.text(user, "data.user.", "id")
        self._result = _read.text(action, "data.action.", "result")

    def app_user(self) -> Attributes:
        """The user's profile in the app."""
        return self._app_user

    def user(self) -> Attributes:
        """The profile that the user would have in Okta."""
        return self._user

    def user_id(self) -> str | None:
        """Okta's id of the user that it would link."""
        return self._user_id

    def result(self) -> Action | None:
        """What Okta would do; `None` if it does not say, or says what is not known here."""
        match self._result:
            case "CREATE_USER":
                return Action.CREATE_USER
            case "LINK_USER":
                return Action.LINK_USER
            case _:
                return None

    def application(self) -> Application | None:
        """The app that users are imported from."""
        members = self._context_member("application")
        return None if members is None else Application(members, "data.context.application.")

    def job(self) -> Job | None:
        """The import."""
        members = self._context_member("job")
        return None if members is None else Job(members, "data.context.job.")

    def conflicts(self) -> list[str]:
        """What kept Okta from matching the user."""
        return self._texts("conflicts")

    def policy(self) -> list[str]:
        """By what Okta matches users, such as `EMAIL`."""
        return self._texts("policy")

    def matches(self) -> list[Any]:
        """The users of Okta that match, as Okta describes them."""
        value = self._context().get("matches")
        return value if isinstance(value, list) else []

    def _texts(self, name: str) -> list[str]:
        value = self._context().get(name)
        values = value if isinstance(value, list) else []
        return [text for text in values if isinstance(text, str)]


class Decision(Remarked):
    """What the policy has to say about an imported user: nothing, to create or to link
    them, and attributes to set; or an error for Okta's System Log, which stops nothing. A
    decision is a value: each method returns another one.
    """

    def __init__(self) -> None:
        #: `None` for what Okta would do; else the id of the user to link, or empty.
        self._target: tuple[Action, str] | None = None
        self._app_user: Updates = {}
        self._user: Updates = {}
        self._error: WireError | None = None
        self._reason = None
        self._debug_context = None

    @staticmethod
    def no_opinion() -> "Decision":
        """No opinion: Okta does what it would do."""
        return Decision()

    @staticmethod
    def create_user() -> "Decision":
        """Creates a new user."""
        decision = Decision()
        decision._target = (Action.CREATE_USER, "")
        return decision

    @staticmethod
    def link_user(user_id: str) -> "Decision":
        """Links the user of Okta that has this id. A blank id fails the evaluation."""
        decision = Decision()
        decision._target = (Action.LINK_USER, user_id)
        return decision

    @staticmethod
    def set_user(attribute: str, value: Json) -> "Decision":
        """Sets an attribute of the user's profile in Okta."""
        return Decision().and_set_user(attribute, value)

    @staticmethod
    def set_app_user(attribute: str, value: Json) -> "Decision":
        """Sets an attribute of the user's profile in the app."""
        return Decision().and_set_app_user(attribute, value)

    @staticmethod
    def error(text: str) -> "Decision":
        """Writes an error to Okta's System Log. The import goes on: there is no denial."""
        decision = Decision()
        decision._error = error(text)
        return decision

    def and_set_user(self, attribute: str, value: Json) -> "Decision":
        """Sets one more attribute of the user's profile in Okta. Nothing on an error."""
        other = copied(self)
        if self._error is None:
            other._user = updated(self._user, attribute, value)
        return other

    def and_set_app_user(self, attribute: str, value: Json) -> "Decision":
        """Sets one more attribute of the user's profile in the app. Nothing on an error."""
        other = copied(self)
        if self._error is None:
            other._app_user = updated(self._app_user, attribute, value)
        return other

    def _wire(self, call: Call) -> Wire:
        commands: list[tuple[str, str]] = []
        if self._error is None:
            commands.extend(self._target_commands())
            # The app's attributes first: they are mapped on to the user's, and what was
            # set there is to prevail.
            if self._app_user:
                commands.append(("com.okta.appUser.profile.update", written(self._app_user)))
            if self._user:
                commands.append(("com.okta.user.profile.update", written(self._user)))
        return Wire(commands, self._error, self._debug_context, self._reason)

    def _target_commands(self) -> list[tuple[str, str]]:
        match self._target:
            case None:
                return []
            case (Action.CREATE_USER, _):
                return [("com.okta.action.update", '{"result":"CREATE_USER"}')]
            case (_, user_id):
                if not user_id.strip():
                    raise Failure.other("links a user whose id is blank")
                return [
                    ("com.okta.action.update", '{"result":"LINK_USER"}'),
                    ("com.okta.user.update", f'{{"id":{_json.write(user_id)}}}'),
                ]
