//! Okta's calls, answered byte for byte by the example policy of each hook, in the real
//! process.
//!
//! A case is `cases/<hook>/<case>.request.json` and, beside it, the exact body of the
//! answer; a case without one is answered 204. `settings.toml` there is the policy's.

use std::fs;
use std::path::{Path, PathBuf};

use hookwarden::okta::HookType;
use serde_json::{Value, json};
use tests::{TestHost, plugins, sign_up};

use crate::process::{Process, ports_of_its_own, prepare};
use crate::schemas;

/// The example policy of each hook.
const EXAMPLES: [(HookType, &str, &str); 6] = [
    (
        HookType::Registration,
        "only-example-com",
        plugins::ONLY_EXAMPLE_COM,
    ),
    (
        HookType::Token,
        "add-claims-by-client",
        plugins::ADD_CLAIMS_BY_CLIENT,
    ),
    (
        HookType::Saml,
        "add-saml-attribute-by-domain",
        plugins::ADD_SAML_ATTRIBUTE_BY_DOMAIN,
    ),
    (
        HookType::UserImport,
        "link-known-users",
        plugins::LINK_KNOWN_USERS,
    ),
    (
        HookType::PasswordImport,
        "verify-imported-password",
        plugins::VERIFY_IMPORTED_PASSWORD,
    ),
    (
        HookType::Telephony,
        "refuse-number-prefixes",
        plugins::REFUSE_NUMBER_PREFIXES,
    ),
];

fn folder(hook_type: HookType) -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.join(format!("cases/{hook_type}"))
}

fn cases(hook_type: HookType) -> Vec<(PathBuf, Option<String>)> {
    let entries = fs::read_dir(folder(hook_type)).expect("the cases");
    let mut cases: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.to_string_lossy().ends_with(".request.json"))
        .map(|request| {
            let name = request
                .to_string_lossy()
                .replace(".request.json", ".response.json");
            let response = fs::read_to_string(name).ok();
            (request, response.map(|text| text.trim_end().to_owned()))
        })
        .collect();
    cases.sort();
    assert!(cases.len() >= 4, "the cases are gone");
    cases
}

/// A host with all of them.
fn host() -> Process {
    let (root, command) = prepare(&ports_of_its_own(""));
    let policies = root.path().join("policies");
    for (hook_type, name, component) in EXAMPLES {
        let file = policies.join(name);
        fs::copy(component, file.with_extension("wasm")).expect("a component");
        let settings = folder(hook_type).join("settings.toml");
        if settings.exists() {
            fs::copy(settings, file.with_extension("toml")).expect("settings");
        }
    }
    Process::run(root, command)
}

#[test]
fn every_case_is_answered_to_the_byte_and_by_the_schema() {
    let process = host();
    for (hook_type, ..) in EXAMPLES {
        for (request, response) in cases(hook_type) {
            let case = request.display();
            let json = fs::read_to_string(&request).expect("a request");
            let (head, body) = process.post(hook_type.name(), "connection: close\r\n", &json);
            let has_type = head.contains("\r\ncontent-type: application/json");
            let status = if response.is_some() { 200 } else { 204 };
            assert!(
                head.starts_with(&format!("HTTP/1.1 {status} ")),
                "{case}: {head}"
            );
            assert_eq!(has_type, response.is_some(), "{case}");
            assert_eq!(body, response.unwrap_or_default(), "{case}");
            let errors = schemas::errors(hook_type, status, &body);
            assert!(errors.is_empty(), "{case}: {errors:?}");
        }
    }
}

#[tokio::test]
async fn only_addresses_of_the_domain_itself_are_admitted() {
    let host = TestHost::with("only-example-com", plugins::ONLY_EXAMPLE_COM).await;
    for (address, admitted) in [
        ("rosario.jones@example.com", true),
        ("rosario.jones@EXAMPLE.Com", true),
        (r#""x@evil.io"@example.com"#, true),
        ("a@example.com.evil.com", false),
        ("a@notexample.com", false),
        ("a@sub.example.com", false),
        (r#""x@example.com"@evil.io"#, false),
        ("nobody", false),
        ("", false),
        ("a@ex\u{430}mple.com", false),
        ("a@example.com\u{0}", false),
        ("a@evil.com,b@example.com", false),
    ] {
        let reply = host.call(&sign_up(address)).await;
        assert_eq!(
            reply.status,
            if admitted { 204 } else { 200 },
            "{address:?}"
        );
        assert_eq!(reply.body.contains("DENY"), !admitted, "{address:?}");
    }

    let mut no_address = sign_up("");
    for value in [
        json!(null),
        json!(7),
        json!(["a@example.com"]),
        json!({"a": "b"}),
    ] {
        no_address["data"]["userProfile"]["email"] = value;
        assert_eq!(host.call(&no_address).await.status, 200, "{no_address}");
    }
    let profile = no_address["data"]["userProfile"]
        .as_object_mut()
        .expect("an object");
    profile.remove("email");
    assert_eq!(host.call(&no_address).await.status, 200);
}

#[tokio::test]
async fn members_that_nobody_knows_change_nothing() {
    let host = TestHost::with("only-example-com", plugins::ONLY_EXAMPLE_COM).await;
    let mut call = sign_up("a@example.com");
    call["newMember"] = json!({"deep": [1, {"x": null}]});
    call["data"]["newMember"] = Value::Null;
    call["data"]["context"]["newMember"] = json!("x");
    call["data"]["userProfile"]["customNumber"] = json!(12345.5);
    call["eventTypeVersion"] = json!(1);
    call["cloudEventVersion"] = json!(0.1);
    assert_eq!(host.call(&call).await.status, 204);
}
