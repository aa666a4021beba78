//! Samples: calls of each inline hook to try, with every member that Okta documents and
//! values of our own.
//!
//! A hook has a sample for each type of its calls: for each `requestType` where it has
//! some, and otherwise for what makes its calls differ. All are of one person, Rosario
//! Jones, whom nobody is. The first of a hook is its default.

mod password_import;
mod person;
mod registration;
mod saml;
mod telephony;
mod token;
mod user_import;

use serde_json::{Value, json};

use super::HookType;

/// A type of sample.
#[derive(Debug, Clone, Copy)]
pub struct SampleType {
    /// Its name: lower case, words joined by `-`. No other type of its hook has it.
    pub name: &'static str,
    /// When Okta makes such a call, in a few words.
    pub about: &'static str,
    /// What is different in the calls of each type.
    parts: fn() -> Parts,
}

/// What is not the same in the calls of all hooks.
#[derive(Debug)]
struct Parts {
    request_type: Option<&'static str>,
    data: Value,
}

impl From<Value> for Parts {
    fn from(data: Value) -> Self {
        let request_type = None;
        Self { request_type, data }
    }
}

/// The types of samples of a hook, its default first; none for events, which are no calls
/// of an inline hook.
#[must_use]
pub fn sample_types(hook_type: HookType) -> &'static [SampleType] {
    match hook_type {
        HookType::Registration => registration::TYPES,
        HookType::Token => token::TYPES,
        HookType::Saml => saml::TYPES,
        HookType::UserImport => user_import::TYPES,
        HookType::PasswordImport => password_import::TYPES,
        HookType::Telephony => telephony::TYPES,
        HookType::Event => &[],
    }
}

/// A call of an inline hook: the default of its [types](sample_types).
///
/// # Panics
///
/// There is none for events.
#[must_use]
pub fn sample(hook_type: HookType, event_id: &str) -> Value {
    let default = sample_types(hook_type).first();
    let default = default.expect("every inline hook has a sample");
    call(hook_type, default, event_id)
}

/// A call of an inline hook, of the type of this name; `None` if the hook has no such type.
#[must_use]
pub fn sample_of(hook_type: HookType, type_name: &str, event_id: &str) -> Option<Value> {
    let mut types = sample_types(hook_type).iter();
    let sample_type = types.find(|sample_type| sample_type.name == type_name)?;
    Some(call(hook_type, sample_type, event_id))
}

fn call(hook_type: HookType, sample_type: &SampleType, event_id: &str) -> Value {
    let Parts { request_type, data } = (sample_type.parts)();
    let mut call = json!({
        "eventId": event_id,
        "eventTime": "2026-01-01T00:00:00.000Z",
        "eventType": hook_type.event_type(),
        "eventTypeVersion": "1.0",
        "cloudEventVersion": "0.1",
        "contentType": "application/json",
        "source": "dev",
        "data": data,
    });
    if let Some(request_type) = request_type {
        call["requestType"] = request_type.into();
    }
    call
}

#[cfg(test)]
mod tests;
