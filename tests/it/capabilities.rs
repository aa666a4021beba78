//! What a policy can reach.

use serde_json::json;
use tests::{Builder, TestHost, guests, plugins, sign_up};

mod look_around {
    use super::*;

    #[tokio::test]
    async fn finds_nothing_of_the_world() {
        let host = Builder::default()
            .policy("look-around", guests::LOOK_AROUND)
            .config("[policy]\nlog = true")
            .start()
            .await;
        let reply = host.call(&sign_up("a@example.com")).await;
        assert_eq!(reply.status, 200);
        let log = host.log();
        assert!(log.contains("found: \\\"\""), "{log}");
        assert!(log.contains(r#"said="a line of standard output""#), "{log}");
        assert!(
            log.contains(r#"said="an unfinished line of standard error""#),
            "{log}"
        );
    }
}

mod ask_for_secrets {
    use super::*;

    #[tokio::test]
    async fn fails_when_it_is_loaded_and_says_what_for() {
        let host = Builder::default()
            .policy("ask-for-secrets", guests::ASK_FOR_SECRETS)
            .policy("only-example-com", plugins::ONLY_EXAMPLE_COM)
            .config("[policies.ask-for-secrets]\non_failure = 'skip'")
            .start()
            .await;
        let listing = host.operator("/policies").await.json();
        let policy = &listing["policies"][0];
        assert_eq!(policy["state"], "failed");
        assert_eq!(
            policy["reason"],
            "it asks for `hookwarden:policy/secrets@0.1.0`, which is not granted: grant it with `policies.ask-for-secrets.grants.secrets`"
        );
        assert_eq!(host.call(&sign_up("a@example.com")).await.status, 204);
        assert_eq!(host.call(&sign_up("a@example.org")).await.status, 200);
    }
}

mod report_itself {
    use super::*;

    #[tokio::test]
    async fn knows_its_hook_and_its_time() {
        let host = Builder::default()
            .policy("report-itself", guests::REPORT_ITSELF)
            .config("[policy]\nlog = true")
            .start()
            .await;
        host.call(&sign_up("a@example.com")).await;
        let log = host.log();
        assert!(log.contains("hook=registration remaining=within"), "{log}");
    }
}

mod without_sdk {
    use super::*;

    #[tokio::test]
    async fn serves_as_well() {
        let host = TestHost::with("without-sdk", guests::WITHOUT_SDK).await;
        assert_eq!(host.call(&sign_up("a@example.com")).await.status, 204);
        let denied = host.call(&sign_up("a@example.org")).await.json();
        let command =
            json!({ "type": "com.okta.action.update", "value": { "registration": "DENY" } });
        assert_eq!(denied, json!({ "commands": [command] }));
    }
}
