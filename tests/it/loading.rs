//! Files that are no policies: each has a reason for its author, and none keeps
//! the others from serving.

use tests::{Builder, TestHost, guests, plugins, sign_up};

#[tokio::test]
async fn every_file_that_cannot_be_loaded_has_a_reason_and_harms_no_other() {
    let cut = {
        let mut component = std::fs::read(plugins::ONLY_EXAMPLE_COM).expect("a component");
        component.truncate(component.len() / 2);
        component
    };
    let host = Builder::default()
        .broken("a-text", b"#!/bin/sh\nhunter2\n")
        .broken("b-empty", b"")
        .broken("c-core-module", b"\0asm\x01\0\0\0")
        .broken("d-empty-component", b"\0asm\x0d\0\x01\0")
        .broken("e-cut", &cut)
        .policy("f-other-version", guests::OTHER_VERSION)
        .policy("g-event-only", guests::EVENT_ONLY)
        .policy("h-takes-no-settings", guests::KEEP_STATE)
        .settings("h-takes-no-settings", "a = 1")
        .policy("i-wrong-type", guests::WRONG_TYPE)
        .policy("only-example-com", plugins::ONLY_EXAMPLE_COM)
        .config("[policy]\non_failure = 'skip'")
        .start()
        .await;

    let listing = host.operator("/policies").await.json();
    let policies = listing["policies"].as_array().expect("a list");
    let expected = [
        ("a-text", "it is not WebAssembly"),
        ("b-empty", "it is not WebAssembly"),
        (
            "c-core-module",
            "it is a core module, not a component; link it with `wasm-component-ld`",
        ),
        (
            "d-empty-component",
            "it exports no hook; a policy exports one or more of `hookwarden:policy/registration@0.1.0`",
        ),
        ("e-cut", "it is broken: "),
        (
            "f-other-version",
            "it is built for version `0.2.0` of the contract; this host serves 0.1.x",
        ),
        (
            "g-event-only",
            "it serves `event`, and this version of the host serves only inline hooks",
        ),
        ("h-takes-no-settings", "it takes no settings"),
        (
            "i-wrong-type",
            "its export `registration` does not have the contract's type: ",
        ),
    ];
    assert_eq!(policies.len(), expected.len() + 1);
    for (policy, (name, reason)) in policies.iter().zip(expected) {
        assert_eq!(policy["name"], name);
        assert_eq!(policy["state"], "failed", "{name}");
        let said = policy["reason"].as_str().expect("a reason");
        assert!(said.starts_with(reason), "{name}: {said}");
        assert!(
            host.log().contains(&format!("policy={name}")),
            "{name} is not in the log"
        );
    }
    assert!(
        !host.log().contains("hunter2"),
        "a file's content is in the log"
    );

    assert_eq!(policies[expected.len()]["state"], "loaded");
    assert_eq!(host.call(&sign_up("a@example.com")).await.status, 204);
    assert_eq!(host.call(&sign_up("a@example.org")).await.status, 200);
}

/// What nothing denies is not made to deny by a failure.
#[tokio::test]
async fn a_failure_that_is_to_deny_what_cannot_be_is_a_mistake() {
    let config = "[policy]\non_failure = 'deny'\n[policies.c-skips]\non_failure = 'skip'";
    let host = Builder::default()
        .policy("a-codes", plugins::REFUSE_NUMBER_PREFIXES)
        .policy("b-imports", plugins::LINK_KNOWN_USERS)
        .policy("c-skips", plugins::REFUSE_NUMBER_PREFIXES)
        .settings("c-skips", "prefixes = ['+1900']")
        // It denies some of what it serves.
        .policy("d-everything", guests::OBEY)
        .config(config)
        .start()
        .await;
    let listed = host.operator("/policies").await.json();
    for (index, hook) in [(0, "telephony"), (1, "user-import")] {
        let reason = listed["policies"][index]["reason"].as_str();
        let expected = format!(
            "nothing denies the calls that it serves, `{hook}`: `on_failure` must be \"skip\" or \"as-okta\" for it"
        );
        assert_eq!(reason, Some(&*expected), "{listed}");
    }
    assert_eq!(listed["policies"][2]["state"], "loaded", "{listed}");
    assert_eq!(listed["policies"][3]["state"], "loaded", "{listed}");
    assert_eq!(host.call(&sign_up("a@example.com")).await.status, 204);
}

#[tokio::test]
async fn what_was_read_of_a_file_is_shown_though_it_cannot_be_loaded() {
    let host = Builder::default()
        .policy("asks", guests::ASK_FOR_SECRETS)
        .start()
        .await;
    let listing = host.operator("/policies").await.json();
    let policy = &listing["policies"][0];
    assert_eq!(policy["state"], "failed");
    assert_eq!(policy["contract"], "0.1.0");
    let imports = policy["imports"].as_array().expect("a list");
    let secrets = "hookwarden:policy/secrets@0.1.0";
    assert!(imports.iter().any(|import| import == secrets), "{policy}");
}

#[tokio::test]
async fn the_code_of_all_policies_together_has_a_limit() {
    let mut builder = Builder::default().config("[sandbox]\ncode = '1MiB'");
    for index in 0..8 {
        builder = builder.policy(&format!("p{index}"), plugins::ONLY_EXAMPLE_COM);
    }
    let mut host = builder.start().await;
    let states = async |host: &TestHost, state: &str| {
        let listing = host.operator("/policies").await.json();
        let policies = listing["policies"].as_array().expect("a list").clone();
        let is = |policy: &serde_json::Value| policy["state"] == state;
        policies.into_iter().filter(is).collect::<Vec<_>>()
    };
    let (loaded, failed) = (states(&host, "loaded").await, states(&host, "failed").await);
    assert_eq!(loaded.len() + failed.len(), 8);
    assert!(
        (1..=4).contains(&loaded.len()),
        "one has 250KiB and more: {loaded:?}"
    );
    for policy in &failed {
        let reason = policy["reason"].as_str().expect("a reason");
        assert!(
            reason.contains("of the 1.0 MiB for the code of all policies are in use"),
            "{reason}"
        );
        assert!(reason.contains("raise `sandbox.code`"), "{reason}");
    }

    // What is replaced counts until it is.
    let name = loaded[0]["name"].as_str().expect("a name");
    let settings = host.folder().join(format!("{name}.toml"));
    std::fs::write(&settings, "domain = 'example.org'").expect("written");
    host.follow().await;
    let before = states(&host, "as-before").await;
    assert_eq!(before.len(), 1);
    assert_eq!(before[0]["revision"], loaded[0]["revision"]);

    // What is removed leaves room.
    let other = loaded[1]["name"].as_str().expect("a name");
    std::fs::remove_file(host.folder().join(format!("{other}.wasm"))).expect("removed");
    host.follow().await;
    std::fs::write(&settings, "domain = 'example.net'").expect("written");
    host.follow().await;
    assert_eq!(states(&host, "as-before").await.len(), 0);
}

#[tokio::test]
async fn misnamed_files_are_said_and_not_loaded() {
    let host = Builder::default()
        .policy("Only_Example", plugins::ONLY_EXAMPLE_COM)
        .policy(".hidden", plugins::ONLY_EXAMPLE_COM)
        .start()
        .await;
    let listing = host.operator("/policies").await.json();
    assert_eq!(listing["policies"].as_array().map(Vec::len), Some(0));
    let log = host.log();
    assert!(
        log.contains("Only_Example.wasm") && !log.contains(".hidden"),
        "{log}"
    );
}

#[tokio::test]
async fn a_policy_that_is_missing_or_broken_is_a_metric() {
    let host = Builder::default()
        .policy("example", plugins::ONLY_EXAMPLE_COM)
        .broken("broken", b"broken")
        .config("[hooks.registration]\npolicies = ['example', 'missing']")
        .start()
        .await;
    let metrics = host.operator("/metrics").await;
    let media_type = metrics.headers["content-type"].to_str().expect("text");
    assert!(media_type.starts_with("application/openmetrics-text"));
    for line in [
        "hookwarden_ready 0",
        r#"hookwarden_policy_state{policy="example",state="loaded"} 1"#,
        r#"hookwarden_policy_state{policy="broken",state="failed"} 1"#,
        r#"hookwarden_policy_state{policy="missing",state="failed"} 1"#,
    ] {
        let found = metrics.body.lines().any(|found| found == line);
        assert!(found, "{line}: {}", metrics.body);
    }
}

#[tokio::test]
async fn what_misbehaves_as_it_is_instantiated_is_not_loaded() {
    let host = Builder::default()
        .policy("allocates", guests::ALLOCATE_AT_START)
        .policy("example", plugins::ONLY_EXAMPLE_COM)
        .policy("spins", guests::SPIN_AT_START)
        .config("[policy]\non_failure = 'skip'")
        .start()
        .await;
    let listing = host.operator("/policies").await.json();
    let reason = |index: usize| {
        let reason = &listing["policies"][index]["reason"];
        reason.as_str().unwrap_or_default().to_owned()
    };
    let (allocates, spins) = (reason(0), reason(2));
    assert!(
        allocates.starts_with("when it was started it needed ") && allocates.contains("of memory"),
        "{allocates}"
    );
    // By fuel or by time, whichever this machine comes to first.
    assert!(
        spins.starts_with("when it was started it burned all of")
            || spins.starts_with("when it was started it took longer than"),
        "{spins}"
    );
    assert_eq!(host.call(&sign_up("a@example.com")).await.status, 204);
    assert_eq!(host.call(&sign_up("a@example.org")).await.status, 200);
}
