//! The secret header.

use std::fs;

use axum::body::Body;
use axum::http::Request;
use tests::{Builder, TestHost, plugins, sign_up};

/// A host with two secrets in files, and the folder that holds them.
async fn host() -> (TestHost, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, value: &str| {
        let path = folder.path().join(name);
        fs::write(&path, value).expect("a file");
        path.display().to_string()
    };
    let (new, old) = (file("new", "Basic bmV3\n"), file("old", "Basic b2xk"));
    let config = format!(
        "[okta]\nheader = 'X-Hook-Key'\nsecrets = [{{ file = '{new}' }}, {{ file = '{old}' }}]"
    );
    let host = Builder::default()
        .policy("only-example-com", plugins::ONLY_EXAMPLE_COM)
        .config(&config)
        .start()
        .await;
    (host, folder)
}

fn call(path: &str, header: Option<(&str, &str)>) -> Request<Body> {
    let mut request = Request::post(path).header("content-type", "application/json");
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    request
        .body(Body::from(sign_up("a@example.com").to_string()))
        .expect("a request")
}

#[tokio::test]
async fn either_secret_opens_and_nothing_else_does() {
    let (host, _folder) = host().await;
    let hook = "/hooks/registration";
    for (header, status) in [
        (Some(("x-hook-key", "Basic bmV3")), 204),
        (Some(("X-HOOK-KEY", "Basic b2xk")), 204),
        (None, 401),
        (Some(("x-hook-key", "")), 401),
        (Some(("x-hook-key", "bmV3")), 401),
        (Some(("x-hook-key", "Basic bmV3x")), 401),
        (Some(("authorization", "Basic bmV3")), 401),
    ] {
        let reply = host.send(call(hook, header)).await;
        assert_eq!(reply.status, status, "{header:?}");
    }
    let log = host.log();
    assert!(!log.contains("bmV3") && !log.contains("b2xk"), "{log}");
}

#[tokio::test]
async fn a_stranger_learns_nothing_of_the_hooks() {
    let (host, _folder) = host().await;
    let unknown = host.send(call("/hooks/nothing", None)).await;
    assert_eq!(unknown.status, 401);
    let body = "{".repeat(1 << 16);
    let request = Request::post("/hooks/registration")
        .body(Body::from(body))
        .expect("a request");
    assert_eq!(host.send(request).await.status, 401);
}

#[tokio::test]
async fn a_balancer_needs_no_secret_to_know_whether_the_host_is_ready() {
    let (host, _folder) = host().await;
    for path in ["/livez", "/readyz"] {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        assert_eq!(host.send(request).await.status, 200, "{path}");
    }
}
