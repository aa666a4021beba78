//! Samples of the telephony hook: each request type by SMS, and a voice call.

use serde_json::{Value, json};

use super::person::{LOGIN, request};
use super::{Parts, SampleType};

pub(super) const TYPES: &[SampleType] = &[
    SampleType {
        name: "mfa-verification",
        about: "a user signs in",
        parts: || sms("com.okta.user.telephony.mfa-verification"),
    },
    SampleType {
        name: "pre-enrollment",
        about: "a user enrolls a phone",
        parts: || sms("com.okta.user.telephony.pre-enrollment"),
    },
    SampleType {
        name: "account-unlock",
        about: "a user unlocks the account",
        parts: || sms("com.okta.user.telephony.account-unlock"),
    },
    SampleType {
        name: "password-reset",
        about: "a user resets the password",
        parts: || sms("com.okta.user.telephony.password-reset"),
    },
    SampleType {
        name: "voice",
        about: "a user signs in, and is called",
        parts: voice,
    },
];

fn sms(request_type: &'static str) -> Parts {
    let mut data = data("SMS");
    data["messageProfile"]["msgTemplate"] = "Your code is 040117".into();
    Parts {
        request_type: Some(request_type),
        data,
    }
}

/// There is no template for what is spoken.
fn voice() -> Parts {
    Parts {
        request_type: Some("com.okta.user.telephony.mfa-verification"),
        data: data("voice call"),
    }
}

fn data(channel: &str) -> Value {
    json!({
        "context": { "request": request("POST", "/idp/idx/identify") },
        "userProfile": {
            "firstName": "Rosario",
            "lastName": "Jones",
            "login": LOGIN,
            "userId": "00udev",
        },
        "messageProfile": {
            "phoneNumber": "+14155550143",
            "otpExpires": "2026-01-01T00:05:00.000Z",
            "deliveryChannel": channel,
            "otpCode": "040117",
            "locale": "EN-US",
        },
    })
}
