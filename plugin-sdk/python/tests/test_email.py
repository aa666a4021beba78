"""The same addresses as in the tests of the SDK in Rust, with the same results."""

import unittest

from hookwarden_sdk.email import domain, is_same_domain, normalize_domain


class Domain(unittest.TestCase):
    def test_the_domain_is_what_follows_the_address_and_nothing_else(self) -> None:
        for address, expected in [
            ("rosario.jones@example.com", "example.com"),
            ("a@EXAMPLE.COM", "example.com"),
            ("a+tag@example.com", "example.com"),
            ("a@sub.example.com", "sub.example.com"),
            ("a@example.com.evil.com", "example.com.evil.com"),
            ("a@notexample.com", "notexample.com"),
            ('"x@example.com"@evil.io', "evil.io"),
            ("nobody", None),
            ("", None),
            ("@example.com", None),
            ("a@", None),
            ("a@@example.com", None),
            ("a@evil.com@example.com", None),
            ("a@example.com,b@evil.com", None),
            ("a@example.com b@evil.com", None),
            ("a@evil.com\0@example.com", None),
            ("Rosario <a@example.com>", None),
            (" <a@example.com>", None),
            ("  <a@example.com> ", None),
            ("<a@example.com>", None),
            (" a@example.com", None),
            ("a@example.com ", None),
            ("a@[192.0.2.1]", None),
            ("a@localhost", None),
            ("a@example.com.", None),
            ("a@-example.com", None),
            ("a@example.com\n", None),
        ]:
            with self.subTest(address):
                self.assertEqual(domain(address), expected)

    def test_dots_stand_between_letters(self) -> None:
        for address in [".a@example.com", "a.@example.com", "a..b@example.com", "a@b..example"]:
            with self.subTest(address):
                self.assertIsNone(domain(address))

    def test_lengths_are_those_of_the_standard(self) -> None:
        for address, is_one in [
            (f"{'a' * 64}@example.com", True),
            (f"{'a' * 65}@example.com", False),
            (f"{'ü' * 32}@example.com", True),
            (f"{'ü' * 33}@example.com", False),
            (f"a@{'a' * 63}.example", True),
            (f"a@{'a' * 64}.example", False),
            (f"a@{'.'.join(['a' * 49] * 5)}.com", True),
            (f"a@{'.'.join(['a' * 50] * 5)}", True),
            (f"a@{'.'.join(['a' * 50] * 5)}.com", False),
        ]:
            with self.subTest(address):
                self.assertEqual(domain(address) is not None, is_one)

    def test_what_is_quoted_is_not_taken_apart(self) -> None:
        self.assertEqual(domain('"a b"@example.com'), "example.com")
        self.assertEqual(domain(r'"a\"b"@example.com'), "example.com")
        self.assertIsNone(domain('""@example.com'))
        self.assertIsNone(domain('"'))
        self.assertIsNone(domain('"a"b"@example.com'))
        self.assertIsNone(domain('"a\\"@example.com'))
        self.assertIsNone(domain('"a <b"@example.com'))

    def test_a_look_alike_is_another_domain(self) -> None:
        cyrillic = domain("a@ex\u0430mple.com")
        self.assertIsNotNone(cyrillic)
        self.assertNotEqual(cyrillic, "example.com")
        self.assertNotEqual(domain("a@EXAMPLE.\u212aOM"), "example.kom")

    def test_what_is_no_domain_is_refused(self) -> None:
        for text in ["", ".", "a..b", "-a.example", "a-.example", "a b.example", "a@b.example"]:
            with self.subTest(text):
                self.assertIsNone(normalize_domain(text))

    def test_the_same_domain_is_the_same_in_any_case_and_nothing_else_is(self) -> None:
        self.assertTrue(is_same_domain("example.com", "Example.COM"))
        self.assertTrue(is_same_domain("b\u00fccher.Example", "b\u00fccher.example"))
        self.assertFalse(is_same_domain("example.com", "sub.example.com"))
        self.assertFalse(is_same_domain("b\u00fccher.example", "xn--bcher-kva.example"))
        self.assertFalse(is_same_domain("", ""))
        self.assertFalse(is_same_domain("-a.example", "-a.example"))


if __name__ == "__main__":
    unittest.main()
