//! Several policies on one hook: order, merge, first denial, failures, and
//! policies that are not there.

use hookwarden::okta::HookType;
use tests::{Builder, failure_answer, guests, plugins, samples, sign_up};

const UPDATE_A: &str = "commands = [{ type = 'com.okta.user.profile.update', value = '{\"a\":1,\"both\":\"first\"}' }]";
const UPDATE_B: &str = "commands = [{ type = 'com.okta.user.profile.update', value = '{\"both\":\"second\",\"b\":2}' }]";
const DENY: &str = "deny_at = 'data.userProfile.login'\nmessage = 'Taken.'\nreason = 'why'";

fn three() -> Builder {
    ["a-first", "b-second", "c-third"]
        .into_iter()
        .fold(Builder::default(), |builder, name| {
            builder.policy(name, guests::OBEY)
        })
}

#[tokio::test]
async fn updates_add_up_and_the_earlier_prevails() {
    let host = three()
        .settings("a-first", UPDATE_A)
        .settings("b-second", UPDATE_B)
        .start()
        .await;
    let reply = host.call(&sign_up("a@example.com")).await;
    assert_eq!(
        reply.body,
        r#"{"commands":[{"type":"com.okta.user.profile.update","value":{"a":1,"both":"first","b":2}}]}"#
    );
    let log = host.log();
    assert!(
        log.contains(r#"conflicts="a-first over b-second (1)""#),
        "{log}"
    );
    assert!(log.contains(r#"decision="acted""#), "{log}");
}

/// Half a patch is not what its author wrote, and Okta takes all of one or nothing.
#[tokio::test]
async fn a_patch_that_touches_what_an_earlier_policys_does_is_dropped_whole() {
    let patch = |claims: [&str; 2]| {
        let operations =
            claims.map(|claim| format!(r#"{{"op":"add","path":"/claims/{claim}","value":1}}"#));
        let value = operations.join(",");
        format!("commands = [{{ type = 'com.okta.access.patch', value = '[{value}]' }}]")
    };
    let host = three()
        .settings("a-first", patch(["a", "both"]))
        .settings("b-second", patch(["both", "b"]))
        .settings("c-third", patch(["c", "d"]))
        .start()
        .await;
    let call = samples::call(HookType::Token);
    let reply = host.call_hook("token", &call).await;
    assert_eq!(
        reply.body,
        concat!(
            r#"{"commands":[{"type":"com.okta.access.patch","value":["#,
            r#"{"op":"add","path":"/claims/a","value":1},{"op":"add","path":"/claims/both","value":1},"#,
            r#"{"op":"add","path":"/claims/c","value":1},{"op":"add","path":"/claims/d","value":1}]}]}"#
        )
    );
    let log = host.log();
    assert!(
        log.contains(r#"conflicts="a-first over b-second (1)""#),
        "{log}"
    );
}

/// Nobody is sent two codes.
#[tokio::test]
async fn the_first_policy_that_delivers_a_code_is_the_last_that_is_asked() {
    let delivers = "commands = [{ type = 'com.okta.telephony.action', value = '[{\"status\":\"SUCCESSFUL\"}]' }]";
    let host = three()
        .settings("b-second", delivers)
        .settings("c-third", delivers)
        .start()
        .await;
    let call = samples::call(HookType::Telephony);
    let reply = host.call_hook("telephony", &call).await;
    assert_eq!(
        reply.body,
        r#"{"commands":[{"type":"com.okta.telephony.action","value":[{"status":"SUCCESSFUL"}]}]}"#
    );
    let log = host.log();
    assert!(
        log.contains("a-first@") && log.contains("b-second@") && !log.contains("c-third@"),
        "{log}"
    );
}

#[tokio::test]
async fn the_first_denial_ends_the_chain_and_drops_what_was_set() {
    let host = three()
        .settings("a-first", UPDATE_A)
        .settings("b-second", DENY)
        .settings("c-third", UPDATE_B)
        .start()
        .await;
    let reply = host.call(&sign_up("a@example.com")).await;
    assert!(reply.body.contains("Taken.") && !reply.body.contains("profile.update"));
    let log = host.log();
    let line = log
        .lines()
        .find(|line| line.contains("call answered"))
        .expect("a line");
    assert!(
        line.contains("a-first@") && line.contains("b-second@"),
        "{line}"
    );
    assert!(!line.contains("c-third"), "{line}");
}

#[tokio::test]
async fn a_denial_prevails_over_a_failure_wherever_they_stand() {
    for (first, second) in [("spin", "obey"), ("obey", "spin")] {
        let component = |name| match name {
            "spin" => guests::SPIN_FOREVER,
            _ => guests::OBEY,
        };
        let host = Builder::default()
            .policy("a-first", component(first))
            .policy("b-second", component(second))
            .settings(
                if first == "obey" {
                    "a-first"
                } else {
                    "b-second"
                },
                DENY,
            )
            .start()
            .await;
        let reply = host.call(&sign_up("a@example.com")).await;
        assert!(reply.body.contains("Taken."), "{}", reply.body);
        assert!(host.log().contains(r#"decision="denied""#));
    }
}

#[tokio::test]
async fn configuration_chooses_policies_and_their_order() {
    let host = three()
        .settings("a-first", UPDATE_A)
        .settings("b-second", UPDATE_B)
        .settings("c-third", DENY)
        .config("[hooks.registration]\npolicies = ['b-second', 'a-first']")
        .start()
        .await;
    let reply = host.call(&sign_up("a@example.com")).await;
    assert_eq!(
        reply.body,
        r#"{"commands":[{"type":"com.okta.user.profile.update","value":{"both":"second","b":2,"a":1}}]}"#
    );
}

#[tokio::test]
async fn a_policy_that_should_be_there_and_is_not_fails_every_call() {
    let host = Builder::default()
        .policy("only-example-com", plugins::ONLY_EXAMPLE_COM)
        .config("[hooks.registration]\npolicies = ['only-example-com', 'gone']")
        .start()
        .await;
    assert_eq!(
        host.call(&sign_up("a@example.com")).await.json(),
        failure_answer()
    );
    assert_eq!(host.call(&sign_up("a@example.org")).await.status, 200);
    let ready = host.operator("/readyz").await;
    assert_eq!(ready.status, 503);
    assert_eq!(
        ready.body,
        "not ready\nhook `registration`: policy `gone`: there is no file `gone.wasm` in the policy folder\n"
    );
}

/// A file that is there and cannot be loaded must not let everybody in, whether
/// it is the component that is wrong or the settings.
#[tokio::test]
async fn a_policy_that_cannot_be_loaded_fails_every_call() {
    for (component, settings) in [
        (guests::OBEY, &b"reason = \"\xe9\""[..]),
        (guests::OBEY, b"unknown = 1"),
        (guests::OTHER_VERSION, b""),
        (guests::WRONG_TYPE, b""),
        (guests::ASK_FOR_SECRETS, b""),
    ] {
        let host = Builder::default()
            .policy("a-broken", component)
            .settings("a-broken", settings)
            .policy("only-example-com", plugins::ONLY_EXAMPLE_COM)
            .start()
            .await;
        let reply = host.call(&sign_up("a@example.com")).await;
        assert_eq!(reply.json(), failure_answer(), "{component}");
        assert_eq!(host.operator("/readyz").await.status, 503, "{component}");
        assert!(host.log().contains("not-loaded"), "{}", host.log());
    }
}

#[tokio::test]
async fn a_file_whose_hooks_cannot_be_read_makes_the_host_not_ready() {
    let host = Builder::default()
        .broken("a-broken", b"\0asm\x0d\0\x01\0\x07\xff")
        .policy("only-example-com", plugins::ONLY_EXAMPLE_COM)
        .start()
        .await;
    let ready = host.operator("/readyz").await;
    assert_eq!(ready.status, 503);
    assert!(
        ready.body.contains("policy `a-broken`: it is broken: "),
        "{}",
        ready.body
    );
}

#[tokio::test]
async fn a_hook_without_policies_admits_nobody() {
    let host = Builder::default()
        .config("[hooks.registration]\ndeadline = '2s'")
        .start()
        .await;
    assert_eq!(host.call(&sign_up("a@example.com")).await.status, 404);
}

#[tokio::test]
async fn a_hook_that_nobody_serves_is_not_there() {
    let host = Builder::default().start().await;
    assert_eq!(host.call(&sign_up("a@example.com")).await.status, 404);
    assert_eq!(host.operator("/readyz").await.status, 503);
}

/// Those that use up their time leave enough for the others, and are named.
#[tokio::test]
async fn of_ten_policies_three_that_use_up_their_time_cost_only_themselves() {
    let mut builder = Builder::default();
    for index in 0..10 {
        let component = if index % 4 == 1 {
            guests::SPIN_FOREVER
        } else {
            plugins::ONLY_EXAMPLE_COM
        };
        builder = builder.policy(&format!("policy-{index}"), component);
    }
    let limits = "[policy]\nlimits = { fuel = 1_000_000_000_000 }";
    let host = builder.config(limits).start().await;
    let reply = host.call(&sign_up("a@example.com")).await;
    assert_eq!((reply.status, reply.json()), (200, failure_answer()));
    let log = host.log();
    for index in 0..10 {
        let failed = log.lines().any(|line| {
            line.contains("policy failed: took longer than its 250ms")
                && line.contains(&format!("policy=policy-{index} "))
        });
        assert_eq!(failed, index % 4 == 1, "policy-{index}: {log}");
    }
    assert_eq!(log.matches("policy failed").count(), 3, "{log}");
    assert_eq!(log.matches(" no-opinion ").count(), 7, "{log}");
}
