//! What is found in answers of other services.

use super::lint;
use crate::okta::testing::call;
use crate::okta::{Answer, Call, HookType};

fn sign_up() -> Call {
    call(
        HookType::Registration,
        r#""requestType":"self.service.registration","data":{"userProfile":{"email":"a@b.example"}}"#,
    )
}

fn progressive() -> Call {
    call(
        HookType::Registration,
        r#""requestType":"progressive.profile","data":{"userProfileUpdate":{"employeeNumber":"12"}}"#,
    )
}

/// What is found: with `!` before what is wrong, and what was said after it.
fn findings_of(call: &Call, status: u16, body: &str) -> Vec<String> {
    let body = body.to_owned().into();
    let findings = lint(call, &Answer { status, body }).expect("a call");
    let text = |finding: super::Finding| {
        let mark = if finding.is_wrong { "!" } else { "" };
        let said = finding.said.map(|said| format!(" ({said})"));
        format!("{mark}{}{}", finding.message, said.unwrap_or_default())
    };
    findings.into_iter().map(text).collect()
}

fn findings(call: &Call, body: &str) -> Vec<String> {
    findings_of(call, 200, body)
}

#[test]
fn an_answer_that_okta_takes_has_nothing_to_find() {
    for body in [
        "",
        "{}",
        r#"{"commands":[]}"#,
        r#"{"commands":null,"error":null}"#,
        r#"{"commands":[{"type":"com.okta.action.update","value":{"registration":"DENY"}}],"error":{"errorSummary":"No.","errorCode":"E1","errorCauses":[{"errorSummary":"No.","location":"data.userProfile.email"}]}}"#,
    ] {
        assert_eq!(findings(&sign_up(), body), [""; 0], "{body}");
    }
}

#[test]
fn published_errors_are_found() {
    for (call, body, expected) in [
        (
            sign_up(),
            r#"{"commands":[{"type":"com.action.update","value":{"registration":"ALLOW"}}]}"#,
            "!`commands[0].type` is no command of this hook; it has `com.okta.action.update`, `com.okta.user.profile.update` and `com.okta.user.progressive.profile.update` (com.action.update)",
        ),
        (
            sign_up(),
            r#"{"Error":{"errorSummary":"No."}}"#,
            "!Okta reads no such member of an answer; it reads `commands`, `error`, `debugContext` (Error)",
        ),
        (
            progressive(),
            r#"{"commands":[{"type":"com.okta.user.progressive.profile.update'","value":{}}]}"#,
            "!`commands[0].type` is no command of this hook; it has `com.okta.action.update`, `com.okta.user.profile.update` and `com.okta.user.progressive.profile.update` (com.okta.user.progressive.profile.update')",
        ),
        (
            progressive(),
            r#"{"commands":[{"type":"com.okta.user.progressive.profile.update","value":"{}"}]}"#,
            "!`commands[0].value` must be an object",
        ),
        (
            sign_up(),
            r#"{"error":[{"errorSummary":"No."}]}"#,
            "!`error` must be an object",
        ),
    ] {
        assert_eq!(findings(&call, body), [expected], "{body}");
    }
}

#[test]
fn everything_is_found_and_not_the_first_alone() {
    let body = r#"{"commands":[
        {"type":"com.okta.action.update","value":{"action":"DENY"}},
        {"type":"com.okta.user.profile.update","value":{"a":1}},
        {"type":"com.okta.user.profile.update","value":{"password":"x"},"op":1},
        7,
        {"value":{}}
    ],"error":{"errorCauses":[{"errorSummary":"","location":7},{"errorSummary":"No."}],"status":1},"more":1}"#;
    let found = findings(&sign_up(), body);
    for part in [
        "`commands[0].value` must be {\"registration\":\"DENY\"} or",
        "`commands[1]` would never run",
        "!Okta reads no such member of `commands[2]`; it reads `type`, `value` (op)",
        "`commands[2].value.password` can never be set",
        "`commands[3]` must be an object",
        "`commands[4].type` must be text",
        "`error.errorCauses[0].errorSummary` must not be empty",
        "`error.errorCauses[0].location` must be text",
        "`error.errorCauses[1]` has no `location`",
        "such member of `error`",
        "(more)",
    ] {
        assert!(
            found.iter().any(|finding| finding.contains(part)),
            "no {part} in {found:#?}"
        );
    }
}

#[test]
fn what_cannot_be_read_is_said() {
    let found = findings(&sign_up(), r#"{"commands":[],}"#);
    assert!(
        found[0].starts_with("!the body cannot be read: not JSON"),
        "{found:?}"
    );
    assert_eq!(findings(&sign_up(), "[]"), ["!the body must be an object"]);
}

#[test]
fn a_status_means_what_the_hook_says() {
    let token = call(HookType::Token, r#""data":{}"#);
    assert!(findings_of(&token, 204, "")[0].contains("takes only 200"));
    assert_eq!(findings_of(&sign_up(), 204, ""), [""; 0]);
    assert!(findings_of(&sign_up(), 204, "{}")[0].contains("no body"));
    for call in [&token, &sign_up()] {
        assert!(findings_of(call, 400, "{}")[0].starts_with("!the status is 400"));
    }
    let large = format!(r#"{{"debugContext":"{}"}}"#, "x".repeat(300_000));
    assert!(findings(&sign_up(), &large)[0].contains("more than Okta's 262143"));
}

#[test]
fn what_is_no_rule_of_oktas_is_a_note() {
    let action = |word| {
        format!(r#"{{"type":"com.okta.action.update","value":{{"registration":"{word}"}}}}"#)
    };
    let commands = |commands: &[String]| format!(r#"{{"commands":[{}]}}"#, commands.join(","));
    assert_eq!(
        findings(&sign_up(), &commands(&[action("DENY"), action("ALLOW")])),
        ["there are several `com.okta.action.update` commands, and they do not say the same"]
    );
    let mut many = vec![action("ALLOW"); 65];
    many[3] = r#"{"type":"com.okta.other","value":{}}"#.to_owned();
    let found = findings(&sign_up(), &commands(&many));
    assert_eq!(found[0], "`commands` has 65 commands, more than 64");
    assert!(
        found[1].starts_with("!`commands[3].type` is no command"),
        "{found:?}"
    );
}
