//! What import calls are accepted, what decisions are, and the bytes that come of them.

use crate::okta::testing::{
    answer, body, call, commands, error, merged, parse, violation, written,
};
use crate::okta::{Call, Decision, HookType};

const ACTION: &str = "com.okta.action.update";
const USER: &str = "com.okta.user.profile.update";
const APP_USER: &str = "com.okta.appUser.profile.update";
const LINK: &str = "com.okta.user.update";

fn imported() -> Call {
    call(
        HookType::UserImport,
        r#""data":{"context":{"conflicts":["login"]},"action":{"result":"CREATE_USER"},"appUser":{"profile":{}},"user":{"profile":{}}}"#,
    )
}

fn create() -> Decision {
    commands(&[(ACTION, r#"{"result":"CREATE_USER"}"#)])
}

fn link(id: &str) -> Decision {
    let id = format!(r#"{{"id":"{id}"}}"#);
    commands(&[(ACTION, r#"{"result":"LINK_USER"}"#), (LINK, &id)])
}

#[test]
fn profiles_are_in_objects() {
    let body = body(HookType::UserImport, r#""data":{"appUser":"x"}"#);
    let error = parse(HookType::UserImport, &body).expect_err("no object");
    assert_eq!(error.to_string(), "`data.appUser` must be an object");
}

#[test]
fn no_opinion_is_204() {
    let nothing = vec![Decision::default(), commands(&[(USER, "{}")])];
    assert_eq!(answer(&imported(), nothing), (204, String::new()));
}

#[test]
fn updates_of_both_profiles_add_up_beside_an_action() {
    let decisions = vec![
        commands(&[(USER, r#"{"firstName":"Stan"}"#)]),
        link("00u1"),
        commands(&[
            (APP_USER, r#"{"firstName":"S"}"#),
            (USER, r#"{"lastName":"Lee"}"#),
        ]),
    ];
    assert_eq!(
        answer(&imported(), decisions).1,
        concat!(
            r#"{"commands":[{"type":"com.okta.action.update","value":{"result":"LINK_USER"}},"#,
            r#"{"type":"com.okta.user.update","value":{"id":"00u1"}},"#,
            r#"{"type":"com.okta.appUser.profile.update","value":{"firstName":"S"}},"#,
            r#"{"type":"com.okta.user.profile.update","value":{"firstName":"Stan","lastName":"Lee"}}]}"#
        )
    );
}

#[test]
fn actions_agree_or_the_first_prevails_and_it_is_recorded() {
    for (decisions, id, conflicts) in [
        (vec![link("00u1"), link("00u1")], "00u1", 0),
        (vec![link("00u1"), link("\\u0030\\u0030u1")], "00u1", 0),
        (vec![link("00u1"), link("00u2")], "00u1", 1),
        (vec![link("00u1"), create(), create()], "00u1", 2),
        (vec![create(), link("00u1")], "CREATE_USER", 1),
        (vec![create(), create()], "CREATE_USER", 0),
    ] {
        let call = imported();
        let merge = merged(&call, decisions);
        assert_eq!(merge.conflicts().len(), conflicts);
        let (_, body) = written(&*merge);
        assert!(body.contains(id) && !body.contains("00u2"), "{body}");
    }
}

#[test]
fn an_error_is_for_oktas_log_and_drops_every_command() {
    let decisions = vec![create(), error("The directory is closed."), create()];
    assert_eq!(
        answer(&imported(), decisions).1,
        r#"{"error":{"errorSummary":"The directory is closed.","errorCauses":[]}}"#
    );
}

#[test]
fn what_okta_would_drop_or_misread_is_a_violation() {
    for (decision, message) in [
        (
            commands(&[("com.okta.user.progressive.profile.update", "{}")]),
            "`commands[0].type` is no command of this hook; it has `com.okta.action.update`, `com.okta.appUser.profile.update`, `com.okta.user.profile.update` and `com.okta.user.update`",
        ),
        (
            commands(&[(ACTION, r#"{"result":"DENY"}"#)]),
            r#"`commands[0].value` must be {"result":"CREATE_USER"} or {"result":"LINK_USER"}"#,
        ),
        (
            commands(&[(ACTION, r#"{"result":"LINK_USER"}"#)]),
            r#"`{"result":"LINK_USER"}` needs `com.okta.user.update` beside it"#,
        ),
        (
            commands(&[(LINK, r#"{"id":"00u1"}"#)]),
            r#"`com.okta.user.update` needs `{"result":"LINK_USER"}` beside it"#,
        ),
        (
            commands(&[
                (ACTION, r#"{"result":"CREATE_USER"}"#),
                (LINK, r#"{"id":"00u1"}"#),
            ]),
            r#"`com.okta.user.update` needs `{"result":"LINK_USER"}` beside it"#,
        ),
        (
            commands(&[(LINK, r#"{"id":""}"#)]),
            r#"`commands[0].value` must be {"id":"<user id>"}"#,
        ),
        (
            commands(&[
                (ACTION, r#"{"result":"CREATE_USER"}"#),
                (ACTION, r#"{"result":"LINK_USER"}"#),
            ]),
            "`commands[1].value` says otherwise than a command before it",
        ),
        (
            commands(&[(LINK, r#"{"id":"1"}"#), (LINK, r#"{"id":"2"}"#)]),
            "`commands[1].value` says otherwise than a command before it",
        ),
        (
            commands(&[(USER, r#"{"password":"x"}"#)]),
            "`commands[0].value.password` can never be set",
        ),
    ] {
        assert_eq!(violation(&imported(), decision), message);
    }
}
