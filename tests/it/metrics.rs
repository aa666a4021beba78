//! What the operator's machines scrape.

use std::fmt::Write as _;

use hookwarden::telemetry::metric;
use serde_json::json;
use tests::{Builder, TestHost, guests, plugins, sign_up};

async fn scrape(host: &TestHost) -> String {
    host.operator("/metrics").await.body
}

/// The value of a line, which begins with a name and its labels.
fn value(scraped: &str, line: &str) -> Option<f64> {
    let value = |found: &str| found.strip_prefix(line)?.strip_prefix(' ')?.parse().ok();
    scraped.lines().find_map(value)
}

fn assert_values(scraped: &str, lines: &[(&str, f64)]) {
    for (line, expected) in lines {
        assert_eq!(value(scraped, line), Some(*expected), "{line}: {scraped}");
    }
}

#[tokio::test]
async fn calls_and_decisions_are_counted_and_a_failure_is_no_denial() {
    let host = Builder::default()
        .policy("a-guest", guests::SPIN_FOREVER)
        .policy("only-example-com", plugins::ONLY_EXAMPLE_COM)
        .config("[policies.a-guest]\non_failure = 'skip'\nlimits = { fuel = 5_000_000, deadline = '2s' }")
        .repeats()
        .start()
        .await;
    let denied = sign_up("a@example.org");
    for call in [&denied, &sign_up("a@example.com"), &denied] {
        host.call(call).await;
    }
    host.call_with("{").await;
    let scraped = scrape(&host).await;
    assert_values(
        &scraped,
        &[
            (
                r#"hookwarden_calls_total{hook="registration",decision="denied"}"#,
                1.0,
            ),
            (
                r#"hookwarden_calls_total{hook="registration",decision="no-opinion"}"#,
                1.0,
            ),
            (
                r#"hookwarden_calls_repeated_total{hook="registration"}"#,
                1.0,
            ),
            (r#"hookwarden_calls_refused_total{reason="malformed"}"#, 1.0),
            (
                r#"hookwarden_call_duration_seconds_count{hook="registration"}"#,
                2.0,
            ),
            (
                r#"hookwarden_evaluations_total{policy="a-guest",said="failed"}"#,
                2.0,
            ),
            (
                r#"hookwarden_evaluations_total{policy="only-example-com",said="denied"}"#,
                1.0,
            ),
            (
                r#"hookwarden_evaluations_total{policy="only-example-com",said="no-opinion"}"#,
                1.0,
            ),
            (
                r#"hookwarden_evaluation_failures_total{policy="a-guest",cause="out-of-fuel",counts_as="skip"}"#,
                2.0,
            ),
            (
                r#"hookwarden_slow_evaluations_total{policy="a-guest"}"#,
                2.0,
            ),
            (
                r#"hookwarden_evaluation_fuel_bucket{le="1000000.0",policy="a-guest"}"#,
                0.0,
            ),
            (
                r#"hookwarden_evaluation_fuel_bucket{le="10000000.0",policy="a-guest"}"#,
                2.0,
            ),
            (
                r#"hookwarden_evaluation_fuel_bucket{le="100000.0",policy="only-example-com"}"#,
                2.0,
            ),
            (
                r#"hookwarden_evaluation_duration_seconds_count{policy="a-guest"}"#,
                2.0,
            ),
            ("hookwarden_calls_in_progress", 0.0),
        ],
    );
    for line in [
        r#"hookwarden_evaluations_total{policy="a-guest",said="denied"}"#,
        r#"hookwarden_evaluations_total{policy="only-example-com",said="failed"}"#,
        r#"hookwarden_slow_evaluations_total{policy="only-example-com"}"#,
    ] {
        assert_eq!(value(&scraped, line), None, "{scraped}");
    }
}

#[tokio::test]
async fn what_runs_is_seen_while_it_runs() {
    let host = Builder::default()
        .policy("sleep", guests::SLEEP)
        .config("[policy.limits]\ndeadline = '1s'")
        .start()
        .await;
    let call = host.begin(&sign_up("a@example.com"));
    let watch = async {
        loop {
            let scraped = scrape(&host).await;
            let oldest = value(&scraped, "hookwarden_oldest_evaluation_seconds");
            if oldest.is_some_and(|oldest| oldest > 0.0) {
                break scraped;
            }
            tokio::task::yield_now().await;
        }
    };
    let (_, scraped) = tokio::join!(call, watch);
    assert_values(
        &scraped,
        &[
            (r#"hookwarden_evaluations_running{lane="front"}"#, 1.0),
            (r#"hookwarden_evaluations_running{lane="slow"}"#, 0.0),
            ("hookwarden_calls_in_progress", 1.0),
        ],
    );
    let stacks = value(&scraped, r#"hookwarden_pool_slots_used{kind="stack"}"#);
    assert!(stacks.is_none_or(|stacks| stacks >= 1.0), "{scraped}");
    let after = scrape(&host).await;
    assert_values(
        &after,
        &[
            (r#"hookwarden_evaluations_running{lane="front"}"#, 0.0),
            ("hookwarden_oldest_evaluation_seconds", 0.0),
        ],
    );
}

#[tokio::test]
async fn what_comes_changes_and_goes_is_counted_once() {
    let mut host = TestHost::with("only-example-com", plugins::ONLY_EXAMPLE_COM).await;
    let loads = |outcome: &str| format!("hookwarden_policy_loads_total{{outcome=\"{outcome}\"}}");
    let file = host.folder().join("only-example-com.wasm");
    std::fs::write(&file, "broken").expect("written");
    host.follow().await;
    let scraped = scrape(&host).await;
    assert_values(
        &scraped,
        &[(&loads("loaded"), 1.0), (&loads("as-before"), 1.0)],
    );
    std::fs::remove_file(&file).expect("removed");
    host.follow().await;
    let scraped = scrape(&host).await;
    assert_values(
        &scraped,
        &[(&loads("loaded"), 1.0), (&loads("removed"), 1.0)],
    );
}

#[tokio::test]
async fn nothing_that_a_caller_sends_is_a_label() {
    let host = TestHost::with("only-example-com", plugins::ONLY_EXAMPLE_COM).await;
    let mut call = sign_up("marker@example.com");
    call["eventId"] = json!("marker");
    host.call(&call).await;
    let scraped = scrape(&host).await;
    assert!(!scraped.contains("marker"), "{scraped}");
}

/// Dashboards are made from the README.
#[test]
fn each_is_in_the_readme() {
    let mut table = "| metric | labels | tells |\n|---|---|---|\n".to_owned();
    for metric in metric::ALL {
        let labels: Vec<_> = metric
            .labels
            .iter()
            .map(|label| format!("`{label}`"))
            .collect();
        let (name, labels, tells) = (metric.name, labels.join(", "), metric.tells);
        let _ = writeln!(table, "| `{name}` | {labels} | {tells} |");
    }
    let readme = include_str!("../../README.md");
    assert!(readme.contains(&table), "README.md must have:\n{table}");
}
