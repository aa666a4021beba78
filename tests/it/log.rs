//! What stands in the log, and what must not.

use tests::{Builder, TestHost, guests, plugins, sign_up};

/// What a call holds that is nobody's business.
const PERSONAL: [&str; 4] = ["Rosario", "Jones", "somebody@", "192.0.2.7"];

fn assert_nothing_personal(log: &str) {
    for text in PERSONAL {
        assert!(!log.contains(text), "`{text}` is in the log: {log}");
    }
}

#[tokio::test]
async fn a_call_is_one_line_with_who_decided_what_and_at_what_cost() {
    let host = TestHost::with("only-example-com", plugins::ONLY_EXAMPLE_COM).await;
    host.call(&sign_up("somebody@example.org")).await;
    let log = host.log();
    let lines: Vec<_> = log
        .lines()
        .filter(|line| line.contains("04Dmt8BcT_aEgM"))
        .collect();
    let [line] = lines.as_slice() else {
        panic!("one line, not {lines:?}");
    };
    for part in [
        "INFO call answered",
        r#"hook="registration""#,
        r#"event_id="04Dmt8BcT_aEgM""#,
        r#"decision="denied""#,
        "status=200",
        "only-example-com@",
        " denied fuel=",
        " time=",
    ] {
        assert!(line.contains(part), "no `{part}` in {line}");
    }
    assert!(!line.contains("reason"), "not granted: {line}");
    assert_nothing_personal(&log);
}

#[tokio::test]
async fn what_a_policy_says_is_written_only_if_that_is_granted() {
    for guest in [
        guests::PANIC_WITH_THE_ADDRESS,
        guests::RETURN_FAILURE,
        guests::FLOOD_THE_LOG,
    ] {
        let host = TestHost::with("a-guest", guest).await;
        host.call(&sign_up("somebody@example.org")).await;
        assert_nothing_personal(&host.log());
        assert!(!host.log().contains("forged"));
    }
}

mod flood_the_log {
    use super::*;

    #[tokio::test]
    async fn is_counted_where_it_is_not_granted() {
        let host = TestHost::with("flood", guests::FLOOD_THE_LOG).await;
        assert_eq!(host.call(&sign_up("a@example.com")).await.status, 204);
        assert!(host.log().contains("dropped_lines=10000"), "{}", host.log());
    }

    #[tokio::test]
    async fn is_capped_and_forges_no_line_where_it_is() {
        let host = Builder::default()
            .policy("flood", guests::FLOOD_THE_LOG)
            .config("[policies.flood]\nlog = true")
            .start()
            .await;
        assert_eq!(host.call(&sign_up("a@example.com")).await.status, 204);
        let log = host.log();
        assert_eq!(log.matches("policy says policy=").count(), 64);
        assert!(log.contains("dropped_lines=9936"), "{log}");
        assert!(log.contains(r"\\u{a}2026-11-21 ERROR forged"), "{log}");
        assert!(!log.lines().any(|line| line.starts_with("2026-11-21 ERROR")));
        assert_eq!(host.call(&sign_up("a@example.com")).await.status, 204);
    }
}

#[tokio::test]
async fn an_event_id_cannot_forge_a_line() {
    let host = TestHost::with("only-example-com", plugins::ONLY_EXAMPLE_COM).await;
    let mut call = sign_up("a@example.com");
    call["eventId"] = format!("x\nERROR forged\u{1b}[2J{}", "y".repeat(5_000)).into();
    assert_eq!(host.call(&call).await.status, 204);
    let log = host.log();
    assert!(
        !log.lines().any(|line| line.starts_with("ERROR forged")),
        "{log}"
    );
    assert!(!log.contains('\u{1b}') && log.len() < 5_000, "{log}");
}
