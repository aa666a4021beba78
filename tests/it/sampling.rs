//! `hookwarden sample`, as somebody uses it who looks for a call to try.

use std::process::{Command, Output};

use hookwarden::okta::{Call, HookType};

use crate::process::BINARY;

fn sample(arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(BINARY);
    let output = command.arg("sample").args(arguments).output();
    let Output {
        status,
        stdout,
        stderr,
    } = output.expect("the binary");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (status.code(), text(&stdout), text(&stderr))
}

#[test]
fn a_call_is_printed_and_nothing_else() {
    for (arguments, request_type) in [
        (&["registration"][..], Some("self.service.registration")),
        (
            &["registration", "--type", "progressive"],
            Some("progressive.profile"),
        ),
        (&["registration", "--type", "classic"], None),
    ] {
        let (status, out, err) = sample(arguments);
        assert_eq!((status, &*err), (Some(0), ""), "{arguments:?}");
        let call = Call::parse(HookType::Registration, out.as_bytes()).expect("a call");
        assert_eq!(call.request_type(), request_type);
    }
}

#[test]
fn an_unknown_type_is_answered_by_the_known_ones() {
    let (status, out, err) = sample(&["user-import", "--type", "delete"]);
    assert_eq!((status, &*out), (Some(1), ""));
    assert_eq!(
        err,
        "hookwarden: `user-import` has no calls of type `delete`; use `create`, `link`\n"
    );
}

#[test]
fn every_type_is_a_line_of_the_list() {
    let (status, out, err) = sample(&["--list"]);
    assert_eq!((status, &*err), (Some(0), ""));
    for hook_type in HookType::ALL.into_iter().filter(|hook| hook.is_served()) {
        let named = |line: &&str| line.split_whitespace().next() == Some(hook_type.name());
        let own: String = out
            .lines()
            .filter(named)
            .map(|line| format!("{line}\n"))
            .collect();
        assert!(!own.is_empty(), "{hook_type}");
        let (status, list, _) = sample(&["--list", hook_type.name()]);
        assert_eq!((status, list), (Some(0), own));
    }
    let (status, ..) = sample(&[]);
    assert_eq!(status, Some(2));
}
