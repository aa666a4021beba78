"""Calls and decisions of the six hooks, and what becomes of them."""

import json
import unittest
from typing import Any

from hookwarden_sdk import (
    Failure,
    password_import,
    registration,
    saml,
    telephony,
    testing,
    token,
    user_import,
)
from hookwarden_sdk._decision import Wire, WireCause, WireError
from hookwarden_sdk.registration import Cause, Decision, RequestType


def call_of(kind: Any, **data: Any) -> Any:
    return kind.from_json(json.dumps({"eventId": "one", "data": data}))


class Registration(unittest.TestCase):
    def wire(self, decision: Decision, call: registration.Call | None = None) -> Wire:
        return decision._wire(call or testing.sign_up(email="a@example.com"))

    def test_the_request_type_is_named_or_told_by_what_was_submitted(self) -> None:
        kinds = [testing.sign_up(), testing.complete_profile(), testing.classic_sign_up()]
        self.assertEqual([call.request_type() for call in kinds], list(RequestType))
        unnamed = registration.Call('{"requestType":null,"data":{"userProfileUpdate":{}}}')
        self.assertTrue(unnamed.is_progressive())
        with self.assertRaises(Failure):
            registration.Call('{"requestType":"profile.delete"}')

    def test_a_progressive_call_has_the_changes_and_the_user_so_far(self) -> None:
        call = testing.complete_profile(employeeNumber=1234)
        self.assertEqual(call.attribute("employeeNumber"), 1234)
        self.assertIsNone(call.text("employeeNumber"))
        self.assertIsNone(call.email_domain())
        user = call.user()
        profile = user.profile() if user else None
        self.assertEqual(profile.text("login") if profile else "", "rosario.jones@example.com")

    def test_members_that_have_no_method_are_kept(self) -> None:
        text = ' {"new":{"a/b":[1]},"data":{"userProfile":{"email":null}}}\n'
        call = registration.Call(text)
        self.assertEqual((call.json(), call.pointer("/new/a~1b/0")), (text, 1))
        self.assertIsNone(call.pointer("/new/a~1b/01"))
        self.assertIsNone(call.pointer("/new/a~1b/1"))
        self.assertFalse(call.submitted().has("email"))
        self.assertEqual(list(call.submitted().names()), ["email"])

    def test_another_form_is_a_failure_only_for_who_asks(self) -> None:
        text = '{"data":{"context":{"request":{"ipAddress":7}},"userProfile":{"email":"a@b.example"}}}'
        call = registration.Call(text)
        self.assertEqual(call.email_domain(), "b.example")
        with self.assertRaisesRegex(Failure, "`data.context.request.ipAddress`"):
            call.ip_address()
        self.assertEqual(testing.sign_up().ip_address(), "192.0.2.1")

    def test_an_error_does_not_quote_the_call(self) -> None:
        for text in ['{"data":"hunter2"}', '{"hunter2', '"hunter2"', '{"a":hunter2}', "{} 2"]:
            with self.subTest(text), self.assertRaises(Failure) as raised:
                registration.Call(text)
            self.assertNotIn("hunter2", str(raised.exception))
            self.assertEqual(raised.exception.kind, "invalid-call")

    def test_no_opinion_is_empty(self) -> None:
        self.assertEqual(self.wire(Decision.allow()), Wire([], None, None, None))
        self.assertEqual(Decision.allow(), Decision.no_opinion())

    def test_a_denial_has_the_command_and_its_causes(self) -> None:
        deny = ("com.okta.action.update", '{"registration":"DENY"}')
        self.assertEqual(self.wire(Decision.deny()), Wire([deny], None, None, None))
        decision = Decision.deny_fields([Cause("email", "No.", "NO"), Cause(None, "Never.")])
        causes = [WireCause("No.", "NO", "data.userProfile.email"), WireCause("Never.")]
        self.assertEqual(self.wire(decision).error, WireError(None, causes))

    def test_a_blank_text_does_not_undo_a_denial(self) -> None:
        wire = self.wire(Decision.deny_field("email", " "))
        self.assertEqual((len(wire.commands), wire.error), (1, None))

    def test_attributes_are_written_in_their_order_for_the_kind_of_call(self) -> None:
        decision = Decision.set("a", 1).and_set("b", "ü").and_set("a", [True, None, 1.0])
        command = ("com.okta.user.profile.update", '{"a":[true,null,1.0],"b":"ü"}')
        self.assertEqual(self.wire(decision).commands, [command])
        progressive = self.wire(decision, testing.complete_profile()).commands[0][0]
        self.assertEqual(progressive, "com.okta.user.progressive.profile.update")

    def test_attributes_of_a_denial_are_dropped_and_a_password_is_a_failure(self) -> None:
        denial = Decision.deny().and_set("a", 1)
        self.assertTrue(denial.is_denial())
        self.assertEqual(denial, Decision.deny())
        with self.assertRaisesRegex(Failure, "`password`"):
            self.wire(Decision.set("password", "x"))

    def test_a_decision_is_a_value(self) -> None:
        first = Decision.set("a", 1)
        second = first.and_set("b", 2).with_reason("why").with_debug_context({"x": 1})
        self.assertEqual(first, Decision.set("a", 1))
        wire = self.wire(second)
        self.assertEqual((wire.reason, wire.debug_context), ("why", '{"x":1}'))

    def test_what_is_no_json_is_a_failure(self) -> None:
        odd: Any = object()
        for value in [float("inf"), float("nan"), odd, {1: 2}]:
            with self.subTest(repr(value)), self.assertRaises(Failure):
                Decision.set("a", value)


class TokenHook(unittest.TestCase):
    def call(self, **access: Any) -> token.Call:
        context = {"protocol": {"client": {"id": "portal"}, "request": {"scope": "a b"}}}
        scopes = {"a": {"action": "GRANT"}, "b": {"action": "DENY"}, "c": None}
        minted = {"claims": {"x": 1}, "scopes": scopes, **access}
        return token.Call.from_json(json.dumps({"data": {"context": context, "access": minted}}))

    def test_the_call_says_who_asks_for_what(self) -> None:
        call = self.call(token={"lifetime": {"expiration": 3600}})
        self.assertEqual((call.client_id(), call.requested_scopes()), ("portal", ["a", "b"]))
        draft = call.access()
        assert draft is not None
        self.assertEqual((list(draft.scopes()), draft.lifetime()), (["a"], 3600))
        self.assertIsNone(call.identity())
        self.assertIsNone(call.grant_type())

    def test_each_token_has_its_command_if_it_is_minted(self) -> None:
        decision = token.Decision.set_claim(token.Token.ACCESS, "tenant", "acme")
        both = decision.and_set_claim(token.Token.ID, "tenant", "acme")
        value = '[{"op":"add","path":"/claims/tenant","value":"acme"}]'
        self.assertEqual(both._wire(self.call()).commands, [("com.okta.access.patch", value)])
        lifetime = token.Patch().with_lifetime(600)
        value = '[{"op":"replace","path":"/token/lifetime/expiration","value":600}]'
        wire = token.Decision.patch(token.Token.ACCESS, lifetime)._wire(self.call())
        self.assertEqual(wire.commands, [("com.okta.access.patch", value)])

    def test_a_refusal_stands_alone(self) -> None:
        denial = token.Decision.deny("Not now.").and_set_claim(token.Token.ID, "iss", "x")
        self.assertEqual(denial._wire(self.call()), Wire([], WireError("Not now.", []), None, None))
        self.assertEqual(
            token.Decision.deny(" ")._wire(self.call()).error, WireError(None, [])
        )


class SamlHook(unittest.TestCase):
    def call(self) -> saml.Call:
        values = [{"attributes": {"xsi:type": "xs:integer"}, "value": 7}]
        claims = {"n": {"attributes": {}, "attributeValues": values}}
        return saml.Call.from_json(json.dumps({"data": {"assertion": {"claims": claims}}}))

    def operations(self, patch: saml.Patch) -> list[tuple[str, str]]:
        commands = saml.Decision.patch(patch)._wire(self.call()).commands
        found = json.loads(commands[0][1]) if commands else []
        return [(operation["op"], operation["path"]) for operation in found]

    def test_an_attribute_is_read_as_text_whatever_it_is(self) -> None:
        attribute = self.call().attribute("n")
        self.assertEqual(attribute, saml.Attribute((saml.AttributeValue("7", "xs:integer"),)))
        self.assertIsNone(self.call().attribute("absent"))

    def test_an_attribute_is_written_as_okta_wants_it(self) -> None:
        decision = saml.Decision.set_attribute("a/b", "x")
        self.assertEqual(
            decision._wire(self.call()).commands,
            [
                (
                    "com.okta.assertion.patch",
                    '[{"op":"add","path":"/claims/a~1b","value":{"attributes":{"NameFormat":'
                    '"urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified"},'
                    '"attributeValues":[{"attributes":{"xsi:type":"xs:string"},"value":"x"}]}}]',
                )
            ],
        )

    def test_a_value_that_is_not_there_is_not_replaced(self) -> None:
        patch = saml.Patch().replace_value("n", 0, "x").replace_value("n", 1, "x")
        patch = patch.replace_value("new", 1, "x")
        patch = patch.set_attribute("new", saml.Attribute.texts(["a", "b"]))
        patch = patch.replace_value("new", 1, "x")
        self.assertEqual(
            self.operations(patch),
            [
                ("replace", "/claims/n/attributeValues/0/value"),
                ("add", "/claims/new"),
                ("replace", "/claims/new/attributeValues/1/value"),
            ],
        )

    def test_a_mistake_is_a_failure(self) -> None:
        for patch in [
            saml.Patch().set_attribute("", "x"),
            saml.Patch().name_id(" "),
            saml.Patch().session_lifetime(0),
            saml.Patch().audiences([]),
        ]:
            with self.subTest(repr(patch)), self.assertRaises(Failure):
                self.operations(patch)


class UserImportHook(unittest.TestCase):
    def wire(self, decision: user_import.Decision) -> Wire:
        return decision._wire(call_of(user_import.Call))

    def test_the_call_says_what_okta_would_do(self) -> None:
        call = call_of(
            user_import.Call,
            action={"result": "LINK_USER"},
            user={"id": "00u1", "profile": {"a": 1}},
            context={"conflicts": ["LOGIN", 1]},
        )
        self.assertIs(call.result(), user_import.Action.LINK_USER)
        self.assertEqual((call.user_id(), call.conflicts()), ("00u1", ["LOGIN"]))

    def test_commands_come_in_the_order_that_lets_the_users_attributes_prevail(self) -> None:
        decision = user_import.Decision.link_user("00u1").and_set_user("a", 1)
        self.assertEqual(
            self.wire(decision.and_set_app_user("b", 2)).commands,
            [
                ("com.okta.action.update", '{"result":"LINK_USER"}'),
                ("com.okta.user.update", '{"id":"00u1"}'),
                ("com.okta.appUser.profile.update", '{"b":2}'),
                ("com.okta.user.profile.update", '{"a":1}'),
            ],
        )

    def test_nobody_is_linked_to_a_blank_id(self) -> None:
        with self.assertRaises(Failure):
            self.wire(user_import.Decision.link_user(" "))

    def test_an_error_has_no_command(self) -> None:
        wire = self.wire(user_import.Decision.error("odd").and_set_user("a", 1))
        self.assertEqual(wire, Wire([], WireError("odd", []), None, None))


class PasswordImportHook(unittest.TestCase):
    def call(self) -> password_import.Call:
        credential = {"username": "rosario", "password": "hunter2"}
        found: password_import.Call = call_of(
            password_import.Call, context={"credential": credential}
        )
        return found

    def test_a_call_without_a_credential_is_none(self) -> None:
        empty: dict[str, Any] = {}
        for data in [empty, {"context": {}}, {"context": {"credential": {"username": "a"}}}]:
            with self.subTest(data), self.assertRaises(Failure):
                call_of(password_import.Call, **data)

    def test_neither_call_nor_password_print_it(self) -> None:
        call = self.call()
        self.assertEqual(call.password().reveal(), "hunter2")
        printed = f"{call} {call!r} {call.password()} {[call.password()]}"
        self.assertNotIn("hunter2", printed)
        self.assertNotIn("rosario", printed)

    def test_each_answer_is_one_command_or_none(self) -> None:
        for decision, values in [
            (password_import.Decision.no_opinion(), []),
            (password_import.Decision.verified(), ['{"credential":"VERIFIED"}']),
            (password_import.Decision.unverified(), ['{"credential":"UNVERIFIED"}']),
        ]:
            wire = decision.with_reason("why")._wire(self.call())
            self.assertEqual([value for _, value in wire.commands], values)
            self.assertEqual(wire.reason, "why")


class TelephonyHook(unittest.TestCase):
    def test_numbers_are_text_and_channels_have_several_names(self) -> None:
        profile = {"phoneNumber": 15550100, "otpCode": "012", "deliveryChannel": "Voice Call"}
        call = call_of(telephony.Call, messageProfile=profile)
        message = call.message()
        self.assertEqual((message.phone_number(), message.otp_code()), ("15550100", "012"))
        self.assertIs(message.channel(), telephony.Channel.VOICE)
        self.assertNotIn("15550100", f"{call} {message}")

    def test_a_delivery_is_a_list_of_one(self) -> None:
        call = call_of(telephony.Call)
        for decision, value in [
            (
                telephony.Decision.pending('A "B"', "1").with_transaction_metadata("t"),
                r'[{"status":"PENDING","provider":"A \"B\"","transactionId":"1",'
                '"transactionMetadata":"t"}]',
            ),
            (telephony.Decision.failed(), '[{"status":"FAILED"}]'),
        ]:
            commands = decision._wire(call).commands
            self.assertEqual(commands, [("com.okta.telephony.action", value)])
        wire = telephony.Decision.hand_back("No answer.").with_provider("A")._wire(call)
        self.assertEqual(wire, Wire([], WireError("No answer.", []), None, None))


if __name__ == "__main__":
    unittest.main()
