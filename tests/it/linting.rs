//! `hookwarden lint`, as somebody uses it whose hook is a service of their own.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use crate::process::BINARY;

const CALL: &str = "samples/registration/call.json";

/// Runs it in the folder of the tests.
fn lint(arguments: &[&str], stdin: &str) -> (Option<i32>, String, String) {
    let mut child = Command::new(BINARY)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .arg("lint")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary");
    let mut input = child.stdin.take().expect("standard input");
    // It may have ended without reading.
    let _ = input.write_all(stdin.as_bytes());
    drop(input);
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().expect("an end");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (status.code(), text(&stdout), text(&stderr))
}

#[test]
fn an_answer_that_okta_takes_is_said_to_be_one() {
    let denial =
        r#"{"commands":[{"type":"com.okta.action.update","value":{"registration":"DENY"}}]}"#;
    for (arguments, stdin) in [
        (&[CALL, "-"][..], denial),
        (&[CALL], ""),
        (&[CALL, "--status", "204"], ""),
        (&["samples/telephony/call.json", "-"], "{}"),
    ] {
        let (status, out, err) = lint(arguments, stdin);
        assert_eq!((status, &*err), (Some(0), ""), "{out}");
        assert!(out.starts_with("an answer that Okta takes to a `"), "{out}");
    }
}

#[test]
fn everything_that_is_wrong_is_a_line() {
    let answer = r#"{"commands":[{"type":"com.action.update","value":{"registration":"DENY"}}],"Error":{"errorSummary":"No.\u001b[31m"}}"#;
    let (status, out, _) = lint(&[CALL, "-", "--status", "400"], answer);
    assert_eq!(status, Some(1));
    let lines: Vec<_> = out.lines().collect();
    assert_eq!(
        lines,
        [
            "error: the status is 400: for Okta the hook has failed, and it reads no body",
            "error: Okta reads no such member of an answer; it reads `commands`, `error`, `debugContext`: `Error`",
            "error: `commands[0].type` is no command of this hook; it has `com.okta.action.update`, `com.okta.user.profile.update` and `com.okta.user.progressive.profile.update`: `com.action.update`",
        ]
    );
}

#[test]
fn each_hook_has_its_own_rules() {
    for (hook, wrong, says) in [
        (
            "token",
            r#"{"commands":[{"type":"com.okta.assertion.patch","value":[]}]}"#,
            "error: `commands[0].type` is no command of this hook; it has `com.okta.identity.patch` and `com.okta.access.patch`",
        ),
        (
            "saml",
            r#"{"commands":[{"type":"com.okta.assertion.patch","value":[{"op":"remove","path":"/claims/roles"}]}]}"#,
            "error: `commands[0].value[0].op` must be `add` or `replace`",
        ),
        (
            "user-import",
            r#"{"commands":[{"type":"com.okta.action.update","value":{"result":"LINK_USER"}}]}"#,
            r#"error: `{"result":"LINK_USER"}` needs `com.okta.user.update` beside it"#,
        ),
        (
            "password-import",
            r#"{"error":{"errorSummary":"No."}}"#,
            "error: `error` means nothing to Okta for this hook",
        ),
        (
            "telephony",
            r#"{"error":[{"errorSummary":"No."}]}"#,
            "error: `error` must be an object",
        ),
    ] {
        let call = format!("samples/{hook}/call.json");
        let (status, out, _) = lint(&[&call, "-"], "{}");
        assert_eq!(status, Some(0), "{hook}: {out}");
        let (status, out, _) = lint(&[&call, "-"], wrong);
        assert_eq!(status, Some(1), "{hook}: {out}");
        assert!(out.starts_with(says), "{hook}: {out}");
    }
}

#[test]
fn what_cannot_be_read_is_said_with_its_place() {
    for (arguments, stdin, says) in [
        (&["-"][..], "{", "the call `-`: is not JSON"),
        (
            &["-"],
            r#"{"eventType":"com.okta.event_hook"}"#,
            "its `eventType` must be one of `com.okta.user.pre-registration`, `com.okta.oauth2",
        ),
        (
            &["-"],
            r#"{"eventType":"com.okta.saml.tokens.transform"}"#,
            "`data` must be an object",
        ),
        (&["nowhere.json"], "", "cannot read `nowhere.json`"),
        (&["-", "-"], "", "cannot both be standard input"),
    ] {
        let (status, out, err) = lint(arguments, stdin);
        assert_eq!((status, &*out), (Some(1), ""), "{err}");
        assert!(err.contains(says), "{err}");
    }
}
