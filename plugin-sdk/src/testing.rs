//! Calls and fakes for native tests, without a host and without WebAssembly.
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
//! For more than the attributes there are calls that are made up, but for what you name:
//! see [`sign_up_with`], [`token_with`] and [`saml_with`].
//!
//! For a call that Okta sent you, use `from_json` of its type, such as
//! [`Call::from_json`].
//!
//! What a policy asks the host for is faked, by [`secrets()`], [`dataset()`],
//! [`key_value()`] and [`http()`]. Each fake is there for its thread, and for as long as
//! what it returns is kept: write `let _secrets = …`, and not `let _ = …`, which drops it
//! at once. What is not faked is answered as if it had not been granted.

mod envelope;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod fakes;
mod password_import;
mod saml;
mod telephony;
mod token;
mod user_import;

use serde_json::{Value, json};

#[cfg(not(target_arch = "wasm32"))]
pub use fakes::{
    Dataset, Fake, KeyValue, dataset, http, key_value, response, response_with, secrets,
};
pub use password_import::password_import;
pub use saml::{saml, saml_with};
pub use telephony::{telephony, telephony_by_voice};
pub use token::{token, token_with};
pub use user_import::{matched_user_import, user_import};

use crate::registration::Call;
use envelope::{envelope, json_of, object, request, user};

/// Okta's literal for the registration hook.
const REGISTRATION: &str = "com.okta.user.pre-registration";

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

/// Rosario Jones signs up (Identity Engine), but for these members: each a JSON Pointer
/// (RFC 6901) from the top of the call, and its value. What is missing on the way is
/// created; a `null` is like an absent member.
///
/// ```
/// use hookwarden_sdk::testing::sign_up_with;
///
/// let call = sign_up_with([
///     ("/eventId", "another"),
///     ("/data/context/request/ipAddress", "198.51.100.7"),
///     ("/data/userProfile/inviteCode", "abc"),
/// ]);
/// assert_eq!(call.event_id(), Some("another"));
/// assert_eq!(call.email(), Some("rosario.jones@example.com"));
/// assert_eq!(call.text("inviteCode"), Some("abc"));
/// ```
///
/// # Panics
///
/// A pointer does not begin with `/`, or the call is not one any more.
#[must_use]
pub fn sign_up_with<V: Into<Value>>(
    different: impl IntoIterator<Item = (&'static str, V)>,
) -> Call {
    let data = json!({
        "context": { "request": request("/idp/idx/enroll/new") },
        "action": "ALLOW",
        "userProfile": {
            "firstName": "Rosario",
            "lastName": "Jones",
            "login": "rosario.jones@example.com",
            "email": "rosario.jones@example.com",
        },
    });
    let request_type = ("/requestType", Value::from("self.service.registration"));
    let different = different.into_iter();
    let different = different.map(|(pointer, value)| (pointer, value.into()));
    let json = json_of(
        REGISTRATION,
        data,
        std::iter::once(request_type).chain(different),
    );
    Call::from_json(json).expect("a call in Okta's form")
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
                "user": user(),
            },
            "action": "ALLOW",
            "userProfileUpdate": object(changed),
        },
    }))
}

fn call(call: &Value) -> Call {
    let call = envelope(REGISTRATION, call);
    Call::from_json(call).expect("a call in Okta's form")
}
