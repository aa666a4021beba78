//! Calls of every inline hook, in the shapes that Okta documents, with values of our own.

use std::fs;
use std::path::Path;

use hookwarden::okta::HookType;
use serde_json::Value;

/// The hook types that a policy can decide about.
pub const INLINE: [HookType; 6] = [
    HookType::Registration,
    HookType::Token,
    HookType::Saml,
    HookType::UserImport,
    HookType::PasswordImport,
    HookType::Telephony,
];

/// A file below `samples/<hook>/`, by its name without `.json`.
///
/// # Panics
///
/// There is none.
#[must_use]
pub fn read(hook_type: HookType, file: &str) -> Vec<u8> {
    let path = format!("samples/{hook_type}/{file}.json");
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(&path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// An ordinary call of an inline hook.
///
/// # Panics
///
/// Events are no calls of an inline hook.
#[must_use]
pub fn call(hook_type: HookType) -> Value {
    serde_json::from_slice(&read(hook_type, "call")).expect("JSON")
}
