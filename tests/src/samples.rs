//! Calls of every inline hook, in the shapes that Okta documents, with values of our own.

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

/// An ordinary call of an inline hook.
///
/// # Panics
///
/// Events are no calls of an inline hook.
#[must_use]
pub fn call(hook_type: HookType) -> Value {
    let json = match hook_type {
        HookType::Registration => include_str!("../samples/registration/call.json"),
        HookType::Token => include_str!("../samples/token/call.json"),
        HookType::Saml => include_str!("../samples/saml/call.json"),
        HookType::UserImport => include_str!("../samples/user-import/call.json"),
        HookType::PasswordImport => include_str!("../samples/password-import/call.json"),
        HookType::Telephony => include_str!("../samples/telephony/call.json"),
        HookType::Event => panic!("no inline hook"),
    };
    serde_json::from_str(json).expect("JSON")
}
