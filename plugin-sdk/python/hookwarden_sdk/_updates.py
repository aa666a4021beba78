"""Attributes to set, as the members of a command's object."""

from hookwarden_sdk import _json
from hookwarden_sdk._json import Json
from hookwarden_sdk.failure import Failure

#: The JSON of each attribute's value.
Updates = dict[str, str]


def updated(updates: Updates, attribute: str, value: Json) -> Updates:
    """One more attribute. The last value of one attribute counts."""
    return {**updates, attribute: _json.write(value)}


def written(updates: Updates) -> str:
    """The updates as one object."""
    if "password" in updates:
        raise Failure.other("sets `password`, which Okta never accepts")
    members = [f"{_json.write(name)}:{value}" for name, value in updates.items()]
    return "{" + ",".join(members) + "}"
