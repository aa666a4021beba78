//! What token calls are accepted, what decisions are, and the bytes that come of them.

use crate::okta::testing::{
    answer, call, commands, debug, error, merged, parse, violation, written,
};
use crate::okta::{Call, Decision, HookType};

const ID: &str = "com.okta.identity.patch";
const ACCESS: &str = "com.okta.access.patch";

fn both() -> Call {
    call(
        HookType::Token,
        concat!(
            r#""data":{"context":{},"identity":{"claims":{"sub":"u","name":"N","airports":["sfo"]},"token":{"lifetime":{"expiration":3600}}},"#,
            r#""access":{"claims":{"aud":"api://default","sub":"u","guid":"1"},"token":{"lifetime":{"expiration":3600}},"scopes":{}}}"#
        ),
    )
}

fn access_alone() -> Call {
    call(
        HookType::Token,
        r#""data":{"access":{"claims":{}},"identity":null}"#,
    )
}

fn patch(literal: &str, operations: &str) -> Decision {
    commands(&[(literal, operations)])
}

#[test]
fn tokens_are_objects_and_a_preview_may_leave_much_out() {
    let parse = |data: &str| {
        let body = crate::okta::testing::body(HookType::Token, &format!(r#""data":{data}"#));
        parse(HookType::Token, &body).map_err(|error| error.to_string())
    };
    assert!(parse("{}").is_ok());
    assert!(parse(r#"{"identity":{"claims":{"a":1}}}"#).is_ok());
    assert_eq!(
        parse(r#"{"identity":"x"}"#).expect_err("no object"),
        "`data.identity` must be an object"
    );
    assert_eq!(
        parse(r#"{"access":[]}"#).expect_err("no object"),
        "`data.access` must be an object"
    );
}

#[test]
fn no_opinion_is_an_empty_object() {
    let none = vec![Decision::default(), patch(ACCESS, "[]")];
    assert_eq!(answer(&both(), none), (200, "{}".to_owned()));
}

#[test]
fn patches_of_each_token_follow_each_other() {
    let decisions = vec![
        commands(&[
            (ACCESS, r#"[{"op":"add","path":"/claims/a","value":"x"}]"#),
            (
                ID,
                r#"[{"op":"replace","path":"/token/lifetime/expiration","value":36000}]"#,
            ),
        ]),
        patch(
            ACCESS,
            r#"[{"op":"remove","path":"/claims/guid"}, {"op":"replace","path":"/claims/aud","value":"b"}]"#,
        ),
    ];
    assert_eq!(
        answer(&both(), decisions).1,
        concat!(
            r#"{"commands":[{"type":"com.okta.identity.patch","value":[{"op":"replace","path":"/token/lifetime/expiration","value":36000}]},"#,
            r#"{"type":"com.okta.access.patch","value":[{"op":"add","path":"/claims/a","value":"x"},"#,
            r#"{"op":"remove","path":"/claims/guid"},{"op":"replace","path":"/claims/aud","value":"b"}]}]}"#
        )
    );
}

#[test]
fn a_patch_that_collides_with_an_earlier_policys_is_dropped_and_recorded() {
    let call = both();
    let first = patch(ACCESS, r#"[{"op":"add","path":"/claims/a","value":1}]"#);
    let second = commands(&[
        (
            ACCESS,
            r#"[{"op":"add","path":"/claims/a","value":2},{"op":"add","path":"/claims/b","value":2}]"#,
        ),
        (
            ID,
            r#"[{"op":"add","path":"/claims/airports/-","value":"lax"}]"#,
        ),
    ]);
    let merge = merged(&call, vec![first, second]);
    let conflicts = merge.conflicts();
    assert_eq!(
        (conflicts[0].kept, conflicts[0].dropped, conflicts[0].items),
        ("first", "second", 1)
    );
    let (_, body) = written(&*merge);
    assert!(
        !body.contains("/claims/b") && body.contains("lax"),
        "{body}"
    );
}

#[test]
fn a_denial_is_an_error_and_drops_patches() {
    let add = || patch(ACCESS, r#"[{"op":"add","path":"/claims/a","value":1}]"#);
    assert_eq!(
        answer(&both(), vec![add(), error("No."), add()]),
        (
            200,
            r#"{"error":{"errorSummary":"No.","errorCauses":[]}}"#.to_owned()
        )
    );
    let empty = Decision {
        error: Some(crate::okta::Error::default()),
        ..Decision::default()
    };
    assert_eq!(
        answer(&both(), vec![empty]).1,
        r#"{"error":{"errorCauses":[]}}"#
    );
}

#[test]
fn a_failure_that_denies_is_an_error_with_or_without_text() {
    let call = both();
    let mut merge = merged(&call, vec![debug("1")]);
    merge.deny_for_failure(None);
    assert_eq!(
        written(&*merge).1,
        r#"{"error":{"errorCauses":[]},"debugContext":{"first":1}}"#
    );
    let mut merge = merged(&call, vec![]);
    merge.deny_for_failure(Some("Later."));
    assert!(
        written(&*merge)
            .1
            .starts_with(r#"{"error":{"errorSummary":"Later.""#)
    );
}

#[test]
fn what_okta_would_drop_is_a_violation() {
    let lifetime = |value: &str| {
        let operation =
            format!(r#"[{{"op":"replace","path":"/token/lifetime/expiration","value":{value}}}]"#);
        patch(ID, &operation)
    };
    let add = |literal: &str, path: &str| {
        patch(
            literal,
            &format!(r#"[{{"op":"add","path":"{path}","value":"x"}}]"#),
        )
    };
    let seconds = "`commands[0].value[0].value` must be a number of seconds from 300 to 86400";
    let place = "`commands[0].value[0].path` must be `/claims/<name>`, or below it, or `/token/lifetime/expiration`";
    for (decision, message) in [
        (
            commands(&[("com.okta.assertion.patch", "[]")]),
            "`commands[0].type` is no command of this hook; it has `com.okta.identity.patch` and `com.okta.access.patch`",
        ),
        (lifetime("299"), seconds),
        (lifetime("86401"), seconds),
        (lifetime("\"3600\""), seconds),
        (lifetime("3600.5"), seconds),
        (
            patch(
                ID,
                r#"[{"op":"add","path":"/token/lifetime/expiration","value":3600}]"#,
            ),
            "`commands[0].value[0].op` must be `replace`, for a lifetime",
        ),
        (add(ID, "/claims"), place),
        (add(ID, "/scopes/x"), place),
        (add(ID, "/token/lifetime"), place),
        (
            add(ID, "/claims/sub"),
            "`commands[0].value[0].path` names the claim `sub`, which only Okta sets in an ID token",
        ),
        (
            add(ACCESS, "/claims/scp/-"),
            "`commands[0].value[0].path` names the claim `scp`, which only Okta sets in an access token",
        ),
        (
            add(ACCESS, "/claims/exp"),
            "`commands[0].value[0].path` names the claim `exp`, which only Okta sets in an access token",
        ),
        (
            commands(&[
                (ID, r#"[{"op":"add","path":"/claims/a","value":1}]"#),
                (ID, r#"[{"op":"replace","path":"/claims/b","value":1}]"#),
            ]),
            "`commands[1].value[0].path` names nothing that is there",
        ),
    ] {
        assert_eq!(violation(&both(), decision), message);
    }
    assert_eq!(
        violation(&access_alone(), add(ID, "/claims/a")),
        "`commands[0].type` is for an ID token, and none was requested"
    );
    assert_eq!(
        answer(&access_alone(), vec![add(ACCESS, "/claims/sub")]).0,
        200
    );
}
