//! Evaluations cut short by a limit.
//!
//! Each guest runs first in a chain whose second policy is the example. A call
//! that the example admits is answered by the failure; then an ordinary call is
//! decided by the example as ever: surviving is the point.

use serde_json::json;
use tests::{Builder, TestHost, failure_answer, guests, hostile, plugins, sign_up};

async fn host(guest: &str, config: &str) -> TestHost {
    Builder::default()
        .policy("a-guest", guest)
        .policy("only-example-com", plugins::ONLY_EXAMPLE_COM)
        .config(config)
        .start()
        .await
}

/// The guest is stopped, by this kind of failure, with these words, and nothing
/// else is harmed.
async fn assert_stopped(guest: &str, config: &str, kind: &str, words: &str) {
    let host = host(guest, config).await;
    for _ in 0..2 {
        let reply = host.call(&sign_up("a@example.com")).await;
        assert_eq!((reply.status, reply.json()), (200, failure_answer()));
    }
    let log = host.log();
    assert!(
        log.contains(&format!("error.type=\"{kind}\"")),
        "no {kind} in: {log}"
    );
    assert!(log.contains(words), "no `{words}` in: {log}");
    assert!(log.contains("policy=a-guest"), "{log}");

    let ordinary = host.call(&sign_up("a@example.org")).await.json();
    assert_eq!(
        ordinary["error"]["errorCauses"][0]["errorSummary"],
        json!("Only example.com addresses can register.")
    );
    assert_eq!(host.operator("/readyz").await.status, 200);
}

mod spin_forever {
    use super::*;

    #[tokio::test]
    async fn is_stopped_by_fuel() {
        let config =
            "[policies.a-guest.limits]\nfuel = 5_000_000\nfuel_per_byte = 0\ndeadline = '2s'";
        let words = "burned all of its 5000000 fuel";
        assert_stopped(guests::SPIN_FOREVER, config, "out-of-fuel", words).await;
    }

    #[tokio::test]
    async fn is_stopped_by_its_deadline() {
        let config = "[policies.a-guest.limits]\nfuel = 1_000_000_000_000\ndeadline = '200ms'";
        let words = "took longer than its 200ms";
        assert_stopped(guests::SPIN_FOREVER, config, "deadline-exceeded", words).await;
    }

    #[tokio::test]
    async fn is_stopped_by_the_deadline_of_the_hook() {
        let config = "[hook]\ndeadline = '150ms'\n[policies.a-guest.limits]\nfuel = 1_000_000_000_000\ndeadline = '2s'";
        let host = host(guests::SPIN_FOREVER, config).await;
        let reply = host.call(&sign_up("a@example.com")).await;
        assert_eq!(reply.json(), failure_answer());
        let log = host.log();
        assert_eq!(log.matches("deadline-exceeded").count(), 1, "{log}");
        // The second policy never got a turn.
        assert_eq!(log.matches("not-started").count(), 1, "{log}");
        assert_eq!(host.operator("/readyz").await.status, 200);
    }
}

mod exhaust_memory {
    use super::*;

    #[tokio::test]
    async fn is_stopped() {
        let config =
            "[policies.a-guest.limits]\nmemory = '8MiB'\nfuel = 1_000_000_000_000\ndeadline = '2s'";
        let words = "bytes of memory, more than its 8388608";
        assert_stopped(guests::EXHAUST_MEMORY, config, "memory-exceeded", words).await;
    }
}

mod go_on_without_memory {
    use super::*;

    #[tokio::test]
    async fn has_not_decided() {
        let config = "[policies.a-guest.limits]\nmemory = '8MiB'";
        let words = "bytes of memory, more than its 8388608";
        assert_stopped(
            guests::GO_ON_WITHOUT_MEMORY,
            config,
            "memory-exceeded",
            words,
        )
        .await;
    }
}

mod talk_without_end {
    use super::*;

    #[tokio::test]
    async fn is_stopped_in_its_first_megabyte() {
        let words = "bytes of log lines, more than its 1048576";
        assert_stopped(guests::TALK_WITHOUT_END, "", "log-exceeded", words).await;
    }
}

mod much_data {
    use super::*;

    /// The recipe's memory layout must not bound what a policy carries with it.
    #[tokio::test]
    async fn is_built_and_serves() {
        let host = TestHost::with("much-data", guests::MUCH_DATA).await;
        assert_eq!(host.call(&sign_up("a@example.com")).await.status, 204);
    }
}

mod read_everything {
    use super::*;

    /// What the host promises to pass in, a policy built by the recipe can read.
    #[tokio::test]
    async fn reads_the_deepest_call_there_can_be() {
        let host = TestHost::with("read-everything", guests::READ_EVERYTHING).await;
        let mut call = sign_up("a@example.com").to_string();
        let deep = format!(",\"deep\":{}{}}}", "[".repeat(126), "]".repeat(126));
        call.replace_range(call.len() - 1.., &deep);
        assert_eq!(host.call_with(call).await.status, 204, "{}", host.log());
    }
}

mod overflow_stack {
    use super::*;

    #[tokio::test]
    async fn is_stopped() {
        assert_stopped(guests::OVERFLOW_STACK, "", "trapped", "trapped: ").await;
    }
}

mod recurse {
    use super::*;

    #[tokio::test]
    async fn is_stopped_by_the_stack_there_is() {
        for (config, limit) in [("", 524_288), ("[sandbox]\nstack = '128KiB'", 131_072)] {
            let words = format!("needed more than {limit} bytes of stack");
            assert_stopped(guests::RECURSE, config, "stack-exceeded", &words).await;
        }
    }
}

mod panic_with_the_address {
    use super::*;

    #[tokio::test]
    async fn is_stopped_and_reported_by_file_and_line() {
        let guest = guests::PANIC_WITH_THE_ADDRESS;
        let place = "said=\"panicked at examples/panic-with-the-address.rs:6\"";
        assert_stopped(guest, "[policies.a-guest]\nlog = true", "trapped", place).await;
    }
}

mod answer_of_10_mb {
    use super::*;

    #[tokio::test]
    async fn is_not_read() {
        let words = "handed over what cannot be read, or more than 1048576 bytes";
        assert_stopped(guests::ANSWER_OF_10_MB, "", "unreadable-answer", words).await;
    }
}

mod sleep {
    use super::*;

    #[tokio::test]
    async fn is_stopped_while_it_waits() {
        let config = "[policies.a-guest.limits]\ndeadline = '200ms'";
        let words = "took longer than its 200ms";
        assert_stopped(guests::SLEEP, config, "deadline-exceeded", words).await;
    }
}

mod exit {
    use super::*;

    #[tokio::test]
    async fn ends_the_evaluation_and_nothing_else() {
        assert_stopped(
            guests::EXIT,
            "",
            "exited",
            "called `exit` instead of returning",
        )
        .await;
    }
}

mod keep_state {
    use super::*;

    #[tokio::test]
    async fn finds_nothing_of_an_earlier_call() {
        let host = TestHost::with("keep-state", guests::KEEP_STATE).await;
        for _ in 0..100 {
            assert_eq!(host.call(&sign_up("a@example.com")).await.status, 204);
        }
    }
}

mod fuel {
    use super::*;

    /// The same call burns the same fuel, so that a limit means something.
    #[tokio::test]
    async fn is_the_same_for_the_same_call() {
        let host = TestHost::with("only-example-com", plugins::ONLY_EXAMPLE_COM).await;
        for _ in 0..5 {
            host.call(&sign_up("a@example.com")).await;
        }
        let log = host.log();
        let fuel = |line: &str| {
            let (_, rest) = line.split_once(" fuel=")?;
            rest.split(' ').next().map(str::to_owned)
        };
        let burned: Vec<_> = log.lines().filter_map(fuel).collect();
        assert_eq!(burned.len(), 5);
        assert!(burned.iter().all(|fuel| *fuel == burned[0]), "{burned:?}");
    }
}

mod spin_in_host_calls {
    use super::*;

    #[tokio::test]
    async fn is_stopped_by_their_number() {
        let guest = guests::SPIN_IN_HOST_CALLS;
        let words = "made more than 10000 host calls";
        assert_stopped(guest, "", "host-calls-exceeded", words).await;
    }
}

mod spin_in_wasi_calls {
    use super::*;

    /// WASI's functions are not the host's own, and count all the same.
    #[tokio::test]
    async fn is_stopped_by_their_number() {
        let guest = guests::SPIN_IN_WASI_CALLS;
        let config = "[policies.a-guest.limits]\nhost_calls = 1_000";
        let words = "made more than 1000 host calls";
        assert_stopped(guest, config, "host-calls-exceeded", words).await;
    }
}

mod ask_for_random_bytes {
    use super::*;

    #[tokio::test]
    async fn is_stopped_by_what_passes() {
        let guest = guests::ASK_FOR_RANDOM_BYTES;
        let config = "[policies.a-guest.limits]\ndeadline = '2s'";
        let words = "bytes through host calls, more than its 4194304";
        assert_stopped(guest, config, "host-bytes-exceeded", words).await;
    }
}

mod hoard_handles {
    use super::*;

    #[tokio::test]
    async fn is_stopped_by_their_number() {
        let config = "[policies.a-guest.limits]\nhandles = 100";
        let words = "held more than 100 handles";
        assert_stopped(guests::HOARD_HANDLES, config, "handles-exceeded", words).await;
    }
}

mod fill_memory {
    use super::*;

    /// One instruction that fills megabytes costs fuel for each byte.
    #[tokio::test]
    async fn is_stopped_by_fuel() {
        let config =
            "[policies.a-guest.limits]\nfuel = 50_000_000\nfuel_per_byte = 0\ndeadline = '2s'";
        let words = "burned all of its 50000000 fuel";
        assert_stopped(guests::FILL_MEMORY, config, "out-of-fuel", words).await;
    }
}

mod obey {
    use super::*;

    #[tokio::test]
    async fn returns_no_more_than_its_output() {
        let host = Builder::default()
            .policy("obey", guests::OBEY)
            .settings("obey", "padding = 600_000")
            .start()
            .await;
        let reply = host.call(&sign_up("a@example.com")).await;
        assert_eq!(reply.json(), failure_answer());
        let log = host.log();
        assert!(log.contains("error.type=\"output-exceeded\""), "{log}");
        assert!(log.contains("bytes, more than its 524288"), "{log}");
    }
}

mod tables {
    use super::*;

    #[tokio::test]
    async fn are_limited_in_all() {
        let example = std::fs::read(plugins::ONLY_EXAMPLE_COM).expect("a component");
        let host = Builder::default()
            .broken("two-tables", &hostile::with_tables(&example, 2, 60_000))
            .broken("one-table", &hostile::with_tables(&example, 1, 60_000))
            .policy("only-example-com", plugins::ONLY_EXAMPLE_COM)
            .config("[policies.two-tables]\non_failure = 'skip'")
            .start()
            .await;
        let listing = host.operator("/policies").await.json();
        let policy = |index: usize| &listing["policies"][index];
        assert_eq!(policy(0)["state"], "loaded", "{listing}");
        let reason = policy(2)["reason"].as_str().unwrap_or_default();
        let (says, limit) = ("when it was started it needed 1200", "more than its 100000");
        assert!(
            reason.starts_with(says) && reason.ends_with(limit),
            "{reason}"
        );
        assert_eq!(host.call(&sign_up("a@example.com")).await.status, 204);
    }
}

mod places {
    use super::*;

    /// More calls at once than evaluations may run: the others wait their turn.
    #[tokio::test]
    async fn calls_wait_for_one_another_within_their_deadline() {
        let config = "[policy.limits]\ndeadline = '2s'\n[policies.sleep]\non_failure = 'skip'\nlimits = { deadline = '200ms', evaluations = 1 }";
        let host = Builder::default()
            .policy("only-example-com", plugins::ONLY_EXAMPLE_COM)
            .policy("sleep", guests::SLEEP)
            .config(config)
            .start()
            .await;
        let call = sign_up("a@example.com");
        let (a, b, c) = tokio::join!(host.call(&call), host.call(&call), host.call(&call));
        assert_eq!([a.status, b.status, c.status], [204; 3]);
        // One of them had the only place for all of its time.
        let log = host.log();
        assert!(log.contains("deadline-exceeded"), "{log}");
        assert!(log.contains("error.type=\"policy-busy\""), "{log}");
        assert!(log.contains("all its 1 evaluations were taken"), "{log}");
    }

    /// Another policy's evaluations take the host's places only up to its own.
    #[tokio::test]
    async fn one_policy_does_not_take_them_all() {
        let config = "[sandbox]\nevaluations = 2\nslow_evaluations = 1\n[hooks.registration]\npolicies = ['sleep', 'only-example-com']\n[policies.sleep]\non_failure = 'skip'\nlimits = { deadline = '1s', evaluations = 1 }";
        let host = Builder::default()
            .policy("only-example-com", plugins::ONLY_EXAMPLE_COM)
            .policy("sleep", guests::SLEEP)
            .config(config)
            .start()
            .await;
        let (denied, admitted) = (sign_up("a@example.org"), sign_up("a@example.com"));
        let (a, b, c) = tokio::join!(
            host.call(&denied),
            host.call(&admitted),
            host.call(&admitted)
        );
        assert_eq!([a.status, b.status, c.status], [200, 204, 204]);
        assert!(!host.log().contains("host-busy"), "{}", host.log());
    }

    /// Where a policy computes in more calls at once than it may, those that are
    /// too many are ended after a slice.
    #[tokio::test]
    async fn in_the_slow_lane_are_limited_for_each_policy_and_in_all() {
        for (config, kind, words) in [
            (
                "[policies.a-guest.limits]\nslow_evaluations = 1\nfuel = 1_000_000_000_000",
                "policy-slow",
                "all its 1 places in the slow lane were taken",
            ),
            (
                "[sandbox]\nslow_evaluations = 1\n[policy.limits]\nfuel = 1_000_000_000_000",
                "host-slow",
                "all of the host's 1 places in the slow lane were taken",
            ),
        ] {
            let host = host(guests::SPIN_FOREVER, config).await;
            let call = sign_up("a@example.com");
            let (a, b) = tokio::join!(host.call(&call), host.call(&call));
            assert_eq!([a.json(), b.json()], [failure_answer(), failure_answer()]);
            let log = host.log();
            let count = log.matches(&format!("error.type=\"{kind}\"")).count();
            assert_eq!(count, 1, "{log}");
            assert!(log.contains(words), "{log}");
            assert_eq!(host.call(&sign_up("a@example.org")).await.status, 200);
        }
    }
}
