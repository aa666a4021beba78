//! JSON Schemas of the replies that Okta takes, one a hook, in `schemas/`: written from
//! its reference and its OpenAPI file, where those contradict each other by what works.
//! They know nothing of this host, so that they find what its own validator overlooks.

use std::fs;

use boon::{Compiler, Schemas};
use hookwarden::okta::HookType;
use serde_json::{Value, json};

/// A file of `schemas/`, by its name without `.json`.
fn read(name: &str) -> Value {
    let path = format!("{}/schemas/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let json = fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_slice(&json).expect("JSON")
}

fn schema(hook_type: HookType) -> Value {
    let mut schema = read(hook_type.name());
    schema["$defs"] = json!({ "error": read("error") });
    schema
}

/// What is wrong with a reply; nothing if Okta takes it.
pub(super) fn errors(hook_type: HookType, status: u16, body: &str) -> Vec<String> {
    const PLACE: &str = "https://example.com/reply.json";

    let only_200 = matches!(hook_type, HookType::Token | HookType::Telephony);
    match (status, body) {
        (204, "") if !only_200 => return Vec::new(),
        (200, _) => {}
        _ => return vec![format!("status {status} with `{body}`")],
    }
    let (mut compiler, mut schemas) = (Compiler::new(), Schemas::new());
    compiler
        .add_resource(PLACE, schema(hook_type))
        .expect("a schema");
    let schema = compiler.compile(PLACE, &mut schemas).expect("a schema");
    let reply = serde_json::from_str(body).unwrap_or_else(|_| json!(body));
    let validated = schemas.validate(&reply, schema);
    validated
        .err()
        .map(|error| error.to_string())
        .into_iter()
        .collect()
}
