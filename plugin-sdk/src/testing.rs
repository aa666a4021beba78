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
//! A call of another hook is one that is made up, but for what you name: see
//! [`token_with`] and [`saml_with`].
//!
//! For a call that Okta sent you, use `from_json` of its type, such as
//! [`Call::from_json`].

mod envelope;
mod password_import;
mod saml;
mod telephony;
mod token;
mod user_import;

use serde_json::{Value, json};

pub use password_import::password_import;
pub use saml::{saml, saml_with};
pub use telephony::{telephony, telephony_by_voice};
pub use token::{token, token_with};
pub use user_import::{matched_user_import, user_import};

use crate::registration::Call;
use envelope::{envelope, object, request, user};

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
                "user": user(),
            },
            "action": "ALLOW",
            "userProfileUpdate": object(changed),
        },
    }))
}

fn call(call: &Value) -> Call {
    let call = envelope("com.okta.user.pre-registration", call);
    Call::from_json(call).expect("a call in Okta's form")
}
