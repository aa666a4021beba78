"""From a handler to what the host gets."""

import unittest
from dataclasses import dataclass
from typing import Any

from hookwarden_sdk import Failure, _export, _json, export, testing
from hookwarden_sdk import dataset, http, key_value, secrets
from hookwarden_sdk.key_value import Claim
from hookwarden_sdk.registration import Call, Decision


@dataclass
class Rule:
    domain: str


def by_settings(call: Call, rule: Rule) -> Decision:
    return Decision.allow().with_reason(rule.domain)


def quoting(call: Call) -> Decision:
    raise ValueError(f"no such person: {call.email()}")


def failing(call: Call) -> Decision:
    raise Failure.unavailable("the service does not answer")


def empty(call: Call) -> Decision:
    return Decision.no_opinion()


class Run(unittest.TestCase):
    def setUp(self) -> None:
        self.call = testing.sign_up(email="rosario@example.com").json()

    def undecided(self) -> _export.Undecided:
        with self.assertRaises(_export.Undecided) as raised:
            _export.run("registration", self.call, "{}")
        return raised.exception

    def test_a_handler_gets_the_settings_that_it_takes(self) -> None:
        export(registration=by_settings, settings=Rule)
        wire = _export.run("registration", self.call, '{"domain":"a.example"}')
        self.assertEqual(wire.reason, "a.example")
        self.assertEqual(_export.check('{"domain":"a.example"}'), [])
        self.assertEqual([problem.path for problem in _export.check('{"domain":1}')], ["domain"])

    def test_settings_that_were_not_checked_are_a_failure(self) -> None:
        export(registration=by_settings, settings=Rule)
        self.assertEqual(self.undecided().failure.kind, "other")

    def test_an_exception_says_where_and_not_what(self) -> None:
        export(registration=quoting)
        undecided = self.undecided()
        line = quoting.__code__.co_firstlineno + 1
        self.assertEqual(undecided.failure.kind, "other")
        self.assertRegex(undecided.line or "", rf"^raised ValueError at .*test_export.py:{line}$")
        self.assertNotIn("rosario", f"{undecided.failure} {undecided.line}")

    def test_an_exception_in_the_sdk_has_the_authors_line(self) -> None:
        def misusing(call: Call) -> Decision:
            return Decision.deny_field("email", 7).and_set("a", 1)  # type: ignore[arg-type]

        export(registration=misusing)
        self.assertRegex(self.undecided().line or "", r"^raised AttributeError")

    def test_a_failure_is_passed_on_and_no_line_is_logged(self) -> None:
        export(registration=failing)
        undecided = self.undecided()
        self.assertIsNone(undecided.line)
        self.assertEqual(
            str(undecided.failure), "unavailable: the service does not answer"
        )

    def test_a_call_that_is_none_is_an_invalid_one(self) -> None:
        export(registration=empty)
        self.call = "[]"
        self.assertEqual(self.undecided().failure.kind, "invalid-call")

    def test_what_cannot_be_exported_is_found_before_there_is_a_component(self) -> None:
        wrong: Any = export
        with self.assertRaisesRegex(TypeError, "`settings=Type` is missing"):
            wrong(registration=by_settings)
        with self.assertRaisesRegex(TypeError, "no hook `registratoin`"):
            wrong(registratoin=empty)
        with self.assertRaisesRegex(TypeError, "settings belong to a hook"):
            wrong(settings=Rule)


class Fakes(unittest.TestCase):
    def test_what_is_not_granted_is_refused(self) -> None:
        with self.assertRaises(Failure):
            secrets.Named("crm-token").value()
        with self.assertRaises(dataset.AccessDenied):
            dataset.contains("denied", "a")
        with self.assertRaises(key_value.AccessDenied):
            key_value.open_bucket()
        with self.assertRaises(http.Denied):
            http.get("https://crm.example.com")

    def test_secrets_and_datasets_are_those_of_the_test(self) -> None:
        with testing.secrets({"crm-token": "hunter2"}):
            secret = secrets.Named("crm-token").value()
        self.assertEqual(secret.reveal(), "hunter2")
        self.assertNotIn("hunter2", f"{secret} {secret!r}")
        with testing.dataset("tiers", {"a.example": {"tier": "gold"}}):
            self.assertTrue(dataset.contains("tiers", "a.example"))
            self.assertEqual(dataset.lookup("tiers", "a.example"), {"tier": "gold"})
            self.assertIsNone(dataset.lookup("tiers", "b.example"))
        with testing.dataset("denied", ["a"]), self.assertRaises(dataset.NotSupported):
            dataset.lookup("denied", "a")

    def test_of_several_owners_one_has_a_key(self) -> None:
        with testing.key_value() as kept:
            bucket = key_value.open_bucket()
            owners = ["one", "one", "two"]
            claims = [bucket.claim("code", owner) for owner in owners]
            self.assertEqual(claims, [Claim.NEW, Claim.AGAIN, Claim.TAKEN])
            self.assertEqual([bucket.increment("n"), bucket.increment("n", 5)], [1, 6])
            bucket.delete("absent")
            self.assertEqual(kept, {"code": b"one", "n": b"6"})


class Http(unittest.TestCase):
    def test_what_two_readers_could_understand_in_two_ways_is_not_sent(self) -> None:
        def never(request: http.Request) -> http.Response:
            raise AssertionError("the request was made")

        with testing.http(never):
            for url in [
                "crm.example.com",
                "ftp://crm.example.com",
                "https://",
                "https://a@crm.example.com",
                "https://crm.example.com\\@evil.example/",
                "https://crm.example.com/#x",
                "https://crm.example.com/a b",
                "https://crm.example.com/\u00fc",
            ]:
                with self.subTest(url), self.assertRaises(http.Error):
                    http.get(url)
            for name in ["host", "Content-Length", "a b", ""]:
                with self.subTest(name), self.assertRaises(http.Error):
                    http.get("https://crm.example.com", headers={name: "x"})
            with self.assertRaises(http.Error):
                http.get("https://crm.example.com", headers={"x": "a\r\nb: c"})

    def test_what_comes_from_a_call_is_encoded(self) -> None:
        asked: list[http.Request] = []

        def answer(request: http.Request) -> http.Response:
            asked.append(request)
            return http.Response(200, {}, b'{"a":1}')

        with testing.http(answer):
            url = f"https://crm.example.com/people/{http.segment('a/b')}"
            response = http.post(url, query={"email": "a@b&c"}, json={"x": "\u00fc"})
            self.assertEqual(response.json(), {"a": 1})
            with self.assertRaises(http.TooLarge):
                http.get(url, max_body=3)
        self.assertEqual(asked[0].url, "https://crm.example.com/people/a%2Fb?email=a%40b%26c")
        self.assertEqual(asked[0].body, '{"x":"\u00fc"}'.encode())
        self.assertEqual(asked[0].headers, {"content-type": "application/json"})
        with self.assertRaises(http.Error):
            http.segment("..")


class Json(unittest.TestCase):
    def test_numbers_are_written_as_policies_in_rust_write_them(self) -> None:
        for value, text in [
            (1.0, "1.0"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e16"),
            (1.5e300, "1.5e300"),
            (1e-5, "0.00001"),
            (-1.25e-5, "-0.0000125"),
            (1e-6, "1e-6"),
            (0.1, "0.1"),
            (10**20, "100000000000000000000"),
        ]:
            self.assertEqual(_json.write(value), text)
            self.assertEqual(_json.read(text), value)

    def test_text_is_escaped_where_it_must_be_and_nowhere_else(self) -> None:
        self.assertEqual(_json.write('"\\/\n\x1f\u00fc\u2028'), '"\\"\\\\/\\n\\u001f\u00fc\u2028"')

    def test_there_is_one_value_and_nothing_after_it(self) -> None:
        for text in ["", " ", "1 2", "[1", "nul", "{}x"]:
            with self.subTest(text), self.assertRaises(ValueError):
                _json.read(text)
        self.assertEqual(_json.read(" \n{} "), {})


if __name__ == "__main__":
    unittest.main()
