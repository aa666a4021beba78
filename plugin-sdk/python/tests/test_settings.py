"""Settings: what is wrong has the path and the words that it has in the SDK in Rust."""

import unittest
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from hookwarden_sdk import dataset, secrets
from hookwarden_sdk.settings import Problem, Reader, SettingsError, from_json


@dataclass
class Rule:
    domains: list[str]

    def check(self) -> Iterator[Problem]:
        if not self.domains:
            yield Problem("domains", "must name one domain")


@dataclass
class Inner:
    count: int
    share: float = 0.5


@dataclass
class Everything:
    text: str
    flag: bool = False
    inner: Inner | None = None
    table: dict[str, Inner] = field(default_factory=dict)
    rules: list[Inner] = field(default_factory=list)
    values: dict[str, dict[str, str | int | float | bool]] = field(default_factory=dict)
    mode: Literal["a", "b"] = "a"
    absent: str | None = None


def problems(kind: type[object], json: str) -> list[tuple[str, str]]:
    try:
        from_json(kind, json)
    except SettingsError as error:
        return [(problem.path, problem.message) for problem in error.problems]
    return []


class OfTheSdkInRust(unittest.TestCase):
    def test_a_problem_names_its_member_and_what_would_be_right(self) -> None:
        for json, path, message in [
            ('{"domains":["a",2]}', "domains[1]", "invalid type: integer `2`, expected a string"),
            ("{}", "", "missing field `domains`"),
            ('{"domains":[]}', "domains", "must name one domain"),
        ]:
            with self.subTest(json):
                self.assertEqual(problems(Rule, json), [(path, message)])

    def test_a_misspelt_member_is_one(self) -> None:
        unknown = ("domians", "unknown field `domians`, expected `domains`")
        self.assertIn(unknown, problems(Rule, '{"domians":[]}'))


class Reading(unittest.TestCase):
    def test_every_member_has_the_type_that_it_is_annotated_with(self) -> None:
        json = """{"text":"a","flag":true,"inner":{"count":1,"share":2},
            "table":{"x":{"count":2}},"rules":[{"count":3,"share":1.5}],
            "values":{"a.example":{"s":"t","i":12345,"f":1.5,"b":false}},"mode":"b"}"""
        read = from_json(Everything, json)
        self.assertEqual(read.inner, Inner(1, 2.0))
        self.assertIs(type(read.inner.share if read.inner else None), float)
        self.assertEqual(read.table, {"x": Inner(2)})
        self.assertEqual(read.rules, [Inner(3, 1.5)])
        values = read.values["a.example"]
        self.assertEqual([type(value) for value in values.values()], [str, int, float, bool])
        self.assertEqual((read.mode, read.absent), ("b", None))

    def test_defaults_are_not_shared(self) -> None:
        one, other = from_json(Everything, '{"text":"a"}'), from_json(Everything, '{"text":"a"}')
        one.rules.append(Inner(1))
        self.assertEqual(other.rules, [])

    def test_every_problem_has_its_path(self) -> None:
        json = """{"text":1,"flag":1,"inner":{"count":true},"table":{"x.example":{}},
            "rules":[{"count":1},{"count":"x","much":1}],"values":{"a.example":{"x":[]}},
            "mode":"c","odd":1}"""
        found = dict(problems(Everything, json))
        self.assertEqual(
            list(found),
            [
                "text",
                "flag",
                "inner.count",
                "table.x.example",
                "rules[1].count",
                "rules[1].much",
                "values.a.example.x",
                "mode",
                "odd",
            ],
        )
        self.assertEqual(found["flag"], "invalid type: integer `1`, expected a boolean")
        self.assertEqual(found["table.x.example"], "missing field `count`")
        self.assertEqual(
            found["rules[1].much"], "unknown field `much`, expected `count` or `share`"
        )
        self.assertEqual(
            found["values.a.example.x"],
            "invalid type: sequence, expected a string or an integer or a number or a boolean",
        )
        self.assertEqual(found["mode"], "unknown variant `c`, expected `a` or `b`")

    def test_true_is_no_number_and_a_number_no_truth(self) -> None:
        self.assertTrue(problems(Inner, '{"count":true}'))
        self.assertTrue(problems(Inner, '{"count":1.0}'))
        self.assertTrue(problems(Inner, '{"count":1,"share":"1"}'))
        self.assertTrue(problems(Rule, '{"domains":"a.example"}'))

    def test_settings_are_a_table(self) -> None:
        found = [("", "invalid type: sequence, expected struct Rule")]
        self.assertEqual(problems(Rule, "[]"), found)

    def test_the_types_alone_are_read_without_the_check(self) -> None:
        self.assertEqual(Reader(Rule).read('{"domains":[]}'), Rule([]))


class Names(unittest.TestCase):
    def test_a_name_is_an_object_of_one_and_is_not_quoted(self) -> None:
        @dataclass
        class Named:
            token: secrets.Named
            domains: dataset.Named = dataset.Named("denied-domains")

        read = from_json(Named, '{"token":{"secret":"crm-token"},"domains":{"dataset":"x"}}')
        self.assertEqual((read.token.name, read.domains.name), ("crm-token", "x"))
        for json in ['"hunter2"', '{"secret":""}', '{"secret":"a","b":1}', '{"dataset":"a"}']:
            with self.subTest(json):
                message = 'must name a secret, as `{ secret = "name" }`'
                self.assertEqual(problems(Named, f'{{"token":{json}}}'), [("token", message)])


class Types(unittest.TestCase):
    def test_what_cannot_be_a_setting_is_found_before_there_is_a_component(self) -> None:
        @dataclass
        class Odd:
            member: set[str]

        with self.assertRaisesRegex(TypeError, "`Odd.member`"):
            Reader(Odd)
        with self.assertRaisesRegex(TypeError, "no dataclass"):
            Reader(str)


if __name__ == "__main__":
    unittest.main()
