//! Calls that are refused before a policy runs: a clear 4xx each, nothing of the
//! body in the log, and an operator who sees that calls are being refused.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;
use tests::{Builder, TestHost, plugins, sign_up};

async fn host() -> TestHost {
    TestHost::with("only-example-com", plugins::ONLY_EXAMPLE_COM).await
}

fn request(method: &str, path: &str, content_type: Option<&str>) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    let body = sign_up("marker@example.org").to_string();
    request.body(Body::from(body)).expect("a request")
}

#[tokio::test]
async fn a_body_that_is_no_call_of_the_hook_is_400() {
    let host = host().await;
    let call = sign_up("marker@example.org");
    let with = |member: &str, value: serde_json::Value| {
        let mut call = call.clone();
        call[member] = value;
        call.to_string().into_bytes()
    };
    let text = call.to_string();
    let duplicate = text
        .replacen('{', r#"{"eventId":"marker","#, 1)
        .into_bytes();
    let deep = format!(
        r#"{{"marker":{}{}}}"#,
        "[".repeat(20_000),
        "]".repeat(20_000)
    );
    let mut not_utf8 = text.clone().into_bytes();
    let at = text.find("marker").expect("the marker");
    not_utf8[at] = 0xff;

    for (name, body, says) in [
        ("no body", Vec::new(), "not JSON"),
        (
            "cut",
            text.as_bytes()[..text.len() / 2].to_vec(),
            "not JSON",
        ),
        (
            "trailing bytes",
            format!("{text}marker").into_bytes(),
            "not JSON",
        ),
        (
            "two values",
            format!("{text}{text}").into_bytes(),
            "not JSON",
        ),
        ("duplicate", duplicate, "names a member twice"),
        ("deep", deep.into_bytes(), "nested more than 127 deep"),
        ("not UTF-8", not_utf8, "not UTF-8"),
        ("list", b"[\"marker\"]".to_vec(), "must be an object"),
        (
            "wrong type",
            with("data", json!("marker")),
            "`data` must be an object",
        ),
        (
            "wrong type",
            with("eventId", json!({"marker": 1})),
            "`eventId` must be text",
        ),
        (
            "other hook",
            with("eventType", json!("com.okta.saml.tokens.transform")),
            "`eventType` must be",
        ),
        (
            "no type",
            with("eventType", json!(null)),
            "`eventType` must be",
        ),
        (
            "unknown request type",
            with("requestType", json!("marker")),
            "`requestType` must be",
        ),
    ] {
        let reply = host.call_with(body).await;
        assert_eq!(reply.status, 400, "{name}: {}", reply.body);
        assert!(reply.body.contains(says), "{name}: {}", reply.body);
        assert!(!reply.body.contains("marker"), "{name}: {}", reply.body);
    }
    assert!(!host.log().contains("marker"), "{}", host.log());
    assert_eq!(host.call(&sign_up("a@example.com")).await.status, 204);
}

#[tokio::test]
async fn a_request_that_is_no_call_is_refused() {
    let host = host().await;
    let json = Some("application/json");
    for (request, status, says) in [
        (
            request("GET", "/hooks/registration", None),
            405,
            "a hook is called by POST",
        ),
        (
            request("PUT", "/hooks/registration", json),
            405,
            "a hook is called by POST",
        ),
        (
            request("POST", "/hooks/registration", None),
            415,
            "application/json",
        ),
        (
            request("POST", "/hooks/registration", Some("text/plain")),
            415,
            "application/json",
        ),
        (
            request("POST", "/hooks/registration", Some("application/jsonx")),
            415,
            "application/json",
        ),
        (
            request("POST", "/hooks/nothing", json),
            404,
            "there is no such hook",
        ),
        (
            request("POST", "/hooks/token", json),
            404,
            "there is no such hook",
        ),
        (request("POST", "/", json), 404, "there is no such path"),
        (
            request("POST", "/policies", json),
            404,
            "there is no such path",
        ),
    ] {
        let what = format!("{} {}", request.method(), request.uri());
        let reply = host.send(request).await;
        assert_eq!(reply.status, status, "{what}");
        assert!(reply.body.contains(says), "{what}: {}", reply.body);
    }
    for content_type in ["application/json; charset=utf-8", "Application/JSON"] {
        let request = request("POST", "/hooks/registration", Some(content_type));
        assert_eq!(host.send(request).await.status, 200, "{content_type}");
    }
    assert!(!host.log().contains("marker@"), "{}", host.log());
}

#[tokio::test]
async fn a_body_of_10_mb_is_413() {
    let host = host().await;
    let mut call = sign_up("a@example.com");
    call["padding"] = json!("x".repeat(10 << 20));
    let reply = host.call(&call).await;
    assert_eq!(reply.status, 413);
    assert_eq!(reply.body, "the body has more than 1048576 bytes\n");
    assert_eq!(host.call(&sign_up("a@example.com")).await.status, 204);
}

#[tokio::test]
async fn more_calls_at_once_than_allowed_are_503() {
    let host = Builder::default()
        .policy("only-example-com", plugins::ONLY_EXAMPLE_COM)
        .policy("sleep", tests::guests::SLEEP)
        .config("[okta]\nmax_calls = 1\n[policies.sleep]\nlimits = { deadline = '100ms' }\non_failure = 'skip'")
        .start()
        .await;
    let call = sign_up("a@example.com");
    let (one, two) = tokio::join!(host.call(&call), host.call(&call));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 503]);
    assert_eq!(host.call(&call).await.status, 204, "the permit came back");
}

#[tokio::test]
async fn an_operator_sees_refusals_at_error_level_once() {
    let host = host().await;
    for _ in 0..50 {
        host.call_with("{").await;
    }
    let log = host.log();
    let errors: Vec<_> = log.lines().filter(|line| line.contains("ERROR")).collect();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].contains("calls are being refused") && errors[0].contains("malformed=1"));
}
