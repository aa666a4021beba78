//! Calls for native tests, without a host and without WebAssembly.
//!
//! ```
//! use hookwarden_sdk::registration::{Call, Decision};
//! use hookwarden_sdk::testing;
//!
//! fn decide(call: Call) -> Decision {
//!     match call.email_domain() {
//!         Some("example.com") => Decision::allow(),
//!         _ => Decision::deny_field("email", "Only example.com addresses can register."),
//!     }
//! }
//!
//! assert!(!decide(testing::sign_up([("email", "a@example.com")])).is_denial());
//! assert!(decide(testing::sign_up([("email", "a@example.org")])).is_denial());
//! ```
//!
//! For a call that Okta sent you, use `from_json` of its type, such as
//! [`Call::from_json`].

mod password_import;
mod telephony;
mod user_import;

pub use password_import::password_import;
pub use telephony::{telephony, telephony_by_voice};
pub use user_import::{matched_user_import, user_import};

mod envelope;
mod token;

use serde_json::{Map, Value, json};

pub use token::{token, token_with};

use crate::registration::Call;

/// A person signs up (Identity Engine) and submits these attributes.
#[must_use]
pub fn sign_up<V: Into<Value>>(submitted: impl IntoIterator<Item = (&'static str, V)>) -> Call {
    call(&json!({
        "requestType": "self.service.registration",
        "data": {
            "context": { "request": request("/idp/idx/enroll/new") },
            "action": "ALLOW",
            "userProfile": object(submitted),
        },
    }))
}

/// A person signs up in an org on Classic Engine: no `requestType`, and an
/// `action` that is `null`.
#[must_use]
pub fn classic_sign_up<V: Into<Value>>(
    submitted: impl IntoIterator<Item = (&'static str, V)>,
) -> Call {
    call(&json!({
        "data": {
            "context": { "request": request("/api/v1/registration/reg/register") },
            "action": null,
            "userProfile": object(submitted),
        },
    }))
}

/// The user Rosario Jones changes these attributes of the profile.
#[must_use]
pub fn complete_profile<V: Into<Value>>(
    changed: impl IntoIterator<Item = (&'static str, V)>,
) -> Call {
    call(&json!({
        "requestType": "progressive.profile",
        "data": {
            "context": {
                "request": request("/idp/idx/enroll/update"),
                "user": {
                    "id": "00u48gwcu01WxvNo",
                    "passwordChanged": "2026-01-01T00:00:00.000Z",
                    "profile": {
                        "login": "rosario.jones@example.com",
                        "firstName": "Rosario",
                        "lastName": "Jones",
                        "locale": "en_US",
                        "timeZone": "America/Los_Angeles",
                    },
                },
            },
            "action": "ALLOW",
            "userProfileUpdate": object(changed),
        },
    }))
}

fn request(url: &str) -> Value {
    json!({ "id": "reqtest", "method": "POST", "ipAddress": "192.0.2.1", "url": { "value": url } })
}

fn object<V: Into<Value>>(attributes: impl IntoIterator<Item = (&'static str, V)>) -> Value {
    let own = |(name, value): (&str, V)| (name.to_owned(), value.into());
    Value::Object(attributes.into_iter().map(own).collect::<Map<_, _>>())
}

fn call(call: &Value) -> Call {
    let call = envelope("com.okta.user.pre-registration", call);
    Call::from_json(call).expect("a call in Okta's form")
}

/// The members of `call`, in the envelope that all calls come in.
fn envelope(event_type: &str, call: &Value) -> String {
    let mut envelope = json!({
        "eventId": "testing",
        "eventTime": "2026-01-01T00:00:00.000Z",
        "eventType": event_type,
        "eventTypeVersion": "1.0",
        "cloudEventVersion": "0.1",
        "contentType": "application/json",
        "source": "regtest",
    });
    if let (Value::Object(envelope), Value::Object(call)) = (&mut envelope, call) {
        envelope.extend(call.clone());
    }
    envelope.to_string()
}
