//! Hooks that the operator named, each with its own chain and secret.

use std::fs;

use axum::body::Body;
use axum::http::Request;
use serde_json::Value;
use tempfile::TempDir;
use tests::{Builder, Reply, TestHost, guests, plugins, sign_up};

/// Two hooks of one type, over one folder: everybody, and partners.
const TWO: &str = "
[hooks.registration]
policies = ['only-example-com']
failure_text = 'Later.'
[hooks.partners]
type = 'registration'
policies = ['b-obey', 'a-obey']
";

fn builder() -> Builder {
    let update = |value: &str| {
        format!("commands = [{{ type = 'com.okta.user.profile.update', value = '{value}' }}]")
    };
    Builder::default()
        .policy("a-obey", guests::OBEY)
        .settings("a-obey", update(r#"{"from":"a"}"#))
        .policy("b-obey", guests::OBEY)
        .settings("b-obey", update(r#"{"from":"b"}"#))
        .policy("only-example-com", plugins::ONLY_EXAMPLE_COM)
}

fn request(hook: &str, call: &Value, secret: Option<&str>) -> Request<Body> {
    let path = format!("/hooks/{hook}");
    let mut request = Request::post(path).header("content-type", "application/json");
    if let Some(secret) = secret {
        request = request.header("authorization", secret);
    }
    request
        .body(Body::from(call.to_string()))
        .expect("a request")
}

async fn call(host: &TestHost, hook: &str, email: &str) -> Reply {
    host.send(request(hook, &sign_up(email), None)).await
}

#[tokio::test]
async fn each_has_a_chain_of_its_own_in_its_order() {
    let host = builder().config(TWO).start().await;
    assert_eq!(
        call(&host, "registration", "a@example.com").await.status,
        204
    );
    assert_eq!(
        call(&host, "registration", "a@example.org").await.status,
        200
    );
    let partners = call(&host, "partners", "a@example.org").await;
    assert!(partners.body.contains(r#""from":"b""#), "{}", partners.body);
    let log = host.log();
    assert!(log.contains(r#"call answered hook="partners""#), "{log}");
    assert!(
        log.contains(r#"conflicts="b-obey over a-obey (1)""#),
        "{log}"
    );
    assert_eq!(host.operator("/readyz").await.status, 200);
}

/// A chain that nobody configured is not to be reached beside those that are.
#[tokio::test]
async fn there_is_none_that_nobody_asked_for_beside_those_that_are_named() {
    let only = "[hooks.partners]\ntype = 'registration'\npolicies = ['only-example-com']";
    let host = builder().config(only).start().await;
    assert_eq!(
        call(&host, "registration", "a@example.com").await.status,
        404
    );
    assert_eq!(call(&host, "partners", "a@example.com").await.status, 204);
    assert_eq!(call(&host, "partners", "a@example.org").await.status, 200);
}

#[tokio::test]
async fn each_has_a_deadline_and_a_failure_text_of_its_own() {
    let config = "
[policies.sleep.limits]
deadline = '2s'
[hooks.registration]
policies = ['sleep']
failure_text = 'Later.'
deadline = '150ms'
[hooks.partners]
type = 'registration'
policies = ['sleep']
failure_text = ''
deadline = '200ms'
";
    let host = Builder::default()
        .policy("sleep", guests::SLEEP)
        .config(config)
        .start()
        .await;
    let all = call(&host, "registration", "a@example.com").await.json();
    assert_eq!(all["error"]["errorCauses"][0]["errorSummary"], "Later.");
    let partners = call(&host, "partners", "a@example.com").await;
    assert_eq!(
        partners.body,
        r#"{"commands":[{"type":"com.okta.action.update","value":{"registration":"DENY"}}]}"#
    );
    let log = host.log();
    let line = |hook: &str| {
        let failed = format!(r#"hook="{hook}""#);
        let mut lines = log.lines();
        lines.find(|line| line.contains("policy failed") && line.contains(&failed))
    };
    // What is left of it for evaluations is measured from when the call came.
    let took = |hook| {
        let (_, rest) = line(hook)?.split_once("took longer than its ")?;
        rest.split_once("ms")?.0.parse::<f64>().ok()
    };
    let (all, partners) = (took("registration"), took("partners"));
    assert!(all.is_some_and(|time| time <= 100.0), "{log}");
    assert!(
        partners.is_some_and(|time| (100.0..=150.0).contains(&time)),
        "{log}"
    );
}

#[tokio::test]
async fn one_that_lacks_a_policy_is_named_and_admits_nobody() {
    let config = "[hooks.registration]\npolicies = ['only-example-com']\n[hooks.partners]\ntype = 'registration'\npolicies = ['gone']";
    let host = Builder::default()
        .policy("only-example-com", plugins::ONLY_EXAMPLE_COM)
        .config(config)
        .start()
        .await;
    let ready = host.operator("/readyz").await;
    assert_eq!(ready.status, 503);
    assert_eq!(
        ready.body,
        "not ready\nhook `partners`: policy `gone`: there is no file `gone.wasm` in the policy folder\n"
    );
    let partners = call(&host, "partners", "a@example.com").await;
    assert!(partners.body.contains("DENY"), "{}", partners.body);
    assert_eq!(
        call(&host, "registration", "a@example.com").await.status,
        204
    );

    let none = "[hooks.partners]\ntype = 'registration'";
    let host = Builder::default().config(none).start().await;
    assert_eq!(call(&host, "partners", "a@example.com").await.status, 404);
    let ready = host.operator("/readyz").await;
    assert_eq!(ready.status, 503);
    assert!(
        ready.body.contains("hook `partners` has no policy"),
        "{}",
        ready.body
    );
}

/// A host whose partners have a secret of their own, and its folder.
async fn with_secrets() -> (TestHost, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| {
        let path = folder.path().join(name);
        fs::write(&path, format!("Basic {name}")).expect("a file");
        format!("{{ file = '{}' }}", path.display())
    };
    let (all, own, new) = (file("all"), file("own"), file("new"));
    let config = format!("[okta]\nsecrets = [{all}]\n{TWO}secrets = [{own}, {new}]");
    (builder().config(&config).start().await, folder)
}

#[tokio::test]
async fn one_may_have_secrets_of_its_own_which_open_nothing_else() {
    let (host, _folder) = with_secrets().await;
    for (hook, secret, status) in [
        ("registration", Some("Basic all"), 204),
        ("registration", Some("Basic own"), 401),
        ("partners", Some("Basic own"), 200),
        ("partners", Some("Basic new"), 200),
        ("partners", Some("Basic all"), 401),
        ("partners", None, 401),
    ] {
        let request = request(hook, &sign_up("a@example.com"), secret);
        let reply = host.send(request).await;
        assert_eq!(reply.status, status, "{hook}, {secret:?}");
    }
}

/// Whoever calls with this secret is answered 401, and the same for each hook.
async fn assert_refused_alike(host: &TestHost, hooks: &[&str], secret: Option<&str>) {
    let mut replies = Vec::new();
    for hook in hooks {
        let request = request(hook, &sign_up("a@example.com"), secret);
        let reply = host.send(request).await;
        replies.push((reply.status, reply.headers, reply.body));
    }
    assert_eq!(replies[0].0, 401);
    assert!(
        replies.iter().all(|reply| *reply == replies[0]),
        "{replies:?}"
    );
}

#[tokio::test]
async fn a_stranger_does_not_find_out_which_there_are() {
    let (host, _folder) = with_secrets().await;
    let hooks = ["registration", "partners", "nothing", "%ff", "event"];
    assert_refused_alike(&host, &hooks, Some("Basic wrong")).await;
    let known = request("nothing", &sign_up("a@example.com"), Some("Basic all"));
    assert_eq!(host.send(known).await.status, 404);
}

/// Where only some hooks have a secret, the others are open, and say what they are;
/// those that have one are not told apart from nothing.
#[tokio::test]
async fn a_stranger_does_not_find_out_where_no_secret_is_for_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("own");
    fs::write(&path, "Basic own").expect("a file");
    let config = format!("{TWO}secrets = [{{ file = '{}' }}]", path.display());
    let host = builder().config(&config).start().await;
    for secret in [None, Some("Basic wrong")] {
        assert_refused_alike(&host, &["partners", "nothing", "%ff", "event"], secret).await;
    }
    let own = request("partners", &sign_up("a@example.com"), Some("Basic own"));
    assert_eq!(host.send(own).await.status, 200);
    let open = call(&host, "registration", "a@example.com").await;
    assert_eq!(open.status, 204);
}
