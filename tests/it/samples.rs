//! Okta's published samples, by shape: every request is accepted, every right response
//! passes the validator, and every one that was published and is wrong is refused.

use std::collections::BTreeSet;
use std::fs;

use hookwarden::okta::{Answer, Call, HookType, lint, merge};
use tests::samples::{INLINE, read};
use tests::{TestHost, guests};

use crate::schemas;

/// Okta's requests: those of its reference, of its OpenAPI file, and what is left of a
/// preview.
const REQUESTS: [(HookType, &[&str]); 6] = [
    (
        HookType::Registration,
        &[
            "ssr",
            "progressive",
            "classic",
            "openapi-ssr",
            "openapi-progressive",
        ],
    ),
    (
        HookType::Token,
        &["reference", "openapi", "preview-identity"],
    ),
    (HookType::Saml, &["reference", "openapi"]),
    (HookType::UserImport, &["reference", "openapi"]),
    (HookType::PasswordImport, &["reference", "openapi"]),
    (HookType::Telephony, &["reference", "openapi", "early"]),
];

/// Okta's responses to one call.
struct Responses {
    hook_type: HookType,
    call: &'static str,
    /// Those that Okta takes.
    right: &'static [&'static str],
    /// Those that were published all the same, and why Okta would not take them.
    wrong: &'static [(&'static str, &'static str)],
}

const NO_COMMAND: &str = "`commands[0].type` is no command of this hook";

/// A patch is right only for a call that has what it replaces or removes: the ordinary
/// `call` has.
const RESPONSES: [Responses; 8] = [
    Responses {
        hook_type: HookType::Registration,
        call: "requests/ssr",
        right: &[
            "deny",
            "guide-both-ssr-deny",
            "guide-noop-empty-object",
            "guide-ssr-allow",
            "guide-ssr-deny",
            "profile-update",
            "profile-update-two-commands",
            "ssr-deny-with-error",
            "ssr-update-login",
        ],
        wrong: &[
            (
                "early-deny-by-action",
                r#"`commands[0].value` must be {"registration":"DENY"} or {"registration":"ALLOW"}"#,
            ),
            (
                "openapi-error-member",
                "Okta reads no such member of an answer",
            ),
            ("openapi-ssr-allow", NO_COMMAND),
            ("openapi-ssr-deny", NO_COMMAND),
        ],
    },
    Responses {
        hook_type: HookType::Registration,
        call: "requests/progressive",
        right: &[
            "guide-both-progressive-deny",
            "guide-progressive-deny-empty-commands",
            "guide-progressive-update",
            "progressive-deny-with-error",
            "progressive-update",
        ],
        wrong: &[
            ("openapi-progressive-deny", NO_COMMAND),
            ("openapi-progressive-update", NO_COMMAND),
            (
                "openapi-value-as-text",
                "`commands[0].value` must be an object",
            ),
        ],
    },
    Responses {
        hook_type: HookType::Registration,
        call: "requests/classic",
        right: &["classic-deny"],
        wrong: &[],
    },
    Responses {
        hook_type: HookType::Token,
        call: "call",
        right: &[
            "add-at-array-index",
            "add-claim",
            "add-to-object",
            "append-array",
            "error",
            "guide-add-patient-id",
            "modify-lifetime",
            "openapi-add-claim",
            "openapi-append-array",
            "openapi-error",
            "openapi-modify-lifetime",
            "openapi-remove-claim",
            "openapi-remove-from-array",
            "openapi-remove-from-object",
            "openapi-replace-existing",
            "openapi-replace-in-path",
            "openapi-uri-format",
            "remove-claim",
            "remove-from-array",
            "remove-from-object",
            "replace-claim",
            "replace-in-object",
        ],
        wrong: &[("openapi-assertion-patch", NO_COMMAND)],
    },
    Responses {
        hook_type: HookType::Saml,
        call: "call",
        right: &[
            "guide-add-patient-id",
            "openapi",
            "openapi-uri-format",
            "reference",
            "uri-format",
        ],
        wrong: &[],
    },
    Responses {
        hook_type: HookType::UserImport,
        call: "call",
        right: &[
            "create-user",
            "link-user",
            "no-change",
            "openapi-appuser-profile-update",
            "openapi-create-user",
            "openapi-error",
            "openapi-link-user",
            "openapi-user-profile-update",
            "sample-appuser-profile-update",
            "sample-link-user",
            "sample-user-profile-update",
            "user-profile-update",
        ],
        wrong: &[],
    },
    Responses {
        hook_type: HookType::PasswordImport,
        call: "call",
        right: &[
            "openapi-unverified",
            "openapi-verified",
            "unverified",
            "verified",
        ],
        wrong: &[],
    },
    Responses {
        hook_type: HookType::Telephony,
        call: "call",
        right: &[
            "failure",
            "guide-success",
            "guide-success-minimal",
            "openapi-success",
            "success",
        ],
        wrong: &[("openapi-failure", "`error` must be an object")],
    },
];

fn call(hook_type: HookType, file: &str) -> Call {
    let json = read(hook_type, file);
    let call = Call::parse(hook_type, &json);
    call.unwrap_or_else(|error| panic!("{hook_type}, {file}: {error}"))
}

/// What is wrong with a response.
fn errors(call: &Call, hook_type: HookType, response: &str) -> Vec<String> {
    let body = read(hook_type, &format!("responses/{response}"));
    let answer = Answer {
        status: 200,
        body: body.into(),
    };
    let findings = lint(call, &answer).expect("a call");
    let wrong = findings.into_iter().filter(|finding| finding.is_wrong);
    wrong.map(|finding| finding.message).collect()
}

#[tokio::test]
async fn every_request_is_accepted() {
    let host = TestHost::with("obey", guests::OBEY).await;
    for (hook_type, files) in REQUESTS {
        let files = files.iter().map(|file| format!("requests/{file}"));
        for file in files.chain(["call".to_owned()]) {
            let call = call(hook_type, &file);
            assert!(merge(&call).is_ok(), "{hook_type}, {file}");
            let json = serde_json::from_slice(&read(hook_type, &file)).expect("JSON");
            let reply = host.call_hook(hook_type.name(), &json).await;
            let silent = match hook_type {
                HookType::Token | HookType::Telephony => (200, "{}"),
                _ => (204, ""),
            };
            assert_eq!((reply.status, &*reply.body), silent, "{hook_type}, {file}");
        }
    }
}

#[test]
fn every_right_response_passes_and_every_wrong_one_is_refused_with_the_reason() {
    for responses in RESPONSES {
        let hook_type = responses.hook_type;
        let call = call(hook_type, responses.call);
        for response in responses.right {
            let errors = errors(&call, hook_type, response);
            assert!(errors.is_empty(), "{hook_type}, {response}: {errors:?}");
            assert_eq!(schema_errors(hook_type, response), [""; 0], "{response}");
        }
        for (response, reason) in responses.wrong {
            let errors = errors(&call, hook_type, response);
            assert!(
                errors.iter().any(|error| error.starts_with(reason)),
                "{hook_type}, {response}: {errors:?}"
            );
            assert!(!schema_errors(hook_type, response).is_empty(), "{response}");
        }
    }
}

fn schema_errors(hook_type: HookType, response: &str) -> Vec<String> {
    let body = read(hook_type, &format!("responses/{response}"));
    schemas::errors(hook_type, 200, &String::from_utf8(body).expect("text"))
}

#[test]
fn every_fixture_is_in_the_tables() {
    for hook_type in INLINE {
        let requests = REQUESTS.iter().filter(|(of, _)| *of == hook_type);
        let requests = requests.flat_map(|(_, files)| files.iter().copied());
        assert_eq!(files(hook_type, "requests"), requests.collect());
        let responses = RESPONSES.iter().filter(|of| of.hook_type == hook_type);
        let responses = responses.flat_map(|responses| {
            let wrong = responses.wrong.iter().map(|(file, _)| file);
            responses.right.iter().chain(wrong).copied()
        });
        assert_eq!(files(hook_type, "responses"), responses.collect());
    }
}

/// The names of the fixtures in a folder.
fn files(hook_type: HookType, folder: &str) -> BTreeSet<&'static str> {
    let path = format!(
        "{}/samples/{hook_type}/{folder}",
        env!("CARGO_MANIFEST_DIR")
    );
    let entries = fs::read_dir(path).expect("a folder");
    let name = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.expect("an entry").path();
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        &*stem.expect("a name").to_owned().leak()
    };
    entries.map(name).collect()
}
