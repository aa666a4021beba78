//! JSON Schemas of the replies that Okta takes, one a hook, in `schemas/`: written from
//! its reference and its OpenAPI file, where those contradict each other by what works.
//! They know nothing of this host, so that they find what its own validator overlooks.

use boon::{Compiler, Schemas};
use hookwarden::okta::HookType;
use serde_json::{Value, json};

const ERROR: &str = include_str!("../schemas/error.json");

fn schema(hook_type: HookType) -> Value {
    let parse = |json| serde_json::from_str::<Value>(json).expect("JSON");
    let mut schema = parse(match hook_type {
        HookType::Registration => include_str!("../schemas/registration.json"),
        HookType::Token => include_str!("../schemas/token.json"),
        HookType::Saml => include_str!("../schemas/saml.json"),
        HookType::UserImport => include_str!("../schemas/user-import.json"),
        HookType::PasswordImport => include_str!("../schemas/password-import.json"),
        HookType::Telephony => include_str!("../schemas/telephony.json"),
        HookType::Event => panic!("no inline hook"),
    });
    schema["$defs"] = json!({ "error": parse(ERROR) });
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
