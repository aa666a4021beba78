"""Patches of tokens: the operations that the SDK in Rust makes, to the letter."""

import json
import unittest
from typing import Any

from hookwarden_sdk import Failure, _patch
from hookwarden_sdk._token_patch import resolve
from hookwarden_sdk.attributes import Attributes
from hookwarden_sdk.token import Patch, Token


def operations(claims: dict[str, Any], patch: Patch) -> Any:
    return json.loads(_patch.write(resolve(patch, Token.ACCESS, Attributes(claims))))


class Operations(unittest.TestCase):
    def test_a_claim_is_set_replaced_and_removed(self) -> None:
        patch = (
            Patch()
            .set("guid", "F038")
            .set("https://id.example/claims/a~b", {"n": [1, True]})
            .replace("level", 3)
            .remove("birthdate")
        )
        self.assertEqual(
            operations({"level": 2, "birthdate": "1815-12-10"}, patch),
            [
                {"op": "add", "path": "/claims/guid", "value": "F038"},
                {
                    "op": "add",
                    "path": "/claims/https:~1~1id.example~1claims~1a~0b",
                    "value": {"n": [1, True]},
                },
                {"op": "replace", "path": "/claims/level", "value": 3},
                {"op": "remove", "path": "/claims/birthdate"},
            ],
        )

    def test_members_of_objects_are_set_replaced_and_removed(self) -> None:
        claims = {"employee": {"name": "Anna", "email": "anna.v@example.com", "old": 1}}
        patch = (
            Patch()
            .set(["employee", "department"], "4947")
            .set(["employee", "name"], "Anne")
            .replace(["employee", "email"], "anna@example.com")
            .remove(("employee", "old"))
        )
        self.assertEqual(
            operations(claims, patch),
            [
                {"op": "add", "path": "/claims/employee/department", "value": "4947"},
                {"op": "add", "path": "/claims/employee/name", "value": "Anne"},
                {"op": "replace", "path": "/claims/employee/email", "value": "anna@example.com"},
                {"op": "remove", "path": "/claims/employee/old"},
            ],
        )
        self.assertEqual(claims["employee"]["name"], "Anna")

    def test_elements_of_lists_are_added_replaced_and_removed(self) -> None:
        patch = (
            Patch()
            .append("airports", "lax")
            .insert("airports", 4, "muc")
            .set(["airports", "0"], "fra")
            .replace(["airports", "1"], "ber")
            .remove(["airports", "4"])
        )
        self.assertEqual(
            operations({"airports": ["sjc", "sfo", "oak"]}, patch),
            [
                {"op": "add", "path": "/claims/airports/-", "value": "lax"},
                {"op": "add", "path": "/claims/airports/4", "value": "muc"},
                {"op": "replace", "path": "/claims/airports/0", "value": "fra"},
                {"op": "replace", "path": "/claims/airports/1", "value": "ber"},
                {"op": "remove", "path": "/claims/airports/4"},
            ],
        )

    def test_what_is_not_there_is_neither_removed_nor_replaced(self) -> None:
        patch = (
            Patch()
            .remove("absent")
            .remove("none")
            .replace("absent", 1)
            .remove(["absent", "member"])
            .replace(["object", "absent"], 1)
            .remove(["list", "1"])
            .remove(["list", "-"])
            .replace(["text", "inside"], 1)
            .remove("object")
            .remove("object")
            .set("null", None)
        )
        claims: dict[str, Any] = {"none": None, "object": {}, "list": [None], "text": "x"}
        self.assertEqual(
            operations(claims, patch), [{"op": "remove", "path": "/claims/object"}]
        )

    def test_what_is_missing_on_the_way_is_created(self) -> None:
        patch = (
            Patch()
            .set(["employee", "address", "city"], "Bonn")
            .set(["employee", "address", "zip"], "53111")
            .append(["object", "roles"], "admin")
            .append(["object", "roles"], "auditor")
            .append("roles", "admin")
        )
        city = {"address": {"city": "Bonn"}}
        self.assertEqual(
            operations({"object": {"roles": None}}, patch),
            [
                {"op": "add", "path": "/claims/employee", "value": city},
                {"op": "add", "path": "/claims/employee/address/zip", "value": "53111"},
                {"op": "add", "path": "/claims/object/roles", "value": ["admin"]},
                {"op": "add", "path": "/claims/object/roles/-", "value": "auditor"},
                {"op": "add", "path": "/claims/roles", "value": ["admin"]},
            ],
        )

    def test_a_place_that_cannot_be_is_a_failure(self) -> None:
        for patch, message in [
            (Patch().set(["text", "x"], 1), "changes `text/x`, which is inside of a value"),
            (Patch().set(["list", "0", "x"], 1), "changes `list/0/x`, which is inside of"),
            (Patch().set(["list", "1"], 1), "changes `list/1`, which is beyond the end"),
            (Patch().set(["list", "00"], 1), "changes `list/00`, which is beyond the end"),
            (Patch().append("text", 1), "changes `text`, which is no list, in the access"),
            (Patch().append(["object"], 1), "changes `object`, which is no list"),
            (Patch().insert("list", 2, 1), "changes `list`, which is a list that ends before"),
            (Patch().insert("absent", 0, 1), "changes `absent`, which is no list"),
        ]:
            with self.subTest(message), self.assertRaises(Failure) as raised:
                operations({"text": "secret", "list": [None], "object": {}}, patch)
            self.assertTrue(str(raised.exception).startswith(message), raised.exception)
            self.assertNotIn("secret", str(raised.exception))

    def test_reserved_claims_and_lifetimes_out_of_bounds_are_failures_minted_or_not(self) -> None:
        for patch in [
            Patch().set("iss", "https://evil.example"),
            Patch().remove(["cnf", "jkt"]),
            Patch().append("groups", "Everyone"),
            Patch().set("scp", []),
            Patch().set("", 1),
            Patch().set([], 1),
            Patch().with_lifetime(299),
            Patch().with_lifetime(86_401),
        ]:
            with self.subTest(repr(patch)), self.assertRaises(Failure):
                resolve(patch, Token.ACCESS, None)
        for patch in [Patch().set("aud", "x"), Patch().with_lifetime(300)]:
            self.assertTrue(operations({}, patch))
        with self.assertRaisesRegex(Failure, "changes `aud`, reserved by Okta, in the ID token"):
            resolve(Patch().set("aud", "x"), Token.ID, None)

    def test_a_patch_is_a_value(self) -> None:
        roles: list[str] = ["admin"]
        first = Patch().set("roles", roles)
        roles.append("auditor")
        second = first.remove("other")
        self.assertEqual(first, Patch().set("roles", ["admin"]))
        self.assertNotEqual(first, second)
        self.assertEqual(Patch().then(first).then(Patch().remove("other")), second)


if __name__ == "__main__":
    unittest.main()
