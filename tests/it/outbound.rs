//! Requests of policies, to services that answer well, badly, late, or not at all.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Redirect;
use axum::routing::get;
use bytes::Bytes;
use futures_util::future::pending;
use futures_util::stream;
use serde_json::json;
use tests::{Builder, TestHost, guests, plugins, sign_up};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::granted::{answers, ask, builder};

/// A service that is local, and how often it was connected to.
struct Service {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    /// Told when a request has come that is never answered.
    hanging: Arc<Notify>,
}

impl Service {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
        let address = listener.local_addr().expect("an address");
        let connections = Arc::new(AtomicUsize::new(0));
        let hanging = Arc::new(Notify::new());
        let hang = Arc::clone(&hanging);
        let router = Router::new()
            .route(
                "/hello",
                get(|| async { "hello" }).post(|_: Bytes| async { "taken" }),
            )
            .route(
                "/never",
                get(move || async move {
                    hang.notify_one();
                    pending::<()>().await;
                }),
            )
            .route("/drips", get(|| async { Body::from_stream(drips()) }))
            .route("/gigabyte", get(|| async { Body::from_stream(gigabyte()) }))
            .route("/people", get(people))
            .route(
                "/elsewhere",
                get(move || async move {
                    Redirect::temporary(&format!("http://localhost:{}/hello", address.port()))
                }),
            );
        let counted = Arc::clone(&connections);
        let listener = axum::serve::ListenerExt::tap_io(listener, move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            address,
            connections,
            hanging,
        }
    }

    /// By its address, which the operator names.
    fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// By a name that leads to it.
    fn by_name(&self) -> String {
        format!("http://localhost:{}", self.address.port())
    }
}

/// A byte, and then none for ever.
fn drips() -> impl futures_util::Stream<Item = Result<Bytes, Infallible>> {
    stream::unfold(0_u8, |sent| async move {
        if sent > 0 {
            pending::<()>().await;
        }
        Some((Ok(Bytes::from_static(b"x")), sent + 1))
    })
}

fn gigabyte() -> impl futures_util::Stream<Item = Result<Bytes, Infallible>> {
    static BLOCK: [u8; 64 * 1024] = [0; 64 * 1024];
    stream::iter((0..16 * 1024).map(|_| Ok(Bytes::from_static(&BLOCK))))
}

async fn people(uri: Uri, headers: HeaderMap) -> (StatusCode, String) {
    let email = uri.query().and_then(|query| query.strip_prefix("email="));
    let email = email.unwrap_or_default().replace("%40", "@");
    let is_known = headers
        .get("authorization")
        .is_some_and(|token| token == "Bearer t0ken");
    if !is_known {
        return (StatusCode::FORBIDDEN, String::new());
    }
    match email.as_str() {
        "anna@example.com" => {
            let person = json!({ "first": "Anna", "position": "CTO", "extra": { "a": 1 } });
            (StatusCode::OK, person.to_string())
        }
        "broken@example.com" => (StatusCode::INTERNAL_SERVER_ERROR, String::new()),
        "hangs@example.com" => pending().await,
        _ => (StatusCode::NOT_FOUND, String::new()),
    }
}

/// The policy that does as its settings say, with these origins and more about it.
fn reaching(steps: &str, origins: &[String], more: &str) -> Builder {
    builder(steps).config(&format!(
        r#"
        [datasets.words]
        file = "words.txt"
        [policies.reach-out]
        on_failure = "skip"
        [policies.reach-out.grants]
        datasets = ["words"]
        http = {origins:?}
        key_value = true
        secrets = {{ token = {{ env = "TOKEN" }} }}
        {more}
        "#
    ))
}

const TIME: &str = "[policies.reach-out.limits]\ndeadline = '2.4s'";

async fn counted(host: &TestHost, outcome: &str) -> u64 {
    let metrics = host.operator("/metrics").await.body;
    let name =
        format!("hookwarden_http_requests_total{{policy=\"reach-out\",outcome=\"{outcome}\"}} ");
    let line = metrics.lines().find_map(|line| line.strip_prefix(&name));
    line.unwrap_or_else(|| panic!("no `{name}`: {metrics}"))
        .parse()
        .expect("a number")
}

#[tokio::test]
async fn a_service_is_reached_and_its_connection_used_again() {
    let service = Service::start().await;
    let origin = service.origin();
    let steps = format!(
        "{{ ask = 'fetch', url = '{origin}/hello' }}, {{ ask = 'fetch', url = '{origin}/hello', body = 100000 }}, {{ ask = 'fetch', url = '{origin}/nothing' }},"
    );
    let host = reaching(&steps, &[origin], TIME).start().await;
    for _ in 0..3 {
        assert_eq!(ask(&host).await, ["200 5", "200 5", "404 0"]);
    }
    assert_eq!(service.connections.load(Ordering::SeqCst), 1);
    assert_eq!(counted(&host, "answered").await, 9);
    let log = host.log();
    let line = log
        .lines()
        .find(|line| line.contains("call answered"))
        .expect("a line");
    assert!(line.contains(" waited="), "{line}");
    let metrics = host.operator("/metrics").await.body;
    let expected = "hookwarden_evaluation_wait_seconds_count{policy=\"reach-out\"} 3";
    assert!(metrics.contains(expected), "{metrics}");
}

#[tokio::test]
async fn what_is_not_granted_is_refused_and_counted() {
    let service = Service::start().await;
    let port = service.address.port();
    let others = [
        format!("https://127.0.0.1:{port}"),
        "http://127.0.0.1".to_owned(),
        "http://[::1]".to_owned(),
        "http://[::ffff:127.0.0.1]".to_owned(),
        "http://169.254.169.254".to_owned(),
        "http://10.0.0.1".to_owned(),
        "http://100.64.0.1".to_owned(),
        "http://[fc00::1]".to_owned(),
        "http://[64:ff9b::7f00:1]".to_owned(),
        "http://0.0.0.0".to_owned(),
        "http://2130706433".to_owned(),
        "http://example.org".to_owned(),
    ];
    let steps: Vec<_> = others
        .iter()
        .map(|origin| format!("{{ ask = 'fetch', url = '{origin}/hello' }}"))
        .collect();
    let more = format!("[policies.reach-out.http]\nrequests = 100\n{TIME}");
    let host = reaching(&steps.join(",\n"), &[service.origin()], &more)
        .start()
        .await;
    for (told, origin) in ask(&host).await.iter().zip(&others) {
        assert!(told.contains("Denied"), "{origin}: {told}");
    }
    assert_eq!(counted(&host, "denied").await, others.len() as u64);
    assert_eq!(service.connections.load(Ordering::SeqCst), 0);
}

/// What a name leads to is checked, whoever granted the name.
#[tokio::test]
async fn a_name_that_leads_here_is_refused_unless_the_network_is_named() {
    let service = Service::start().await;
    let name = service.by_name();
    let step = format!("{{ ask = 'fetch', url = '{name}/hello' }}");
    let host = reaching(&step, std::slice::from_ref(&name), TIME)
        .start()
        .await;
    let told = ask(&host).await;
    assert!(told[0].contains("Prohibited"), "{told:?}");
    assert_eq!(counted(&host, "prohibited").await, 1);
    assert_eq!(service.connections.load(Ordering::SeqCst), 0);

    let named = format!("networks = ['127.0.0.0/8']\n{TIME}");
    let host = reaching(&step, &[name], &named).start().await;
    assert_eq!(ask(&host).await, ["200 5"]);
}

#[tokio::test]
async fn a_redirect_leads_nowhere_by_itself_nor_past_the_grants() {
    let service = Service::start().await;
    let url = format!("{}/elsewhere", service.origin());
    let steps = format!(
        "{{ ask = 'fetch', url = '{url}' }}, {{ ask = 'fetch', url = '{url}', follow = 1 }}"
    );
    let host = reaching(&steps, &[service.origin()], TIME).start().await;
    let told = ask(&host).await;
    assert_eq!(told[0], "307 0");
    assert!(told[1].contains("Denied"), "{told:?}");
    // The name is granted, and what it leads to is not.
    let origins = [service.origin(), service.by_name()];
    let host = reaching(&steps, &origins, TIME).start().await;
    let told = ask(&host).await;
    assert!(told[1].contains("Prohibited"), "{told:?}");
    assert_eq!(counted(&host, "prohibited").await, 1);
}

#[tokio::test]
async fn requests_and_bodies_have_limits_that_the_policy_can_tell() {
    let service = Service::start().await;
    let origin = service.origin();
    let steps = format!(
        "{{ ask = 'fetch', url = '{origin}/gigabyte' }}, {{ ask = 'fetch', url = '{origin}/hello', body = 3000 }}, {{ ask = 'fetch-times', url = '{origin}/hello', times = 3 }}"
    );
    let more = format!(
        "[policies.reach-out.http]\nrequests = 4\nmax_response = '64KiB'\nmax_request = '2KiB'\n{TIME}"
    );
    let host = reaching(&steps, &[origin], &more).start().await;
    let told = ask(&host).await;
    assert!(told[0].contains("TooLarge"), "{told:?}");
    assert!(told[1].contains("TooLarge"), "{told:?}");
    assert!(told[2].starts_with("200 5, 200 5, "), "{told:?}");
    assert!(told[2].ends_with("TooMany"), "{told:?}");
    assert!(counted(&host, "too-large").await >= 1);
    assert_eq!(counted(&host, "too-many").await, 1);
}

/// Whatever it is told, a call ends in its time, and a neighbour's does not wait for it.
#[tokio::test]
async fn a_service_that_is_late_takes_nothing_from_anybody_else() {
    let service = Service::start().await;
    let origin = service.origin();
    for (path, cause) in [
        ("never", "deadline-exceeded"),
        ("drips", "deadline-exceeded"),
    ] {
        let step = format!("{{ ask = 'fetch', url = '{origin}/{path}' }}");
        let more = "[policies.reach-out.limits]\ndeadline = '300ms'\n\
             [hooks.registration]\npolicies = ['reach-out']\n\
             [hooks.others]\ntype = 'registration'\npolicies = ['only-example-com']";
        let host = reaching(&step, std::slice::from_ref(&origin), more)
            .policy("only-example-com", plugins::ONLY_EXAMPLE_COM)
            .start()
            .await;
        let call = sign_up("a@example.org");
        let waits: Vec<_> = (0..8).map(|_| tokio::spawn(host.begin(&call))).collect();
        if path == "never" {
            service.hanging.notified().await;
            // They wait, and this one does not.
            let other = host.call_hook("others", &call).await;
            assert!(other.body.contains("DENY"), "{other:?}");
            assert!(waits.iter().all(|waits| !waits.is_finished()));
        }
        for reply in waits {
            assert_eq!(reply.await.expect("an answer").status, 204);
        }
        let log = host.log();
        assert!(log.contains(&format!("error.type=\"{cause}\"")), "{log}");
    }
}

fn crm(origin: &str, on_failure: &str) -> Builder {
    Builder::default()
        .policy("prefill-from-crm", plugins::PREFILL_FROM_CRM)
        .settings(
            "prefill-from-crm",
            format!(
                "url = '{origin}/people'\ntoken = {{ secret = 'crm-token' }}\n\
                 [attributes]\nfirst = 'firstName'\nposition = 'title'\nextra = 'x'\nabsent = 'y'"
            ),
        )
        .variable("CRM_TOKEN", "t0ken")
        .config(&format!(
            "[policies.prefill-from-crm]\non_failure = '{on_failure}'\nlimits = {{ deadline = '500ms' }}\n\
             [policies.prefill-from-crm.grants]\nhttp = ['{origin}']\n\
             secrets = {{ crm-token = {{ env = 'CRM_TOKEN' }} }}"
        ))
}

#[tokio::test]
async fn a_person_is_filled_in_or_denied_and_a_broken_crm_is_the_operators_choice() {
    let service = Service::start().await;
    for on_failure in ["deny", "skip"] {
        let host = crm(&service.origin(), on_failure).start().await;
        let known = host.call(&sign_up("anna@example.com")).await.json();
        let value = &known["commands"][0]["value"];
        assert_eq!(*value, json!({ "firstName": "Anna", "title": "CTO" }));
        let unknown = host.call(&sign_up("nobody@example.com")).await;
        assert!(unknown.body.contains("NOT_FOUND"), "{unknown:?}");
        for email in ["broken@example.com", "hangs@example.com"] {
            let reply = host.call(&sign_up(email)).await;
            assert_eq!(reply.body.contains("DENY"), on_failure == "deny", "{email}");
            assert!(!reply.body.contains("NOT_FOUND"), "{email}");
        }
        let log = host.log();
        assert!(!log.contains("t0ken") && !log.contains("anna@"), "{log}");
    }
    // Nobody answers there.
    let nowhere = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let origin = format!("http://{}", nowhere.local_addr().expect("an address"));
    drop(nowhere);
    let host = crm(&origin, "skip").start().await;
    assert_eq!(host.call(&sign_up("anna@example.com")).await.status, 204);
    let log = host.log();
    assert!(log.contains("something it needs is unavailable"), "{log}");
}

/// A policy that computes for long before it asks runs where there is no network.
#[tokio::test]
async fn one_that_computed_before_is_answered_as_well() {
    let service = Service::start().await;
    let origin = service.origin();
    let step = format!("{{ ask = 'fetch', url = '{origin}/hello' }}");
    let more = "[policies.reach-out.limits]\ndeadline = '2.4s'\nslice = 10_000";
    let host = reaching(&step, &[origin], more).start().await;
    let mut call = sign_up("a@example.com");
    call["data"]["userProfile"]["note"] = "x".repeat(60_000).into();
    let reply = host.call(&call).await;
    assert_eq!(answers(&reply.body), ["200 5"]);
}

#[tokio::test]
async fn what_computes_forever_beside_it_is_bounded_as_ever() {
    let service = Service::start().await;
    let origin = service.origin();
    let step = format!("{{ ask = 'fetch', url = '{origin}/hello' }}");
    let host = reaching(&step, &[origin], TIME)
        .policy("spin-forever", guests::SPIN_FOREVER)
        .config("[policies.spin-forever]\non_failure = 'skip'")
        .start()
        .await;
    assert_eq!(ask(&host).await, ["200 5"]);
    assert!(host.log().contains("out-of-fuel"));
}
