//! What SAML calls are accepted, what decisions are, and the bytes that come of them.

use crate::okta::testing::{
    answer, body, call, commands, error, merged, parse, violation, written,
};
use crate::okta::{Call, Decision, HookType};

const PATCH: &str = "com.okta.assertion.patch";

fn assertion() -> Call {
    call(
        HookType::Saml,
        concat!(
            r#""data":{"assertion":{"subject":{"nameId":"u"},"authentication":{"sessionIndex":"i","authnContext":{}},"#,
            r#""conditions":{"audienceRestriction":["urn:a"]},"#,
            r#""claims":{"array":{"attributes":{},"attributeValues":[{"value":"1"},{"value":"2"}]},"http://a/b":{"attributeValues":[{"value":"x"}]}},"lifetime":{"expiration":300}}}"#
        ),
    )
}

fn patch(operations: &str) -> Decision {
    commands(&[(PATCH, operations)])
}

#[test]
fn an_assertion_is_an_object() {
    let body = body(HookType::Saml, r#""data":{"assertion":7}"#);
    let error = parse(HookType::Saml, &body).expect_err("no object");
    assert_eq!(error.to_string(), "`data.assertion` must be an object");
}

#[test]
fn no_opinion_is_204() {
    assert_eq!(
        answer(&assertion(), vec![patch("[]")]),
        (204, String::new())
    );
}

#[test]
fn changes_of_every_part_are_one_command() {
    let decisions = vec![
        commands(&[
            (
                PATCH,
                r#"[{"op":"replace","path":"/claims/array/attributeValues/1/value","value":"3"}]"#,
            ),
            (
                PATCH,
                r#"[{"op":"replace","path":"/claims/http:~1~1a~1b/attributeValues/0/value","value":"y"}]"#,
            ),
        ]),
        patch(concat!(
            r#"[{"op":"add","path":"/claims/new","value":{"attributes":{"NameFormat":"f"},"attributeValues":[{"attributes":{"xsi:type":"xs:string"},"value":"1"}]}},"#,
            r#"{"op":"add","path":"/authentication/sessionLifetime","value":300},"#,
            r#"{"op":"replace","path":"/authentication/authnContext","value":{"authnContextClassRef":"c"}},"#,
            r#"{"op":"replace","path":"/subject/nameId","value":"v"},"#,
            r#"{"op":"add","path":"/conditions/audienceRestriction/-","value":"urn:b"}]"#
        )),
    ];
    let (status, body) = answer(&assertion(), decisions);
    assert_eq!(status, 200);
    assert_eq!(body.matches(PATCH).count(), 1, "{body}");
    assert_eq!(body.matches(r#""op""#).count(), 7, "{body}");
}

#[test]
fn a_denial_is_an_error_that_the_person_reads() {
    assert_eq!(
        answer(&assertion(), vec![error("Ask your manager.")]),
        (
            200,
            r#"{"error":{"errorSummary":"Ask your manager.","errorCauses":[]}}"#.to_owned()
        )
    );
    let call = assertion();
    let mut merge = merged(&call, vec![]);
    merge.deny_for_failure(Some("Later."));
    assert!(written(&*merge).1.contains(r#""errorSummary":"Later.""#));
}

#[test]
fn what_okta_would_drop_is_a_violation() {
    let attribute = "`commands[0].value[0].value` must be an object of `attributes` and `attributeValues`, a list of objects with a `value`";
    let place = "`commands[0].value[0].path` must be below `/subject`, `/authentication`, `/conditions` or `/claims`";
    for (operations, message) in [
        (
            r#"[{"op":"remove","path":"/claims/array"}]"#,
            "`commands[0].value[0].op` must be `add` or `replace`: nothing can be taken from an assertion",
        ),
        (r#"[{"op":"add","path":"/claims","value":{}}]"#, place),
        (
            r#"[{"op":"replace","path":"/lifetime/expiration","value":1}]"#,
            place,
        ),
        (
            r#"[{"op":"add","path":"/claims/a","value":"x"}]"#,
            attribute,
        ),
        (
            r#"[{"op":"add","path":"/claims/a","value":{"attributeValues":"x"}}]"#,
            attribute,
        ),
        (
            r#"[{"op":"add","path":"/claims/a","value":{"attributeValues":[{"attributes":[],"value":"x"}]}}]"#,
            attribute,
        ),
        (
            r#"[{"op":"add","path":"/claims/a","value":{"attributeValues":[{"type":"x"}]}}]"#,
            attribute,
        ),
        (
            r#"[{"op":"add","path":"/authentication/sessionLifetime","value":"300"}]"#,
            "`commands[0].value[0].value` must be a number of seconds",
        ),
        (
            r#"[{"op":"replace","path":"/claims/array/attributeValues/2/value","value":"3"}]"#,
            "`commands[0].value[0].path` names no place of the list that it is in",
        ),
        (
            r#"[{"op":"replace","path":"/claims/none/attributeValues/0/value","value":"3"}]"#,
            "`commands[0].value[0].path` names nothing that is there",
        ),
    ] {
        assert_eq!(violation(&assertion(), patch(operations)), message);
    }
}
