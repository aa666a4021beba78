//! What policies keep between calls.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use tests::{Builder, guests, plugins, sign_up};

use crate::granted::{ALL, answers, ask, builder};

#[tokio::test]
async fn counts_made_at_once_are_each_another_and_outlast_a_restart() {
    let step = r#"{ ask = "increment", key = "n" }"#;
    let host = builder(step)
        .config(ALL)
        .config("[policies.reach-out.limits]\ndeadline = '2.5s'\nevaluations = 200\n[sandbox]\nevaluations = 200")
        .start()
        .await;
    let calls: Vec<_> = (0..100)
        .map(|_| host.begin(&sign_up("a@example.com")))
        .collect();
    let counted: BTreeSet<i64> = join_all(calls)
        .await
        .iter()
        .map(|reply| answers(&reply.body)[0].parse().expect("a number"))
        .collect();
    assert_eq!(counted, (1..=100).collect());
    let folder = host.stop();
    let host = Builder::on(folder)
        .variable("TOKEN", "t0ken")
        .config(ALL)
        .start()
        .await;
    assert_eq!(ask(&host).await, ["101"]);
}

#[tokio::test]
async fn each_limit_is_an_error_that_the_policy_can_tell() {
    let steps = r#"
        { ask = "set", key = "a", bytes = 10 },
        { ask = "set", key = "a", bytes = 11 },
        { ask = "set", key = "0123456789abcdef0", bytes = 1 },
        { ask = "set", key = "b", bytes = 1 },
        { ask = "set", key = "c", bytes = 1 },
        { ask = "increment", key = "d" },
        { ask = "get", key = "a" },
    "#;
    let host = builder(steps)
        .config(ALL)
        .config("[policies.reach-out.key_value]\nkeys = 2\nmax_key = '16B'\nmax_value = '10B'")
        .start()
        .await;
    let told = ask(&host).await;
    let is_quota = |told: &str| told.contains("QuotaExceeded");
    let expected = [false, true, true, false, true, true, false];
    let found: Vec<_> = told.iter().map(|told| is_quota(told)).collect();
    assert_eq!(found, expected, "{told:?}");
    assert_eq!(told[6], format!("Some({:?})", "v".repeat(10)));
    let metrics = host.operator("/metrics").await.body;
    assert!(
        metrics.contains("hookwarden_bucket_keys{policy=\"reach-out\"} 2"),
        "{metrics}"
    );
    // Nothing of what was kept is there.
    assert!(!host.log().contains("vvvvv"));
}

#[tokio::test]
async fn no_policy_sees_anothers() {
    let steps = r#"{ ask = "increment", key = "n" }, { ask = "get", key = "m" }"#;
    let other = "[policies.other.grants]\nkey_value = true\ndatasets = ['words']\nhttp = ['https://crm.example.com']\nsecrets = { token = { env = 'TOKEN' } }";
    let host = builder(steps)
        .policy("other", guests::REACH_OUT)
        .settings("other", "steps = [{ ask = 'set', key = 'm', bytes = 1 }, { ask = 'increment', key = 'n' }]")
        .config(ALL)
        .config(other)
        .config("[hooks.registration]\npolicies = ['reach-out']\n[hooks.others]\ntype = 'registration'\npolicies = ['other']")
        .start()
        .await;
    let call = sign_up("a@example.com");
    let others = host.call_hook("others", &call).await;
    assert_eq!(answers(&others.body), ["()", "1"]);
    assert_eq!(ask(&host).await, ["1", "None"]);
}

/// A host that can write nowhere serves all the same.
#[tokio::test]
async fn a_store_that_is_not_there_is_an_error_and_the_failure_mode_decides() {
    let step = r#"{ ask = "increment", key = "n" }"#;
    let host = builder(step).no_buckets().config(ALL).start().await;
    let told = ask(&host).await;
    assert!(told[0].contains("Unavailable"), "{told:?}");

    for (on_failure, denied) in [("deny", true), ("skip", false)] {
        let host = invitations(on_failure).no_buckets().start().await;
        let reply = host.call(&with_code("e1", "ABC")).await;
        assert_eq!(reply.body.contains("DENY"), denied, "{reply:?}");
        assert!(host.log().contains("something it needs is unavailable"));
    }
}

fn invitations(on_failure: &str) -> Builder {
    Builder::default()
        .policy("redeem-invitations", plugins::REDEEM_INVITATIONS)
        .data("invitations.txt", "ABC\nDEF\n")
        .config(&format!(
            "[datasets.invitations]\nfile = 'invitations.txt'\n\
             [policies.redeem-invitations]\non_failure = '{on_failure}'\n\
             limits = {{ deadline = '2.4s', evaluations = 200 }}\n\
             [policies.redeem-invitations.grants]\n\
             datasets = ['invitations']\nkey_value = true\n\
             [sandbox]\nevaluations = 200"
        ))
}

fn with_code(event: &str, code: &str) -> serde_json::Value {
    let mut call = sign_up("a@example.com");
    call["eventId"] = event.into();
    call["data"]["userProfile"]["inviteCode"] = code.into();
    call
}

#[tokio::test]
async fn an_invitation_that_is_used_by_a_hundred_at_once_is_accepted_once() {
    let host = invitations("deny").start().await;
    let calls = (0..100).map(|n| host.begin(&with_code(&format!("e{n}"), "ABC")));
    let replies = join_all(calls.collect::<Vec<_>>()).await;
    let accepted: Vec<_> = (0..100)
        .filter(|n| replies[*n].body.contains(r#"{"inviteCode":""}"#))
        .collect();
    assert_eq!(accepted.len(), 1);
    let denied = replies
        .iter()
        .filter(|reply| reply.body.contains("INVITE_USED"));
    assert_eq!(denied.count(), 99);

    // Okta's retry, after a host that was killed: no reply is kept any more.
    let again = |host: &tests::TestHost| {
        let call = with_code(&format!("e{}", accepted[0]), "ABC");
        host.begin(&call)
    };
    let first = &replies[accepted[0]].body;
    assert_eq!(again(&host).await.body, *first);
    assert_eq!(again(&host).await.body, *first);
    let other = host.call(&with_code("another", "ABC")).await;
    assert!(other.body.contains("INVITE_USED"), "{other:?}");
}

#[tokio::test]
async fn sign_ups_from_one_address_are_limited_and_a_retry_counts_once() {
    let host = Builder::default()
        .policy("limit-sign-ups", plugins::LIMIT_SIGN_UPS)
        .settings("limit-sign-ups", "limit = 2")
        .config("[policies.limit-sign-ups]\ngrants = { key_value = true }\nkey_value = { expire = '1h' }")
        .start()
        .await;
    let call = |event: &str, address: &str| {
        let mut call = sign_up("a@example.com");
        call["eventId"] = event.into();
        call["data"]["context"]["request"]["ipAddress"] = address.into();
        call
    };
    for (event, address, denied) in [
        ("e1", "192.0.2.1", false),
        ("e1", "192.0.2.1", false),
        ("e1", "192.0.2.1", false),
        ("e2", "192.0.2.1", false),
        ("e3", "192.0.2.1", true),
        ("e3", "192.0.2.1", true),
        ("e4", "192.0.2.2", false),
        ("e2", "192.0.2.1", false),
    ] {
        let reply = host.call(&call(event, address)).await;
        assert_eq!(
            reply.body.contains("DENY"),
            denied,
            "{event} {address}: {reply:?}"
        );
    }
}
