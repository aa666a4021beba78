//! Okta's registration calls, answered byte for byte by the example policy.
//!
//! A case is `cases/registration/<case>.request.json` and, beside it, the exact
//! body of the answer; a case without one is answered 204.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tests::{TestHost, plugins, sign_up};

fn cases() -> Vec<(PathBuf, Option<String>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/registration");
    let entries = fs::read_dir(folder).expect("the cases");
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
    assert!(cases.len() >= 10, "the cases are gone");
    cases
}

#[tokio::test]
async fn every_case_is_answered_to_the_byte() {
    let host = TestHost::with("only-example-com", plugins::ONLY_EXAMPLE_COM).await;
    for (request, response) in cases() {
        let reply = host.call_with(fs::read(&request).expect("a request")).await;
        let case = request.display();
        match response {
            None => {
                assert_eq!((reply.status, reply.body.as_str()), (204, ""), "{case}");
                assert!(!reply.headers.contains_key("content-type"), "{case}");
            }
            Some(response) => {
                assert_eq!(reply.status, 200, "{case}: {}", reply.body);
                assert_eq!(reply.body, response, "{case}");
                assert_eq!(reply.headers["content-type"], "application/json", "{case}");
            }
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
