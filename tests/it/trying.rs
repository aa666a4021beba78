//! `hookwarden test`, `eval` and `bench`, as somebody uses them who writes a policy.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::{guests, plugins};

use crate::process::BINARY;

/// A folder with a component, its settings and its cases.
struct Folder(TempDir);

impl Folder {
    fn with(name: &str, component: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        fs::create_dir(folder.path().join("cases")).expect("a folder");
        let to = folder.path().join(format!("{name}.wasm"));
        fs::copy(component, to).expect("a component");
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, file: &str, text: &str) -> &Self {
        fs::write(self.path().join(file), text).expect("a file");
        self
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path().join(file)).expect("a file")
    }

    /// Runs a command there; its status, and what it says on both outputs.
    fn run(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let Output {
            status,
            stdout,
            stderr,
        } = Command::new(BINARY)
            .current_dir(self.path())
            .env(
                "XDG_CACHE_HOME",
                concat!(env!("CARGO_TARGET_TMPDIR"), "/cache"),
            )
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .expect("the binary");
        let said = [stdout, stderr].concat();
        (status.code(), String::from_utf8_lossy(&said).into_owned())
    }

    fn test(&self, component: &str, more: &[&str]) -> (Option<i32>, String) {
        let mut arguments = vec!["test", "--component", component];
        arguments.extend(more);
        self.run(&arguments)
    }
}

fn example() -> Folder {
    Folder::with("only-example-com", plugins::ONLY_EXAMPLE_COM)
}

const EXAMPLE: &str = "only-example-com.wasm";

fn contains(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "no `{part}` in:\n{said}");
    }
}

#[test]
fn a_case_passes_if_everything_is_as_it_expects() {
    let folder = example();
    let denied = r#"
[expect]
decision = "denied"
status = 200
reason = "another domain"
contains = '{"error":{"errorCauses":[{"location":"data.userProfile.email"}]}}'
fuel = 100_000
"#;
    let admitted = "call.set.'/data/userProfile/email' = 'a@example.com'\nexpect.decision = 'no-opinion'\nexpect.answer = ''\n";
    folder
        .write("cases/others.toml", denied)
        .write("cases/own.toml", admitted);
    let (status, said) = folder.test(EXAMPLE, &["--junit", "junit.xml"]);
    assert_eq!(status, Some(0), "{said}");
    contains(
        &said,
        &["ok      others", "ok      own", "2 passed, 0 failed"],
    );
    contains(
        &folder.read("junit.xml"),
        &["<testsuite name=\"only-example-com\" tests=\"2\" failures=\"0\">"],
    );

    let (status, said) = folder.test(EXAMPLE, &["--filter", "own"]);
    assert_eq!(status, Some(0));
    contains(&said, &["1 passed, 0 failed"]);
}

#[test]
fn each_expectation_fails_a_case_when_it_is_not_met() {
    let folder = example();
    for (name, expect, says) in [
        (
            "decision",
            "decision = 'no-opinion'",
            "decision\n      expected no-opinion\n      got      denied",
        ),
        (
            "status",
            "status = 204",
            "status\n      expected 204\n      got      200",
        ),
        (
            "answer",
            "answer = ''",
            "answer\n      expected nothing\n      got      {",
        ),
        (
            "exact",
            r#"answer = '{"commands":[{"type":"com.okta.action.update","value":{"registration":"DENY"}}]}'"#,
            "answer.error\n      expected nothing\n      got      {",
        ),
        (
            "contains",
            r#"contains = '{"commands":[{"type":"com.okta.user.profile.update"}]}'"#,
            "answer.commands[0].type\n      expected \"com.okta.user.profile.update\"\n      got      \"com.okta.action.update\"",
        ),
        (
            "reason",
            "reason = 'mine'",
            "reason\n      expected mine\n      got      another domain",
        ),
        (
            "failure",
            "failure = 'trapped'",
            "failure\n      expected trapped\n      got      none",
        ),
        (
            "refused",
            "refused = 'x'",
            "policy\n      expected not loaded, because of `x`\n      got      loaded",
        ),
        (
            "bucket",
            "key_value = { a = 'b' }",
            "key_value\n      expected {\"a\":\"b\"}\n      got      null",
        ),
        (
            "fuel",
            "fuel = 10",
            "fuel\n      expected at most 10\n      got      ",
        ),
        ("nothing", "", "expect\n      expected something"),
    ] {
        folder.write("cases/one.toml", &format!("[expect]\n{expect}\n"));
        let (status, said) = folder.test(EXAMPLE, &["--junit", "junit.xml"]);
        assert_eq!(status, Some(1), "{name}: {said}");
        contains(&said, &["FAILED  one", says, "0 passed, 1 failed"]);
        contains(
            &folder.read("junit.xml"),
            &["failures=\"1\"", "<failure message="],
        );
    }
}

#[test]
fn what_is_wrong_is_said_with_its_file_and_its_member() {
    let folder = example();
    for (case, says) in [
        (
            "expect.decison = 'denied'",
            "`./cases/one.toml`, line 1: `expect.decison`: unknown field",
        ),
        (
            "call.sample = 'sign-up'",
            "`./cases/one.toml`: `call`: `sample`: there is no hook `sign-up`",
        ),
        (
            "call.type = 'late'",
            "`./cases/one.toml`: `call`: `type`: `registration` has no sample `late`",
        ),
        ("call.file = 'no.json'", "`./cases/no.json` cannot be read"),
        (
            "call.remove = ['/nowhere']",
            "`remove`: `/nowhere` is not in the call",
        ),
        (
            "policy.limits.fuell = 1",
            "there is no key `policy.limits.fuell`; the nearest is `policy.limits.fuel`",
        ),
        (
            "policy.limits.memory = '1KiB'",
            "`./cases/one.toml`: `policy.limits.memory`",
        ),
        (
            "clock = 'noon'",
            "`./cases/one.toml`: `clock`: must be a time",
        ),
        (
            "datasets.a = {}",
            "`./cases/one.toml`: `datasets.a`: must have a `list` or `rows`",
        ),
        (
            "http = [{ url = 'x' }]",
            "`./cases/one.toml`: `http[0].url`",
        ),
        (
            "http = [{ url = 'https://a.example/', error = 'late' }]",
            "`http[0].error`: must be one of `HTTP-request-denied`",
        ),
        (
            "settings.domain = 'x y'",
            "`./cases/one.toml`: it refuses its settings",
        ),
        (
            "settings.domains = ['x']",
            "`./cases/one.toml`: it refuses its settings: `domains`: unknown field",
        ),
    ] {
        folder.write("cases/one.toml", &format!("{case}\n"));
        let (status, said) = folder.test(EXAMPLE, &[]);
        assert_eq!(status, Some(1), "{case}: {said}");
        contains(&said, &[says]);
    }
    fs::remove_file(folder.path().join("cases/one.toml")).expect("a file");
    let (status, said) = folder.test(EXAMPLE, &[]);
    assert_eq!(status, Some(1));
    contains(&said, &["no case there; write one in `cases/`"]);
}

#[test]
fn a_missing_grant_is_said_with_what_grants_it() {
    let folder = Folder::with("redeem-invitations", plugins::REDEEM_INVITATIONS);
    folder.write("cases/one.toml", "[expect]\ndecision = 'denied'\n");
    let (status, said) = folder.test("redeem-invitations.wasm", &[]);
    assert_eq!(status, Some(1));
    contains(
        &said,
        &[
            "it asks for `hookwarden:policy/dataset@0.1.0`, which is not granted: grant it with `policies.redeem-invitations.grants.datasets`",
            "a case grants it with `[datasets.<name>]`, `[key_value]`",
        ],
    );
}

#[test]
fn an_update_writes_what_is_decided_and_leaves_the_rest() {
    let folder = Folder::with("redeem-invitations", plugins::REDEEM_INVITATIONS);
    let case = "# The first one has it.\n[call.set]\n\"/data/userProfile/inviteCode\" = \"abc\" # a code\n\n\
                [datasets.invitations]\nmatch = \"ignore-case\"\nlist = [\"abc\"]\n\n[key_value]\n";
    folder.write("cases/one.toml", case);
    let (status, said) = folder.test("redeem-invitations.wasm", &["--update"]);
    assert_eq!(status, Some(0), "{said}");
    contains(&said, &["updated one", "1 updated"]);
    let updated = folder.read("cases/one.toml");
    assert!(updated.starts_with(case), "{updated}");
    contains(
        &updated,
        &["decision = \"acted\"", "\"inviteCode\": \"\"", "fuel = "],
    );
    let (status, said) = folder.test("redeem-invitations.wasm", &[]);
    assert_eq!(status, Some(0), "{said}");
}

#[test]
fn the_world_of_a_case_is_the_same_each_time() {
    let folder = Folder::with("tell-time-and-chance", guests::TELL_TIME_AND_CHANCE);
    let eval = |case: &str| {
        folder.write("case.toml", case);
        let arguments = [
            "eval",
            "tell-time-and-chance.wasm",
            "--json",
            "--case",
            "case.toml",
        ];
        let (_, said) = folder.run(&arguments);
        let told: Value = serde_json::from_str(&said).expect("JSON");
        let reason = told["reason"].as_str().expect("a reason").to_owned();
        let (time, chance) = reason.split_once(' ').expect("two numbers");
        (time.to_owned(), chance.to_owned())
    };
    let first = eval("");
    assert_eq!(first.0, "1767225600");
    assert_eq!(first, eval(""));
    let later = eval("clock = '2030-01-01T00:00:00Z'");
    assert_eq!(later, ("1893456000".to_owned(), first.1.clone()));
    let other = eval("seed = 2");
    assert!(other.0 == first.0 && other.1 != first.1);
}

#[test]
fn an_evaluation_is_told_for_people_and_for_machines() {
    let folder = example();
    let (status, said) = folder.run(&["eval", EXAMPLE]);
    assert_eq!(status, Some(0), "{said}");
    contains(
        &said,
        &[
            "policy    only-example-com ",
            "hook      registration",
            "decision  denied",
            "reason    another domain",
            "fuel      ",
            "memory    256.0 KiB",
            "Okta gets 200",
            "\"registration\": \"DENY\"",
            "Only example.com addresses can register.",
        ],
    );
    let (status, said) = folder.run(&["eval", EXAMPLE, "--json"]);
    assert_eq!(status, Some(0), "{said}");
    let told: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(told["decision"], "denied");
    assert_eq!(told["status"], 200);
    assert_eq!(told["memory"], 256 * 1024);
    assert_eq!(told["lane"], "front");
    let (fuel, limit) = (told["fuel"].as_u64(), told["fuel_limit"].as_u64());
    assert!(fuel.is_some_and(|fuel| fuel > 0) && fuel < limit, "{told}");
    assert_eq!(
        told["answer"]["commands"],
        json!([{ "type": "com.okta.action.update", "value": { "registration": "DENY" } }])
    );
}

#[test]
fn what_fails_a_policy_is_said_where_its_author_can_find_it() {
    for (name, component, case, says) in [
        (
            "panic-with-the-address",
            guests::PANIC_WITH_THE_ADDRESS,
            "call.sample = 'registration'",
            &["failed (trapped)", "log       error panicked at ", ".rs:"][..],
        ),
        (
            "spin-forever",
            guests::SPIN_FOREVER,
            "call.sample = 'registration'\npolicy.limits.fuel = 1_000_000",
            &[
                "failed (out-of-fuel): it burned all of its ",
                "cause     it computed too much: `limits.fuel`",
            ],
        ),
        (
            "exhaust-memory",
            guests::EXHAUST_MEMORY,
            "call.sample = 'registration'",
            &[
                "failed (memory-exceeded): it ",
                "cause     it was refused memory: `limits.memory`",
            ],
        ),
    ] {
        let folder = Folder::with(name, component);
        folder.write("case.toml", &format!("{case}\n"));
        let file = format!("{name}.wasm");
        let (status, said) = folder.run(&["eval", &file, "--case", "case.toml"]);
        assert_eq!(status, Some(1), "{said}");
        contains(&said, says);
        let mut lines = said.lines().filter(|line| line.starts_with("log "));
        let quotes = lines.any(|line| line.contains("rosario"));
        assert!(!quotes, "its message may quote the call: {said}");
    }
    let folder = example();
    folder.write("only-example-com.toml", "domain = 3\n");
    let (status, said) = folder.run(&["eval", EXAMPLE]);
    assert_eq!(status, Some(1));
    contains(
        &said,
        &[
            "`only-example-com.wasm` is not loaded: `only-example-com.toml`: it refuses its settings: `domain",
        ],
    );
    let (status, said) = folder.run(&["eval", EXAMPLE, "--settings", "none.toml"]);
    assert_eq!(status, Some(1));
    contains(&said, &["`none.toml` cannot be read"]);
}

#[test]
fn a_call_of_another_hook_is_refused_and_one_of_a_file_is_taken() {
    let folder = example();
    let (status, call) = folder.run(&["sample", "registration", "--type", "progressive"]);
    assert_eq!(status, Some(0), "{call}");
    folder.write("call.json", &call);
    let (status, said) = folder.run(&["eval", EXAMPLE, "--call", "call.json"]);
    assert_eq!(status, Some(0), "{said}");
    let (_, call) = folder.run(&["sample", "token"]);
    folder.write("call.json", &call);
    let (status, said) = folder.run(&["eval", EXAMPLE, "--call", "call.json"]);
    assert_eq!(status, Some(1));
    contains(
        &said,
        &["the call is one of `token`, and the policy serves `registration`"],
    );
}

#[test]
fn a_bench_tells_times_beside_the_limits() {
    let folder = example();
    let (status, said) = folder.run(&["bench", EXAMPLE, "--time", "100ms"]);
    assert_eq!(status, Some(0), "{said}");
    contains(
        &said,
        &[
            "evaluations, one after the other",
            "decision  denied",
            "99 % within",
            "of what Okta waits",
            "fuel      ",
            "memory    256.0 KiB",
        ],
    );
}
