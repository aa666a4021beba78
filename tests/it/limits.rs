//! Evaluations cut short by a limit.
//!
//! Each guest runs first in a chain whose second policy is the example. A call
//! that the example admits is answered by the failure; then an ordinary call is
//! decided by the example as ever: surviving is the point.

use serde_json::json;
use tests::{Builder, TestHost, failure_answer, guests, plugins, sign_up};

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
        let words = "needed more than its 8388608 bytes of memory";
        assert_stopped(guests::EXHAUST_MEMORY, config, "memory-exceeded", words).await;
    }
}

mod go_on_without_memory {
    use super::*;

    #[tokio::test]
    async fn has_not_decided() {
        let config = "[policies.a-guest.limits]\nmemory = '8MiB'";
        let words = "needed more than its 8388608 bytes of memory";
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
        let words = "wrote more than 1048576 bytes of log lines";
        assert_stopped(guests::TALK_WITHOUT_END, "", "too-talkative", words).await;
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
        let config = "[policies.a-guest.limits]\nfuel = 1_000_000_000_000\ndeadline = '2s'";
        assert_stopped(guests::OVERFLOW_STACK, config, "trapped", "trapped: ").await;
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

mod hang_up {
    use super::*;

    /// What a caller started and did not wait for runs no longer, holds no place,
    /// and is a line of the log.
    #[tokio::test]
    async fn ends_the_evaluation_and_frees_its_place() {
        let host = Builder::default()
            .policy("a-guest", guests::SLEEP)
            .policy("only-example-com", plugins::ONLY_EXAMPLE_COM)
            .config("[okta]\nmax_calls = 1\n[sandbox]\nconcurrency = 1\n[policies.a-guest]\non_failure = 'skip'\nlimits = { deadline = '300ms' }")
            .start()
            .await;
        let patience = std::time::Duration::from_millis(50);
        let hung_up = tokio::time::timeout(patience, host.begin(&sign_up("a@example.com"))).await;
        assert!(hung_up.is_err(), "answered too soon");
        let log = host.log();
        assert!(
            log.contains("call abandoned") && log.contains("04Dmt8BcT_aEgM"),
            "{log}"
        );
        assert_eq!(host.call(&sign_up("a@example.com")).await.status, 204);
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

mod places {
    use super::*;

    /// More calls at once than evaluations may run: the others wait their turn.
    #[tokio::test]
    async fn calls_wait_for_one_another_within_their_deadline() {
        let config = "[sandbox]\nconcurrency = 1\n[policy.limits]\ndeadline = '2s'\n[policies.sleep]\non_failure = 'skip'\nlimits = { deadline = '200ms' }";
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
        assert!(host.log().contains("deadline-exceeded"), "{}", host.log());
        assert!(host.log().contains("not-started"), "{}", host.log());
    }
}
