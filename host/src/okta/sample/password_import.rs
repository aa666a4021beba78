//! The sample of the password import hook.

use serde_json::json;

use super::person::{LOGIN, request};
use super::{Parts, SampleType};

pub(super) const TYPES: &[SampleType] = &[SampleType {
    name: "sign-in",
    about: "a user signs in for the first time, with a password from elsewhere",
    parts: sign_in,
}];

fn sign_in() -> Parts {
    Parts::from(json!({
        "context": {
            "request": request("POST", "/api/v1/authn"),
            "credential": { "username": LOGIN, "password": "correct horse" },
        },
        "action": { "credential": "UNVERIFIED" },
    }))
}
