//! What password import calls are accepted, what decisions are, and the bytes that come
//! of them.

use crate::okta::testing::{
    answer, body, call, commands, error, merged, parse, violation, written,
};
use crate::okta::{Call, Decision, HookType};

const ACTION: &str = "com.okta.action.update";
const UNVERIFIED: &str =
    r#"{"commands":[{"type":"com.okta.action.update","value":{"credential":"UNVERIFIED"}}]}"#;

fn sign_in() -> Call {
    call(
        HookType::PasswordImport,
        r#""data":{"context":{"credential":{"username":"u","password":"p"}},"action":{"credential":"UNVERIFIED"}}"#,
    )
}

fn says(word: &str) -> Decision {
    commands(&[(ACTION, &format!(r#"{{"credential":"{word}"}}"#))])
}

#[test]
fn a_credential_is_an_object() {
    let body = body(
        HookType::PasswordImport,
        r#""data":{"context":{"credential":"hunter2"}}"#,
    );
    let error = parse(HookType::PasswordImport, &body).expect_err("no object");
    assert_eq!(
        error.to_string(),
        "`data.context.credential` must be an object"
    );
}

#[test]
fn no_opinion_is_204() {
    assert_eq!(
        answer(&sign_in(), vec![Decision::default()]),
        (204, String::new())
    );
}

#[test]
fn one_unverified_settles_it() {
    let verified =
        r#"{"commands":[{"type":"com.okta.action.update","value":{"credential":"VERIFIED"}}]}"#;
    for (decisions, expected) in [
        (vec![says("VERIFIED")], verified),
        (
            vec![Decision::default(), says("VERIFIED"), says("VERIFIED")],
            verified,
        ),
        (vec![says("VERIFIED"), says("UNVERIFIED")], UNVERIFIED),
        (vec![says("UNVERIFIED"), says("VERIFIED")], UNVERIFIED),
        (
            vec![commands(&[
                (ACTION, r#"{"credential":"UNVERIFIED"}"#),
                (ACTION, r#"{"credential":"VERIFIED"}"#),
            ])],
            UNVERIFIED,
        ),
    ] {
        assert_eq!(answer(&sign_in(), decisions), (200, expected.to_owned()));
    }
}

#[test]
fn a_failure_counts_against_whoever_verified() {
    let call = sign_in();
    let mut merge = merged(&call, vec![says("VERIFIED")]);
    assert!(!merge.is_settled());
    merge.deny_for_failure(Some("Nobody reads this."));
    assert_eq!(written(&*merge), (200, UNVERIFIED.to_owned()));
}

#[test]
fn what_okta_would_drop_or_misread_is_a_violation() {
    for (decision, message) in [
        (error("No."), "`error` means nothing to Okta for this hook"),
        (
            commands(&[(ACTION, r#"{"credential":"verified"}"#)]),
            r#"`commands[0].value` must be {"credential":"VERIFIED"} or {"credential":"UNVERIFIED"}"#,
        ),
        (
            commands(&[(ACTION, r#"{"registration":"DENY"}"#)]),
            r#"`commands[0].value` must be {"credential":"VERIFIED"} or {"credential":"UNVERIFIED"}"#,
        ),
        (
            commands(&[("com.okta.user.profile.update", "{}")]),
            "`commands[0].type` is no command of this hook; it has `com.okta.action.update`",
        ),
    ] {
        assert_eq!(violation(&sign_in(), decision), message);
    }
}
