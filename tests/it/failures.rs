//! The failure matrix: whatever the cause, a failure is what its policy's
//! `on_failure` says, and never a denial of the policy's own.

use std::fmt::Write as _;

use futures_util::future::join_all;
use hookwarden::hook::{Mode, mode};
use hookwarden::okta::HookType;
use hookwarden::policy::{Cause, OnFailure};
use serde_json::json;
use tests::samples::{self, INLINE};
use tests::{Builder, Reply, TestHost, guests, plugins, sign_up};

use crate::schemas;

const MODES: [(&str, OnFailure); 3] = [
    ("deny", OnFailure::Deny),
    ("skip", OnFailure::Skip),
    ("as-okta", OnFailure::AsOkta),
];

/// How a policy comes to fail.
struct Case {
    cause: Cause,
    component: &'static str,
    settings: &'static str,
    limits: &'static str,
    config: &'static str,
    /// A policy that stands before it.
    before: Option<&'static str>,
    /// Calls at the same time.
    at_once: usize,
}

fn case(cause: Cause, component: &'static str, limits: &'static str) -> Case {
    Case {
        cause,
        component,
        settings: "",
        limits,
        config: "",
        before: None,
        at_once: 1,
    }
}

/// What there is no case for, and why.
const NO_CASE: [Cause; 4] = [
    // What a decision may do is of one hook each: see `narrowing`.
    Cause::NotGranted,
    // A table that is too large is refused when the policy is loaded.
    Cause::TablesExceeded,
    // No chain holds a policy that does not serve its hook.
    Cause::NotExported,
    // There is room for every evaluation that has a place.
    Cause::NoRoom,
];

fn cases() -> Vec<Case> {
    let spin = guests::SPIN_FOREVER;
    let endless = "fuel = 1_000_000_000_000, deadline = '2s'";
    let illegal = "commands = [{ type = 'com.okta.unknown', value = '{}' }]";
    vec![
        case(Cause::OutOfFuel, spin, "fuel = 5_000_000, deadline = '2s'"),
        case(Cause::DeadlineExceeded, guests::SLEEP, "deadline = '100ms'"),
        case(
            Cause::MemoryExceeded,
            guests::GO_ON_WITHOUT_MEMORY,
            "memory = '8MiB'",
        ),
        case(Cause::StackExceeded, guests::RECURSE, ""),
        case(
            Cause::HostCallsExceeded,
            guests::SPIN_IN_HOST_CALLS,
            "host_calls = 1_000",
        ),
        case(
            Cause::HostBytesExceeded,
            guests::ASK_FOR_RANDOM_BYTES,
            "host_bytes = '128KiB'",
        ),
        case(Cause::LogExceeded, guests::TALK_WITHOUT_END, ""),
        case(
            Cause::HandlesExceeded,
            guests::HOARD_HANDLES,
            "handles = 100",
        ),
        Case {
            settings: "padding = 600_000",
            ..case(Cause::OutputExceeded, guests::OBEY, "")
        },
        case(Cause::Trapped, guests::PANIC_WITH_THE_ADDRESS, ""),
        case(Cause::Exited, guests::EXIT, ""),
        case(Cause::UnreadableAnswer, guests::ANSWER_OF_10_MB, ""),
        case(Cause::Undecided, guests::RETURN_FAILURE, ""),
        Case {
            settings: illegal,
            ..case(Cause::IllegalDecision, guests::OBEY, "")
        },
        Case {
            at_once: 2,
            ..case(
                Cause::PolicyBusy,
                guests::SLEEP,
                "evaluations = 1, deadline = '100ms'",
            )
        },
        Case {
            at_once: 2,
            ..case(Cause::PolicySlow, spin, "slow_evaluations = 1")
        },
        Case {
            config: "[sandbox]\nevaluations = 2\nslow_evaluations = 1",
            at_once: 3,
            ..case(Cause::HostBusy, guests::SLEEP, "deadline = '100ms'")
        },
        Case {
            config: "[sandbox]\nslow_evaluations = 1",
            at_once: 2,
            ..case(Cause::HostSlow, spin, "")
        },
        Case {
            config: "[hook]\ndeadline = '150ms'",
            before: Some(spin),
            ..case(Cause::NotStarted, plugins::ONLY_EXAMPLE_COM, endless)
        },
        case(Cause::NotLoaded, guests::OTHER_VERSION, ""),
    ]
}

/// A host with a policy for each mode and a hook for each type and mode, and one for
/// ordinary calls.
async fn host(case: &Case, failure_text: &str) -> TestHost {
    let mut builder = Builder::default()
        .policy("ordinary", plugins::ONLY_EXAMPLE_COM)
        .config(case.config)
        .config("[hooks.ordinary]\ntype = 'registration'\npolicies = ['ordinary']");
    for (mode, _) in MODES {
        builder = builder
            .policy(mode, case.component)
            .settings(mode, case.settings);
        let mut chain = format!("'{mode}'");
        if let Some(before) = case.before {
            builder = builder.policy(&format!("before-{mode}"), before);
            chain = format!("'before-{mode}', {chain}");
        }
        let mut config = String::new();
        for hook_type in INLINE {
            let _ = writeln!(
                config,
                "[hooks.{mode}-{hook_type}]\ntype = '{hook_type}'\npolicies = [{chain}]\nfailure_text = '{failure_text}'"
            );
        }
        for name in [mode.to_owned(), format!("before-{mode}")] {
            let limits = case.limits;
            let _ = writeln!(
                config,
                "[policies.{name}]\non_failure = '{mode}'\nlimits = {{ {limits} }}"
            );
        }
        builder = builder.config(&config);
    }
    builder.start().await
}

/// Status and body of the answer to a call of this type after a failure, by what the
/// failure counts as.
fn expected(hook_type: HookType, counts_as: Mode) -> (u16, &'static str) {
    match (hook_type, counts_as) {
        (HookType::Token | HookType::Telephony, Mode::Skip) => (200, "{}"),
        (_, Mode::Skip) => (204, ""),
        (HookType::Registration, Mode::Deny) => (
            200,
            r#"{"commands":[{"type":"com.okta.action.update","value":{"registration":"DENY"}}],"error":{"errorSummary":"Later.","errorCauses":[{"errorSummary":"Later.","reason":"POLICY_FAILED","locationType":"body","location":"data.userProfile.email","domain":"end-user"}]}}"#,
        ),
        (HookType::PasswordImport, Mode::Deny) => (
            200,
            r#"{"commands":[{"type":"com.okta.action.update","value":{"credential":"UNVERIFIED"}}]}"#,
        ),
        (HookType::Token | HookType::Saml, Mode::Deny) => (
            200,
            r#"{"error":{"errorSummary":"Later.","errorCauses":[{"errorSummary":"Later.","reason":"POLICY_FAILED","domain":"end-user"}]}}"#,
        ),
        (HookType::UserImport | HookType::Telephony | HookType::Event, Mode::Deny) => {
            panic!("nothing denies {hook_type}")
        }
    }
}

#[tokio::test]
async fn whatever_the_cause_a_failure_is_what_its_mode_says() {
    for case in cases() {
        let host = host(&case, "Later.").await;
        let cause = case.cause.word();
        for (name, on_failure) in MODES {
            let blame = case.cause.blame().word();
            let line = format!("policy={name} error.type=\"{cause}\" error.blame=\"{blame}\"");
            for hook_type in INLINE {
                let hook = format!("{name}-{hook_type}");
                let expected = expected(hook_type, mode(on_failure, hook_type, true));
                let sample = samples::call(hook_type);
                // One that waits for a place may get it in the moment when its time is up,
                // which is another cause.
                for attempt in 1.. {
                    let logged = host.log().len();
                    let calls = (0..case.at_once).map(|_| host.call_hook(&hook, &sample));
                    for reply in join_all(calls).await {
                        let answer = (reply.status, &*reply.body);
                        assert_eq!(answer, expected, "{cause}, {hook}");
                        let errors = schemas::errors(hook_type, reply.status, &reply.body);
                        assert!(errors.is_empty(), "{cause}, {hook}: {errors:?}");
                    }
                    let log = &host.log()[logged..];
                    if log.contains(&line) {
                        break;
                    }
                    assert!(case.at_once > 1 && attempt < 20, "no {line} in {log}");
                }
            }
        }
        let scraped = host.operator("/metrics").await.body;
        let failed =
            format!("hookwarden_evaluation_failures_total{{policy=\"deny\",cause=\"{cause}\"");
        assert!(scraped.contains(&failed), "{scraped}");
        assert!(
            !scraped.contains(r#"said="denied""#),
            "a failure is no denial: {scraped}"
        );
        assert!(!scraped.contains(r#"decision="denied""#), "{scraped}");

        // A denial is no failure, and everything is as it was.
        for (email, status) in [("a@example.com", 204), ("a@example.org", 200)] {
            let reply = host.call_hook("ordinary", &sign_up(email)).await;
            assert_eq!(reply.status, status);
        }
        let scraped = host.operator("/metrics").await.body;
        let denied = r#"hookwarden_evaluations_total{policy="ordinary",said="denied"} 1"#;
        assert!(scraped.contains(denied), "{scraped}");
        assert!(
            !scraped.contains(r#"policy="ordinary",said="failed""#),
            "{scraped}"
        );
    }
}

#[test]
fn every_cause_has_a_case_or_a_reason() {
    let cases = cases();
    for cause in Cause::ALL {
        let has_case = cases.iter().any(|case| case.cause == *cause);
        assert_ne!(has_case, NO_CASE.contains(cause), "{cause:?}");
    }
}

/// Operators read there what a failure means and what Okta is told.
#[tokio::test]
async fn the_matrix_is_in_the_readme() {
    let mut causes = "| cause | blame | what happened |\n|---|---|---|\n".to_owned();
    for cause in Cause::ALL {
        let (word, blame, tells) = (cause.word(), cause.blame().word(), cause.tells());
        let _ = writeln!(causes, "| `{word}` | {blame} | {tells} |");
    }
    let fails = case(Cause::Undecided, guests::RETURN_FAILURE, "");
    let with_text = host(&fails, "<failure_text>").await;
    let without = host(&fails, "").await;
    let mut matrix = "| hook | counts as | if `on_failure` is | Okta gets, with `failure_text` | and without |\n|---|---|---|---|---|\n".to_owned();
    for hook_type in INLINE {
        for counts_as in [Mode::Deny, Mode::Skip] {
            let mut modes = MODES.to_vec();
            modes.retain(|(_, on_failure)| mode(*on_failure, hook_type, true) == counts_as);
            let Some((name, _)) = modes.first() else {
                continue;
            };
            let (hook, sample) = (format!("{name}-{hook_type}"), samples::call(hook_type));
            let answers = [
                with_text.call_hook(&hook, &sample).await,
                without.call_hook(&hook, &sample).await,
            ];
            let [with_text, without] = answers.map(|Reply { status, body, .. }| match &*body {
                "" => format!("{status}"),
                body => format!("{status} `{body}`"),
            });
            // What is an error for a policy of this type alone.
            modes.retain(|(_, mode)| *mode != OnFailure::Deny || hook_type.has_denial());
            let names: Vec<_> = modes.iter().map(|(name, _)| format!("`{name}`")).collect();
            let _ = writeln!(
                matrix,
                "| {hook_type} | {} | {} | {with_text} | {without} |",
                counts_as.word(),
                names.join(", "),
            );
        }
    }
    let readme = include_str!("../../README.md");
    assert!(readme.contains(&causes), "README.md must have:\n{causes}");
    assert!(readme.contains(&matrix), "README.md must have:\n{matrix}");
}

/// A failure and a denial in one chain: the denial is what Okta and the person are
/// told, and both are counted as what they are.
#[tokio::test]
async fn a_denial_beside_a_failure_is_a_denial() {
    let host = Builder::default()
        .policy("a-fails", guests::RETURN_FAILURE)
        .policy("b-denies", plugins::ONLY_EXAMPLE_COM)
        .start()
        .await;
    let reply = host.call(&sign_up("a@example.org")).await;
    assert_eq!(
        reply.json()["error"]["errorCauses"][0]["errorSummary"],
        json!("Only example.com addresses can register.")
    );
    let scraped = host.operator("/metrics").await.body;
    for line in [
        r#"hookwarden_calls_total{hook="registration",decision="denied"} 1"#,
        r#"hookwarden_evaluations_total{policy="a-fails",said="failed"} 1"#,
        r#"hookwarden_evaluations_total{policy="b-denies",said="denied"} 1"#,
    ] {
        assert!(scraped.contains(line), "no {line} in {scraped}");
    }
}
