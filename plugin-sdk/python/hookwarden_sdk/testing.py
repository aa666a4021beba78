"""Calls and fakes for unit tests, which run a policy with any Python, without a host.

    from hookwarden_sdk import testing

    call = testing.sign_up(email="a@example.org")
    with testing.dataset("denied-domains", ["example.org"]):
        assert decide(call, rule).is_denial()

What is not faked is answered as if it had not been granted.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from hookwarden_sdk import _json, registration
from hookwarden_sdk._json import Json


def sign_up(**attributes: Json) -> registration.Call:
    """A person signs up with these attributes and no others."""
    data: dict[str, Json]
    data = {"context": _REQUEST, "userProfile": attributes, "action": "ALLOW"}
    return registration.Call(_call("self.service.registration", data))


def classic_sign_up(**attributes: Json) -> registration.Call:
    """A person signs up with these attributes, in an org on Classic Engine."""
    data: dict[str, Json] = {"context": _REQUEST, "userProfile": attributes}
    return registration.Call(_call(None, data))


def complete_profile(**attributes: Json) -> registration.Call:
    """A person completes their profile with these changes."""
    profile: dict[str, Json] = {
        "firstName": "Rosario",
        "lastName": "Jones",
        "login": "rosario.jones@example.com",
        "locale": "en_US",
    }
    context: dict[str, Json]
    context = {**_REQUEST, "user": {"id": "00u48gwcu01WxvNo", "profile": profile}}
    data: dict[str, Json] = {"context": context, "userProfileUpdate": attributes}
    return registration.Call(_call("progressive.profile", data))


_REQUEST: dict[str, Json] = {
    "request": {
        "id": "testing",
        "method": "POST",
        "ipAddress": "192.0.2.1",
        "url": {"value": "/idp/idx/enroll/new"},
    }
}


def _call(request_type: str | None, data: Mapping[str, Json]) -> str:
    return _json.write(
        {
            "eventId": "testing",
            "eventTime": "2026-01-01T00:00:00.000Z",
            "eventType": "com.okta.user.pre-registration",
            "source": "testing",
            "requestType": request_type,
            "data": data,
        }
    )


@contextmanager
def secrets(values: Mapping[str, str]) -> Iterator[None]:
    """Binds secrets to values."""
    from hookwarden_sdk import secrets as module

    before, module._backend = module._backend, values.get
    try:
        yield
    finally:
        module._backend = before


@contextmanager
def dataset(
    name: str,
    content: Collection[str] | Mapping[str, Json],
    matches: Callable[[str, str], bool] = str.__eq__,
) -> Iterator[None]:
    """Grants a dataset: a list of texts, or a table of records by their keys. `matches`
    says whether an entry is for a value.
    """
    from hookwarden_sdk import dataset as module

    before = module._backend

    class Fake:
        def contains(self, dataset: str, value: str) -> bool:
            if dataset != name:
                return before.contains(dataset, value)
            return any(matches(entry, value) for entry in content)

        def lookup(self, dataset: str, key: str) -> str | None:
            if dataset != name:
                return before.lookup(dataset, key)
            if not isinstance(content, Mapping):
                raise module.NotSupported
            found = [entry for entry in content if matches(entry, key)]
            return _json.write(content[max(found, key=len)]) if found else None

    module._backend = Fake()
    try:
        yield
    finally:
        module._backend = before


@contextmanager
def key_value(values: dict[str, bytes] | None = None) -> Iterator[dict[str, bytes]]:
    """Grants a bucket with these values, and shows what is in it."""
    from hookwarden_sdk import key_value as module

    kept = {} if values is None else values

    class Fake:
        def get(self, key: str) -> bytes | None:
            return kept.get(key)

        def set(self, key: str, value: bytes) -> None:
            kept[key] = value

        def delete(self, key: str) -> None:
            kept.pop(key, None)

        def exists(self, key: str) -> bool:
            return key in kept

        def keys(self, cursor: str | None) -> module.Keys:
            return module.Keys(list(kept), None)

        def increment(self, key: str, by: int) -> int:
            try:
                total = int(kept.get(key, b"0")) + by
            except ValueError:
                raise module.Error("other", "the value is no number") from None
            kept[key] = str(total).encode()
            return total

        def set_if_absent(self, key: str, value: bytes) -> bytes | None:
            if key in kept:
                return kept[key]
            kept[key] = value
            return None

    before, module._open = module._open, Fake
    try:
        yield kept
    finally:
        module._open = before


@contextmanager
def http(answer: Callable[[Any], Any]) -> Iterator[None]:
    """Grants every origin. `answer` takes the `http.Request`, and returns an
    `http.Response` or raises an `http.Error`.
    """
    from hookwarden_sdk import http as module

    before, module._backend = module._backend, answer
    try:
        yield
    finally:
        module._backend = before
