//! What a policy may decide, and what becomes of a decision that Okta would
//! drop, misread or refuse: a named failure, and the failure's answer.

use serde_json::json;
use tests::{Builder, TestHost, failure_answer, guests, plugins, sign_up};

/// A host whose policy `obey` returns what these settings spell out.
async fn obeying(settings: &str) -> TestHost {
    Builder::default()
        .policy("obey", guests::OBEY)
        .settings("obey", settings)
        .start()
        .await
}

#[tokio::test]
async fn legal_decisions_become_their_answers() {
    for (settings, status, body) in [
        ("", 204, ""),
        (
            "commands = [{ type = 'com.okta.action.update', value = '{\"registration\":\"ALLOW\"}' }]",
            204,
            "",
        ),
        (
            "commands = [{ type = 'com.okta.user.profile.update', value = '{ \"n\": 12345678901234567890123, \"s\":\"ü\" }' }]",
            200,
            r#"{"commands":[{"type":"com.okta.user.profile.update","value":{"n":12345678901234567890123,"s":"ü"}}]}"#,
        ),
        (
            "commands = [{ type = 'com.okta.action.update', value = '{\"registration\":\"DENY\"}' }]",
            200,
            r#"{"commands":[{"type":"com.okta.action.update","value":{"registration":"DENY"}}]}"#,
        ),
        (
            "deny_at = 'data.userProfile.login'\nmessage = 'Taken.'",
            200,
            r#"{"commands":[{"type":"com.okta.action.update","value":{"registration":"DENY"}}],"error":{"errorSummary":"Taken.","errorCauses":[{"errorSummary":"Taken.","reason":"POLICY_DENIED","locationType":"body","location":"data.userProfile.login","domain":"end-user"}]}}"#,
        ),
        (
            "debug_context = '{\"score\":0.25}'",
            200,
            r#"{"debugContext":{"obey":{"score":0.25}}}"#,
        ),
    ] {
        let reply = obeying(settings)
            .await
            .call(&sign_up("a@example.com"))
            .await;
        assert_eq!(
            (reply.status, reply.body.as_str()),
            (status, body),
            "{settings}"
        );
    }
}

#[tokio::test]
async fn an_illegal_decision_is_a_named_failure_and_the_host_goes_on() {
    for (settings, named) in [
        (
            "commands = [{ type = 'com.action.update', value = '{\"registration\":\"DENY\"}' }]",
            "`commands[0].type` is no command of this hook",
        ),
        (
            "commands = [{ type = 'com.okta.identity.patch', value = '[]' }]",
            "`commands[0].type` is no command of this hook",
        ),
        (
            "commands = [{ type = 'com.okta.user.profile.update', value = '{\"password\":\"hunter2\"}' }]",
            "`commands[0].value.password` can never be set",
        ),
        (
            "commands = [{ type = 'com.okta.user.progressive.profile.update', value = '{\"a\":1}' }]",
            "`commands[0].type` is not for this request type; use `com.okta.user.profile.update`",
        ),
        (
            "commands = [{ type = 'com.okta.user.profile.update', value = '{\"a\":' }]",
            "`commands[0].value` is not JSON",
        ),
        (
            "commands = [{ type = 'com.okta.user.profile.update', value = '{\"a\":1,\"a\":2}' }]",
            "`commands[0].value` is not JSON, names a member twice",
        ),
        ("debug_context = '{'", "`debug-context` is not JSON"),
        ("padding = 300_000", "makes the answer 300"),
        (
            "times = 10_000\ncommands = [{ type = 'com.okta.action.update', value = '{\"registration\":\"ALLOW\"}' }]",
            "`commands` has 10000 commands, more than 64",
        ),
        (
            "deny_at = 'data.userProfile.email'\ncommands = [{ type = 'com.okta.user.profile.update', value = '{\"a\":1}' }]",
            "`commands[0]` would never run: Okta runs no command beside an `error`",
        ),
        (
            "deny_at = 'data.userProfileUpdate.email'",
            "`error.error-causes[0].location` must be `data.userProfile.<attribute>`",
        ),
    ] {
        let host = Builder::default()
            .policy("obey", guests::OBEY)
            .settings("obey", settings)
            .policy("only-example-com", plugins::ONLY_EXAMPLE_COM)
            .start()
            .await;

        let reply = host.call(&sign_up("a@example.com")).await;
        assert_eq!(reply.status, 200, "{settings}");
        assert_eq!(reply.json(), failure_answer(), "{settings}");
        let log = host.log();
        assert!(log.contains("policy failed: illegal decision: "), "{log}");
        assert!(log.contains(named), "{named} is not in: {log}");
        assert!(
            log.contains("policy=obey") && log.contains("illegal-decision"),
            "{log}"
        );
        assert!(!log.contains("hunter2"), "{log}");

        let ordinary = host.call(&sign_up("a@example.org")).await;
        let causes = &ordinary.json()["error"]["errorCauses"];
        assert_eq!(
            causes[0]["errorSummary"],
            "Only example.com addresses can register."
        );
    }
}

#[tokio::test]
async fn a_failure_counts_as_the_operator_says() {
    let broken = "commands = [{ type = 'com.action.update', value = '{}' }]";
    let answer = async |config: &str| {
        let host = Builder::default()
            .policy("obey", guests::OBEY)
            .settings("obey", broken)
            .config(config)
            .start()
            .await;
        let reply = host.call(&sign_up("a@example.com")).await;
        (reply.status, reply.body)
    };
    let denied =
        r#"{"commands":[{"type":"com.okta.action.update","value":{"registration":"DENY"}}]}"#;

    assert_eq!(
        answer("[policy]\non_failure = 'skip'").await,
        (204, String::new())
    );
    assert_eq!(
        answer("[policies.obey]\non_failure = 'skip'").await,
        (204, String::new())
    );
    let (status, body) = answer("[policies.obey]\non_failure = 'deny'").await;
    assert_eq!((status, body.contains("POLICY_FAILED")), (200, true));
    let without_text = "[hooks.registration]\nfailure_text = ''";
    assert_eq!(answer(without_text).await, (200, denied.to_owned()));
}

#[tokio::test]
async fn a_policy_that_cannot_decide_has_not_denied() {
    let host = TestHost::with("return-failure", guests::RETURN_FAILURE).await;
    let reply = host.call(&sign_up("a@example.com")).await;
    assert_eq!(reply.json(), failure_answer());
    let log = host.log();
    assert!(
        log.contains("denied-by-failure") && log.contains("undecided"),
        "{log}"
    );
    assert!(log.contains("something it needs is unavailable"), "{log}");

    let skipping = Builder::default()
        .policy("return-failure", guests::RETURN_FAILURE)
        .config("[policy]\non_failure = 'skip'")
        .start()
        .await;
    assert_eq!(skipping.call(&sign_up("a@example.com")).await.status, 204);
}

#[tokio::test]
async fn updates_take_the_command_of_the_request_type() {
    let host = TestHost::with("every-hook", guests::EVERY_HOOK).await;
    let sign_up = sign_up("a@example.com");
    let mut progressive = sign_up.clone();
    progressive["requestType"] = json!("progressive.profile");
    progressive["data"]["userProfileUpdate"] = json!({ "employeeNumber": "1234" });
    for (call, literal) in [
        (sign_up, "com.okta.user.profile.update"),
        (progressive, "com.okta.user.progressive.profile.update"),
    ] {
        let commands = host.call(&call).await.json()["commands"].clone();
        let expected = json!([{ "type": literal, "value": { "servedBy": "every-hook" } }]);
        assert_eq!(commands, expected);
    }
}
