//! The policies that ship with the host, as components.

use std::fs;

use serde_json::json;
use tests::{Builder, TestHost, guests, plugins, sign_up};

#[test]
fn the_example_is_small() {
    let size = fs::metadata(plugins::ONLY_EXAMPLE_COM)
        .expect("a component")
        .len();
    assert!(size <= 100_000, "{size} bytes");
}

#[tokio::test]
async fn the_example_answers_the_same_when_it_is_built_for_wasi() {
    for component in [plugins::ONLY_EXAMPLE_COM, plugins::ONLY_EXAMPLE_COM_ON_WASI] {
        let host = Builder::default()
            .policy("only-example-com", component)
            .start()
            .await;
        assert_eq!(host.call(&sign_up("a@example.com")).await.status, 204);
        let denial = host.call(&sign_up("a@example.org")).await;
        assert_eq!(denial.status, 200);
        assert_eq!(
            denial.json()["error"]["errorCauses"][0]["errorSummary"],
            "Only example.com addresses can register."
        );
    }
}

/// What the SDK's allocator and the recipe's memory layout are for: growing
/// memory costs more than the rest of an evaluation.
#[tokio::test]
async fn the_example_decides_without_growing_its_memory() {
    let host = Builder::default()
        .policy("only-example-com", plugins::ONLY_EXAMPLE_COM)
        .config("[policy.limits]\nmemory = '256KiB'")
        .start()
        .await;
    assert_eq!(host.call(&sign_up("a@example.com")).await.status, 204);
    assert!(
        host.call(&sign_up("a@example.org"))
            .await
            .body
            .contains("INVALID_EMAIL_DOMAIN")
    );
    assert!(!host.log().contains("policy failed"), "{}", host.log());
}

#[tokio::test]
async fn domains_in_every_script_are_a_feature_of_the_sdk() {
    let host = TestHost::with("international-domain", guests::INTERNATIONAL_DOMAIN).await;
    for (address, status) in [
        ("a@bücher.example", 204),
        ("a@BÜCHER.example", 204),
        ("a@xn--bcher-kva.example", 204),
        ("a@\u{ff42}\u{fc}cher.example", 204),
        ("a@bucher.example", 200),
        ("a@b\u{fc}cher.example.evil.com", 200),
    ] {
        assert_eq!(
            host.call(&sign_up(address)).await.status,
            status,
            "{address}"
        );
    }
}

#[tokio::test]
async fn the_domain_is_a_setting() {
    let host = Builder::default()
        .policy("only-example-com", plugins::ONLY_EXAMPLE_COM)
        .settings("only-example-com", "domain = \"Example.ORG\"\n")
        .start()
        .await;
    assert_eq!(host.call(&sign_up("a@example.org")).await.status, 204);
    assert_eq!(host.call(&sign_up("a@example.com")).await.status, 200);
}

#[tokio::test]
async fn wrong_settings_are_refused_with_member_and_reason() {
    for (settings, reason) in [
        (
            "domain = \"no domain\"",
            "it refuses its settings: `domain`: `no domain` is not a domain such as `example.com`",
        ),
        (
            "domain = \"example\"",
            "it refuses its settings: `domain`: `example` is not a domain such as `example.com`",
        ),
        (
            "domian = \"example.com\"",
            "it refuses its settings: `domian`: unknown field `domian`, expected `domain`",
        ),
        (
            "domain = 7",
            "it refuses its settings: `domain`: invalid type: integer `7`, expected a string",
        ),
        ("domain =", "its settings file is not TOML, at line 1: "),
    ] {
        let host = Builder::default()
            .policy("only-example-com", plugins::ONLY_EXAMPLE_COM)
            .settings("only-example-com", settings)
            .start()
            .await;
        let listing = host.operator("/policies").await.json();
        let policy = &listing["policies"][0];
        assert_eq!(policy["state"], "failed", "{settings}");
        let said = policy["reason"].as_str().expect("a reason");
        assert!(said.starts_with(reason), "{said}");
        assert_eq!(policy["hooks"], json!(["registration"]));
        assert_eq!(host.operator("/readyz").await.status, 503, "{settings}");
    }
}
