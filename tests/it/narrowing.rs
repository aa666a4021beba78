//! What a policy may see of a call, and what it may do to it.

use serde_json::{Value, json};
use tests::{Builder, guests, plugins, sign_up};

use crate::granted::{ALL, builder};

#[tokio::test]
async fn a_policy_that_may_see_the_address_gets_a_call_without_the_rest() {
    let host = builder(r#"{ ask = "call" }"#)
        .config(ALL)
        .config("[policies.reach-out.attributes]\nsee = ['email']")
        .start()
        .await;
    let call = sign_up("a@example.com");
    // As somebody else would write it: nothing else may change.
    let text = serde_json::to_string_pretty(&call).expect("JSON");
    let reply = host.call_with(text.clone()).await;
    let body: Value = serde_json::from_str(&reply.body).expect("JSON");
    let seen = body["commands"][0]["value"]["answers"]
        .as_str()
        .expect("the call");
    let profile = |text: &str| -> (usize, usize) {
        let from = text.find("\"userProfile\": {").expect("a profile");
        (from, from + text[from..].find('}').expect("its end"))
    };
    let ((from, to), (seen_from, seen_to)) = (profile(&text), profile(seen));
    assert_eq!(&seen[..seen_from], &text[..from]);
    assert_eq!(&seen[seen_to..], &text[to..]);
    let cut: Value = serde_json::from_str(seen).expect("JSON");
    assert_eq!(
        cut["data"]["userProfile"],
        json!({ "email": "a@example.com" })
    );
    let profile = call["data"]["userProfile"].as_object().expect("an object");
    for (name, value) in profile.iter().filter(|(name, _)| *name != "email") {
        let value = value.as_str().expect("text");
        let kept = seen.contains(value) && value != "a@example.com";
        assert!(!kept, "{name} is there");
    }
}

fn obey(config: &str, orders: &str) -> Builder {
    Builder::default()
        .policy("obey", guests::OBEY)
        .settings("obey", orders)
        .policy("only-example-com", plugins::ONLY_EXAMPLE_COM)
        .config(config)
}

const SET_LOGIN: &str = r#"
    [[commands]]
    type = "com.okta.user.profile.update"
    value = '{"login":"root","title":"x"}'
"#;

#[tokio::test]
async fn one_that_may_not_set_the_login_and_tries_is_named_and_its_answer_dropped() {
    let config = "[policies.obey]\non_failure = 'skip'\nattributes = { set = ['title'] }";
    let host = obey(config, SET_LOGIN).start().await;
    let reply = host.call(&sign_up("a@example.com")).await;
    assert_eq!(reply.status, 204, "nothing of it is done: {reply:?}");
    let log = host.log();
    let expected = "error.type=\"not-granted\"";
    assert!(log.contains(expected), "{log}");
    assert!(log.contains("policy=obey"), "{log}");
    let expected = "`commands[0].value` sets an attribute that the operator did not grant; add it to `attributes.set` of the policy, or leave it out";
    assert!(log.contains(expected), "{log}");

    let config = "[policies.obey]\nattributes = { set = ['title', 'login'] }";
    let host = obey(config, SET_LOGIN).start().await;
    let reply = host.call(&sign_up("a@example.com")).await;
    assert!(
        reply.body.contains(r#"{"login":"root","title":"x"}"#),
        "{reply:?}"
    );
}

#[tokio::test]
async fn one_that_may_not_deny_does_not_by_deciding_nor_by_failing() {
    let deny = "deny_at = 'data.userProfile.email'";
    for (orders, component) in [(deny, guests::OBEY), ("", guests::PANIC_WITH_THE_ADDRESS)] {
        let host = Builder::default()
            .policy("narrow", component)
            .settings("narrow", orders)
            .policy("only-example-com", plugins::ONLY_EXAMPLE_COM)
            .config("[policies.narrow]\ndeny = false")
            .start()
            .await;
        let reply = host.call(&sign_up("a@example.com")).await;
        assert_eq!(reply.status, 204, "{reply:?}");
        let log = host.log();
        assert!(log.contains("failed-skip"), "{log}");
        let denied = host.call(&sign_up("a@example.org")).await;
        assert!(
            denied.body.contains("DENY"),
            "the other's is one: {denied:?}"
        );
    }
}

#[tokio::test]
async fn a_debug_context_is_withheld_where_it_may_not_go_out() {
    let orders = "debug_context = '{\"who\":\"x\"}'";
    for (config, goes_out) in [
        ("", true),
        ("[policies.obey]\ndebug_context = false", false),
    ] {
        let host = obey(config, orders).start().await;
        let reply = host.call(&sign_up("a@example.com")).await;
        assert_eq!(reply.body.contains("debugContext"), goes_out, "{reply:?}");
    }
}

#[tokio::test]
async fn a_ceiling_narrows_as_well() {
    let root = tempfile::tempdir().expect("a folder");
    std::fs::copy(guests::OBEY, root.path().join("obey.wasm")).expect("a component");
    std::fs::write(root.path().join("obey.toml"), SET_LOGIN).expect("settings");
    let host = Builder::default()
        .config(&format!(
            "[folders.team]\npath = {:?}\n[folders.team.ceiling]\nattributes = {{ set = ['title'] }}\n\
             [policies.obey]\non_failure = 'skip'\nattributes = {{ set = ['title', 'login'] }}",
            root.path()
        ))
        .start()
        .await;
    let reply = host.call(&sign_up("a@example.com")).await;
    assert_eq!(reply.status, 204, "{reply:?}");
    assert!(host.log().contains("not-granted"));
}
