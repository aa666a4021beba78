//! Samples of the registration hook: both request types, and the calls of Classic Engine,
//! which have none.

use serde_json::json;

use super::person::{profile, request, user};
use super::{Parts, SampleType};
use crate::okta::registration::{PROGRESSIVE, SELF_SERVICE};

pub(super) const TYPES: &[SampleType] = &[
    SampleType {
        name: "self-service",
        about: "a person signs up",
        parts: self_service,
    },
    SampleType {
        name: "progressive",
        about: "a user changes an attribute of the profile",
        parts: progressive,
    },
    SampleType {
        name: "classic",
        about: "a person signs up in an org on Classic Engine",
        parts: classic,
    },
];

fn self_service() -> Parts {
    Parts {
        request_type: Some(SELF_SERVICE),
        data: json!({
            "context": { "request": request("POST", "/idp/idx/enroll/new") },
            "userProfile": profile(),
            "action": "ALLOW",
        }),
    }
}

fn progressive() -> Parts {
    Parts {
        request_type: Some(PROGRESSIVE),
        data: json!({
            "context": { "request": request("POST", "/idp/idx/enroll/update"), "user": user() },
            "userProfileUpdate": { "employeeNumber": "1234" },
            "action": "ALLOW",
        }),
    }
}

fn classic() -> Parts {
    let url = "/api/v1/registration/regdev/register";
    Parts::from(json!({
        "context": { "request": request("POST", url) },
        "userProfile": profile(),
        "action": null,
    }))
}
