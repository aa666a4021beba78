//! Calls of the password import hook.

use serde_json::json;

use super::envelope::{envelope, request};
use crate::password_import::Call;

/// Somebody signs in by this name for the first time, with this password.
#[must_use]
pub fn password_import(username: &str, password: &str) -> Call {
    let call = envelope(
        "com.okta.user.credential.password.import",
        &json!({
            "data": {
                "context": {
                    "request": request("/api/v1/authn"),
                    "credential": { "username": username, "password": password },
                },
                "action": { "credential": "UNVERIFIED" },
            },
        }),
    );
    Call::from_json(call).expect("a call in Okta's form")
}
