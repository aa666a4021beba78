//! What registration calls are accepted, what decisions are, and the bytes that
//! come of them.

use crate::okta::testing::{
    answer, body, call, commands, debug, error_at, merged, parse, violation, written,
};
use crate::okta::{Authority, Call, Decision, Error, HookType, Malformed, Rule, merge};

const DENY: &str = r#"{"registration":"DENY"}"#;

fn envelope(members: &str) -> String {
    body(HookType::Registration, members)
}

fn parse_registration(body: &str) -> Result<Call, Malformed> {
    parse(HookType::Registration, body)
}

fn sign_up() -> Call {
    call(
        HookType::Registration,
        r#""requestType":"self.service.registration","data":{"userProfile":{"login":"a","email":"a@b.example"}}"#,
    )
}

fn progressive() -> Call {
    call(
        HookType::Registration,
        r#""requestType":"progressive.profile","data":{"userProfileUpdate":{"employeeNumber":1}}"#,
    )
}

fn update(value: &str) -> Decision {
    commands(&[("com.okta.user.profile.update", value)])
}

#[test]
fn calls_of_every_request_type_are_read() {
    for members in [
        r#""requestType":"self.service.registration","data":{"userProfile":{}}"#,
        r#""requestType":"self.service.registration","data":{}"#,
        r#""requestType":"progressive.profile","data":{"userProfileUpdate":{}}"#,
        r#""requestType":null,"data":{"action":null,"userProfile":{}}"#,
        r#""data":{"userProfileUpdate":{"a":1},"userProfile":null}"#,
        r#""eventTypeVersion":1,"cloudEventVersion":0.1,"new":[],"data":{"userProfile":{},"new":{}}"#,
    ] {
        parse_registration(&envelope(members)).unwrap_or_else(|error| panic!("{members}: {error}"));
    }
}

#[test]
fn what_is_no_registration_call_is_refused() {
    for (body, reason) in [
        ("[]", "`the body` must be an object"),
        (
            "{}",
            "`eventType` must be `com.okta.user.pre-registration` for this hook",
        ),
        (
            r#"{"eventType":"com.okta.saml.tokens.transform","data":{}}"#,
            "`eventType` must be `com.okta.user.pre-registration` for this hook",
        ),
        (r#"{"eventType":7}"#, "`eventType` must be text"),
        (&envelope(r#""data":[]"#), "`data` must be an object"),
        (&envelope(r#""a":1"#), "`data` must be an object"),
        (
            &envelope(r#""eventId":7,"data":{}"#),
            "`eventId` must be text",
        ),
        (
            &envelope(r#""data":{"userProfile":"x"}"#),
            "`data.userProfile` must be an object",
        ),
        (
            &envelope(r#""data":{}"#),
            "`data.userProfile` must be there, if there is no `requestType`",
        ),
        (
            &envelope(r#""requestType":"profile.delete","data":{}"#),
            "`requestType` must be absent or one of `self.service.registration` and `progressive.profile`",
        ),
        (
            r#"{"eventType":1,"eventType":2}"#,
            "the body cannot be read: an object names a member twice, at line 1, column 26",
        ),
    ] {
        assert_eq!(
            parse_registration(body).expect_err(body).to_string(),
            reason
        );
    }
}

#[test]
fn no_opinion_is_204() {
    let call = sign_up();
    assert_eq!(answer(&call, vec![]), (204, String::new()));
    let allow = commands(&[("com.okta.action.update", r#"{"registration":"ALLOW"}"#)]);
    let nothing = update("{}");
    let decisions = vec![Decision::default(), allow, nothing];
    assert_eq!(answer(&call, decisions), (204, String::new()));
}

#[test]
fn updates_add_up_and_the_first_of_two_prevails() {
    let call = sign_up();
    let first = commands(&[
        ("com.okta.user.profile.update", r#"{"b":1,"a":"x"}"#),
        (
            "com.okta.user.profile.update",
            r#"{"b":12345678901234567890123}"#,
        ),
    ]);
    let second = update(r#"{"a":"y", "c": [null] }"#);
    let merge = merged(&call, vec![first, second]);

    assert_eq!(
        written(&*merge).1,
        r#"{"commands":[{"type":"com.okta.user.profile.update","value":{"b":12345678901234567890123,"a":"x","c":[null]}}]}"#
    );
    let conflicts = merge.conflicts();
    let [conflict] = conflicts.as_slice() else {
        panic!("one conflict, not {conflicts:?}");
    };
    assert_eq!((conflict.kept, conflict.dropped), ("first", "second"));
    assert_eq!(conflict.items, 1);
}

#[test]
fn one_denial_drops_every_update() {
    let call = sign_up();
    let deny = commands(&[("com.okta.action.update", DENY)]);
    let (status, body) = answer(&call, vec![update(r#"{"a":1}"#), deny]);
    assert_eq!(status, 200);
    assert_eq!(
        body,
        r#"{"commands":[{"type":"com.okta.action.update","value":{"registration":"DENY"}}]}"#
    );
}

#[test]
fn a_denial_with_text_is_completed_to_what_okta_asks_for() {
    let call = progressive();
    let (status, body) = answer(&call, vec![error_at("data.userProfile.employeeNumber")]);
    assert_eq!(status, 200);
    assert_eq!(
        body,
        concat!(
            r#"{"commands":[{"type":"com.okta.action.update","value":{"registration":"DENY"}}],"#,
            r#""error":{"errorSummary":"No.","errorCauses":[{"errorSummary":"No.","#,
            r#""reason":"POLICY_DENIED","locationType":"body","#,
            r#""location":"data.userProfile.employeeNumber","domain":"end-user"}]}}"#
        )
    );
}

#[test]
fn an_error_without_members_denies() {
    let call = sign_up();
    let decision = Decision {
        error: Some(Error::default()),
        ..Decision::default()
    };
    let (_, body) = answer(&call, vec![decision]);
    assert_eq!(
        body,
        r#"{"commands":[{"type":"com.okta.action.update","value":{"registration":"DENY"}}],"error":{"errorCauses":[]}}"#
    );
}

#[test]
fn debug_contexts_go_out_under_the_names_of_their_policies() {
    let call = sign_up();
    let (status, body) = answer(&call, vec![debug(r#"{"score":0.5}"#), debug("[1]")]);
    assert_eq!(status, 200);
    assert_eq!(
        body,
        r#"{"debugContext":{"first":{"score":0.5},"second":[1]}}"#
    );
}

#[test]
fn a_failure_is_shown_at_a_submitted_field_and_a_denial_prevails() {
    let call = sign_up();
    let mut merge = merged(&call, vec![]);
    merge.deny_for_failure(Some("Try again later."));
    assert!(written(&*merge).1.contains(
        r#""errorCauses":[{"errorSummary":"Try again later.","reason":"POLICY_FAILED","locationType":"body","location":"data.userProfile.email","domain":"end-user"}]"#
    ));

    let mut merge = merged(&call, vec![error_at("data.userProfile.login")]);
    let denied = merge.answer();
    merge.deny_for_failure(Some("Try again later."));
    assert_eq!(merge.answer(), denied);
}

#[test]
fn what_okta_would_drop_or_misread_is_a_violation() {
    let mut beside = error_at("data.userProfile.email");
    beside.commands = update(r#"{"a":1}"#).commands;
    let mut empty = error_at("data.userProfile.email");
    empty.error.as_mut().expect("an error").causes[0].summary = " ".to_owned();
    let mut elsewhere = error_at("data.userProfile.email");
    elsewhere.error.as_mut().expect("an error").causes[0].location_type = Some("cookie".into());
    let many = vec![("com.okta.user.profile.update", "{}"); 65];

    let mut allow_beside = error_at("data.userProfile.email");
    let allow = ("com.okta.action.update", r#"{"registration":"ALLOW"}"#);
    allow_beside.commands = commands(&[allow]).commands;

    for (decision, message) in [
        (
            allow_beside,
            "`commands[0]` would never run: Okta runs no command beside an `error`",
        ),
        (
            commands(&[("com.action.update", DENY)]),
            "`commands[0].type` is no command of this hook; it has `com.okta.action.update`, `com.okta.user.profile.update` and `com.okta.user.progressive.profile.update`",
        ),
        (
            commands(&[("com.okta.user.progressive.profile.update", "{}")]),
            "`commands[0].type` is not for this request type; use `com.okta.user.profile.update`",
        ),
        (
            commands(&[("com.okta.action.update", r#"{"action":"DENY"}"#)]),
            r#"`commands[0].value` must be {"registration":"DENY"} or {"registration":"ALLOW"}"#,
        ),
        (
            commands(&[("com.okta.action.update", r#"{"registration":"deny"}"#)]),
            r#"`commands[0].value` must be {"registration":"DENY"} or {"registration":"ALLOW"}"#,
        ),
        (
            update(r#"{"a":1,"password":"hunter2"}"#),
            "`commands[0].value.password` can never be set",
        ),
        (update(r#""x""#), "`commands[0].value` must be an object"),
        (
            update(r#"{"a":1,"a":2}"#),
            "`commands[0].value` is not JSON, names a member twice or nests more than 127 deep",
        ),
        (
            update("{"),
            "`commands[0].value` is not JSON, names a member twice or nests more than 127 deep",
        ),
        (
            debug("{"),
            "`debug-context` is not JSON, names a member twice or nests more than 127 deep",
        ),
        (
            beside,
            "`commands[0]` would never run: Okta runs no command beside an `error`",
        ),
        (
            empty,
            "`error.error-causes[0].error-summary` must not be empty",
        ),
        (
            elsewhere,
            "`error.error-causes[0].location-type` must be `body`, `header`, `url` or `query`",
        ),
        (
            error_at("data.userProfileUpdate.email"),
            "`error.error-causes[0].location` must be `data.userProfile.<attribute>`: Okta shows no other",
        ),
        (commands(&many), "`commands` has 65 commands, more than 64"),
    ] {
        assert_eq!(violation(&sign_up(), decision), message);
    }
}

#[test]
fn an_answer_too_large_fails_the_policy_that_made_it_so_and_keeps_the_rest() {
    let call = sign_up();
    let mut merge = merge(&call).expect("a call");
    let half = "x".repeat(150 * 1024);
    let of = |attribute: &str| update(&format!(r#"{{"{attribute}":"{half}"}}"#));
    let authority = Authority::default();
    merge
        .add("first", of("a"), &authority)
        .expect("small enough");
    let before = merge.answer();
    let violation = merge
        .add("second", of("b"), &authority)
        .expect_err("too large");
    assert!(matches!(violation.rule, Rule::TooLarge { .. }));
    assert_eq!(merge.answer(), before);
    let third = update(r#"{"c":1}"#);
    merge.add("third", third, &authority).expect("small enough");
}

/// Decisions that leave no room for anything.
fn nearly_full() -> Vec<Decision> {
    let long = format!("\"{}\"", "x".repeat(64 * 1024 - 20));
    (0..4).map(|_| debug(&long)).collect()
}

#[test]
fn a_failure_fits_beside_whatever_the_policies_said() {
    let call = sign_up();
    let mut merge = merged(&call, nearly_full());
    assert!(merge.answer().body.len() > 255 * 1024);
    merge.deny_for_failure(Some("Try again later."));
    let (_, body) = written(&*merge);
    assert!(body.len() < 256 * 1024 && body.contains("Try again later."));
}

#[test]
fn nothing_that_others_say_undoes_a_denial() {
    let call = sign_up();
    let mut merge = merged(&call, nearly_full());
    let mut denial = error_at("data.userProfile.email");
    let error = denial.error.as_mut().expect("an error");
    error.causes[0].summary = "x".repeat(4096);
    merge
        .add("last", denial, &Authority::default())
        .expect("the denial itself is small");
    let (_, body) = written(&*merge);
    assert!(merge.is_settled() && body.len() < 256 * 1024 && body.contains("DENY"));
}

#[test]
fn a_long_debug_context_is_left_out_and_says_so() {
    let long = format!("\"{}\"", "x".repeat(64 * 1024));
    let (_, body) = answer(&sign_up(), vec![debug(&long), debug("1")]);
    assert_eq!(
        body,
        r#"{"debugContext":{"first":"left out: 65538 bytes, more than 65536","second":1}}"#
    );
}
