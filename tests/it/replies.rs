//! Calls that Okta repeats.

use serde_json::{Value, json};
use tests::{Builder, TestHost, guests, plugins, sign_up};

async fn host() -> TestHost {
    Builder::default()
        .policy("only-example-com", plugins::ONLY_EXAMPLE_COM)
        .repeats()
        .start()
        .await
}

/// How many calls were decided by policies.
fn decided(host: &TestHost) -> usize {
    host.log().matches(" call answered ").count()
}

fn repeated(host: &TestHost) -> usize {
    host.log().matches("answered as before").count()
}

fn with(member: &str, value: Value) -> Value {
    let mut call = sign_up("a@example.org");
    call[member] = value;
    call
}

#[tokio::test]
async fn are_decided_once_and_answered_alike() {
    let host = host().await;
    let first = host.call(&sign_up("a@example.org")).await;
    let later = with("eventTime", json!("2026-04-25T17:35:30.500Z"));
    for repeat in [sign_up("a@example.org"), later] {
        let reply = host.call(&repeat).await;
        assert_eq!((reply.status, &reply.body), (200, &first.body));
        assert_eq!(reply.headers, first.headers);
    }
    assert_eq!((decided(&host), repeated(&host)), (1, 2));
}

#[tokio::test]
async fn with_another_id_data_or_request_type_are_other_calls() {
    let host = host().await;
    let mut data = sign_up("a@example.org");
    data["data"]["userProfile"]["lastName"] = json!("James");
    let mut calls = vec![
        sign_up("a@example.org"),
        data,
        with("eventId", json!("another")),
        with("requestType", Value::Null),
    ];
    let without_id = with("eventId", Value::Null);
    calls.extend([without_id.clone(), without_id]);
    for call in &calls {
        assert_eq!(host.call(call).await.status, 200);
    }
    assert_eq!((decided(&host), repeated(&host)), (calls.len(), 0));
}

#[tokio::test]
async fn at_the_same_time_wait_for_the_first() {
    let host = Builder::default()
        .policy("sleep", guests::SLEEP)
        .config("[policy]\nlimits = { deadline = '100ms' }")
        .repeats()
        .start()
        .await;
    let call = sign_up("a@example.com");
    let (a, b, c) = tokio::join!(host.call(&call), host.call(&call), host.call(&call));
    assert_eq!([a.status, b.status, c.status], [200; 3]);
    assert!(a.body == b.body && b.body == c.body);
    assert_eq!((decided(&host), repeated(&host)), (1, 2));
    assert_eq!(host.log().matches("deadline-exceeded").count(), 1);
}

#[tokio::test]
async fn after_a_refusal_are_decided() {
    let host = Builder::default()
        .policy("sleep", guests::SLEEP)
        .config(
            "[okta]\nmax_calls = 1\n[policy]\nlimits = { deadline = '100ms' }\non_failure = 'skip'",
        )
        .repeats()
        .start()
        .await;
    let call = sign_up("a@example.com");
    let other = with("eventId", json!("another"));
    let (_, refused) = tokio::join!(host.call(&other), host.call(&call));
    assert_eq!(refused.status, 503);
    assert_eq!(host.call(&call).await.status, 204);
    assert_eq!((decided(&host), repeated(&host)), (2, 0));
}

/// What the first did is done: it is finished, in a place of its own, and the repeat
/// finds its answer.
#[tokio::test]
async fn after_the_caller_hung_up_find_the_answer() {
    let host = Builder::default()
        .policy("sleep", guests::SLEEP)
        .config(
            "[okta]\nmax_calls = 1\n[policy]\nlimits = { deadline = '300ms' }\non_failure = 'skip'",
        )
        .repeats()
        .start()
        .await;
    let call = sign_up("a@example.com");
    let patience = std::time::Duration::from_millis(30);
    let hung_up = tokio::time::timeout(patience, host.begin(&call)).await;
    assert!(hung_up.is_err(), "answered too soon");
    assert!(host.log().contains("the caller hung up"), "{}", host.log());
    assert_eq!(host.call(&call).await.status, 503, "it still runs");
    while decided(&host) == 0 {
        tokio::task::yield_now().await;
    }
    // Its place is free a moment after its line is written.
    while host.call(&call).await.status == 503 {
        tokio::task::yield_now().await;
    }
    assert_eq!((decided(&host), repeated(&host)), (1, 1));
}

#[tokio::test]
async fn are_answered_alike_after_a_policy_changed() {
    let mut host = host().await;
    let first = host.call(&sign_up("a@example.org")).await;
    let settings = host.folder().join("only-example-com.toml");
    std::fs::write(settings, "domain = 'example.org'").expect("written");
    host.follow().await;
    let repeat = host.call(&sign_up("a@example.org")).await;
    assert_eq!((repeat.status, &repeat.body), (200, &first.body));
    let another = host.call(&with("eventId", json!("another"))).await;
    assert_eq!(another.status, 204);
}

/// Nothing of what a caller sent, and no answer, is what a repeat is told by.
#[tokio::test]
async fn that_cannot_be_read_are_refused_each_time() {
    let host = host().await;
    let unknown = with("requestType", json!("unknown"));
    for _ in 0..2 {
        assert_eq!(host.call(&unknown).await.status, 400);
    }
    assert_eq!((decided(&host), repeated(&host)), (0, 0));
    assert_eq!(host.call(&sign_up("a@example.com")).await.status, 204);
}
