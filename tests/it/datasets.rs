//! Lists and tables that somebody else edits, while policies look them up.

use tests::sign_up;

use crate::granted::{ask, builder};

const CONFIG: &str = r#"
    [datasets.words]
    file = "words.txt"
    [datasets.domains]
    file = "domains.txt"
    match = "domain"
    [datasets.networks]
    file = "networks.csv"
    match = "network"
    key = "network"
    [datasets.people]
    file = "people.json"
    match = "ignore-case"
    [datasets.never]
    file = "never.json"
    [policies.reach-out.grants]
    datasets = ["words", "domains", "networks", "people", "never"]
    http = ["https://crm.example.com"]
    key_value = true
    secrets = { token = { env = "TOKEN" } }
"#;

#[tokio::test]
async fn every_kind_is_looked_up_by_its_rule() {
    let steps = r#"
        { ask = "contains", dataset = "domains", value = "mail.EXAMPLE.com" },
        { ask = "contains", dataset = "domains", value = "evil-example.com" },
        { ask = "lookup", dataset = "networks", key = "10.1.2.3" },
        { ask = "lookup", dataset = "networks", key = "10.2.2.3" },
        { ask = "lookup", dataset = "networks", key = "192.0.2.1" },
        { ask = "lookup", dataset = "people", key = "ANNA@example.com" },
        { ask = "contains", dataset = "never", value = "x" },
    "#;
    let host = builder(steps)
        .data("domains.txt", "# not ours\nexample.com\n")
        .data(
            "networks.csv",
            "network,office\n10.0.0.0/8,all\n10.1.0.0/16,\"the \"\"first\"\"\"\n",
        )
        .data("people.json", r#"{"anna@example.com": {"n": 1.50}}"#)
        .config(CONFIG)
        .start()
        .await;
    let expected = [
        "true",
        "false",
        r#""{\"network\":\"10.1.0.0/16\",\"office\":\"the \\\"first\\\"\"}""#,
        r#""{\"network\":\"10.0.0.0/8\",\"office\":\"all\"}""#,
        r#""none""#,
        r#""{\"n\":1.5}""#,
        "Unavailable",
    ];
    assert_eq!(ask(&host).await, expected);
}

#[tokio::test]
async fn a_file_that_changes_is_read_and_a_broken_one_changes_nothing() {
    let steps = r#"{ ask = "contains", dataset = "people", value = "b" }"#;
    let host = builder(steps)
        .data("people.json", r#"["a"]"#)
        .config(CONFIG)
        .start()
        .await;
    let revision = || {
        let log = host.log();
        let line = log.lines().rfind(|line| line.contains("call answered"));
        let (_, rest) = line
            .expect("a line")
            .split_once("dataset=people@")
            .expect("the dataset");
        rest.split([' ', '"'])
            .next()
            .expect("a revision")
            .to_owned()
    };
    assert_eq!(ask(&host).await, ["false"]);
    let first = revision();
    assert_eq!(first.len(), 16);
    let policies = host.operator("/policies").await.json();
    let policy_revision = policies["policies"][0]["revision"].clone();

    host.replace_data("people.json", r#"["a", "b"]"#);
    host.refresh();
    assert_eq!(ask(&host).await, ["true"]);
    let second = revision();
    assert_ne!(first, second);

    host.replace_data("people.json", r#"["hunter2", "#);
    host.refresh();
    assert_eq!(ask(&host).await, ["true"]);
    assert_eq!(revision(), second);
    let listing = host.operator("/policies").await.json();
    assert_eq!(listing["policies"][0]["revision"], policy_revision);
    let datasets = listing["datasets"].as_array().expect("a list");
    let people = datasets.iter().find(|dataset| dataset["name"] == "people");
    let people = people.expect("the dataset");
    assert_eq!(people["revision"], second.as_str());
    assert_eq!(people["entries"], 2);
    let reason = people["reason"].as_str().expect("a reason");
    assert!(reason.contains("people.json`: line 1"), "{reason}");
    let log = host.log();
    assert!(
        log.contains("dataset not read, and goes on as it was"),
        "{log}"
    );
    assert!(!log.contains("hunter2"), "{log}");
    let metrics = host.operator("/metrics").await.body;
    assert!(
        metrics.contains("hookwarden_dataset_broken{dataset=\"people\"} 1"),
        "{metrics}"
    );
    assert!(
        metrics.contains("hookwarden_dataset_entries{dataset=\"people\"} 2"),
        "{metrics}"
    );

    host.replace_data("people.json", r#"["c"]"#);
    host.refresh();
    assert_eq!(ask(&host).await, ["false"]);
    let metrics = host.operator("/metrics").await.body;
    assert!(
        !metrics.contains("hookwarden_dataset_broken{dataset=\"people\"}"),
        "{metrics}"
    );
}

/// A failure of the policy's, which says that something it needs is unavailable.
#[tokio::test]
async fn a_call_that_needs_what_was_never_read_is_the_operators_choice() {
    for (on_failure, status, denied) in [("deny", 200, true), ("skip", 204, false)] {
        let host = tests::Builder::default()
            .policy("deny-listed-domains", tests::plugins::DENY_LISTED_DOMAINS)
            .config(&format!(
                "[datasets.denied-domains]\nfile = 'denied.txt'\nmatch = 'domain'\n\
                 [policies.deny-listed-domains]\non_failure = '{on_failure}'\n\
                 grants = {{ datasets = ['denied-domains'] }}"
            ))
            .start()
            .await;
        let reply = host.call(&sign_up("a@example.com")).await;
        assert_eq!(reply.status, status);
        assert_eq!(reply.body.contains("DENY"), denied);
        assert!(host.log().contains("something it needs is unavailable"));
    }
}
