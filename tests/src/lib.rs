//! What the tests share: compiled guests and plugins, Okta's calls, and a host
//! that is called through its real routers.

pub mod calls;
pub mod compiled_in;
mod host;
pub mod hostile;
pub mod load;
pub mod samples;
pub mod serving;
pub mod trials;

pub use host::{Builder, Reply, TestHost};
use serde_json::{Value, json};

/// Components of `guests/`.
pub mod guests {
    include!(concat!(env!("OUT_DIR"), "/guests.rs"));
}

/// Components of the plugins that ship with the host; those `_ON_WASI` are built
/// for `wasm32-wasip2`.
pub mod plugins {
    include!(concat!(env!("OUT_DIR"), "/plugins.rs"));
}

/// A person who signs up with this address, in Identity Engine.
#[must_use]
pub fn sign_up(email: &str) -> Value {
    json!({
        "eventId": "04Dmt8BcT_aEgM",
        "eventTime": "2026-04-25T17:35:27.000Z",
        "eventType": "com.okta.user.pre-registration",
        "eventTypeVersion": "1.0",
        "contentType": "application/json",
        "cloudEventVersion": "0.1",
        "source": "regt4qeBKU29vSoPz0g3",
        "requestType": "self.service.registration",
        "data": {
            "context": {
                "request": {
                    "method": "POST",
                    "ipAddress": "192.0.2.7",
                    "id": "req123",
                    "url": { "value": "/idp/idx/enroll/new" },
                },
            },
            "userProfile": {
                "firstName": "Rosario",
                "lastName": "Jones",
                "login": "rosario.jones",
                "email": email,
            },
            "action": "ALLOW",
        },
    })
}

/// The answer of a chain in which a policy failed and that denies, at the field
/// of the e-mail address.
#[must_use]
pub fn failure_answer() -> Value {
    let text = "This cannot be completed right now. Try again in a few minutes.";
    json!({
        "commands": [{ "type": "com.okta.action.update", "value": { "registration": "DENY" } }],
        "error": {
            "errorSummary": text,
            "errorCauses": [{
                "errorSummary": text,
                "reason": "POLICY_FAILED",
                "locationType": "body",
                "location": "data.userProfile.email",
                "domain": "end-user",
            }],
        },
    })
}
