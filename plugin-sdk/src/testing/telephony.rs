//! Calls of the telephony hook.

use serde_json::{Value, json};

use super::envelope::{envelope, request};
use crate::telephony::Call;

/// The user Rosario Jones signs in and waits for this code, by SMS.
#[must_use]
pub fn telephony(phone_number: &str, otp_code: &str) -> Call {
    call(&json!({
        "msgTemplate": format!("Your code is {otp_code}"),
        "phoneNumber": phone_number,
        "otpExpires": "2026-01-01T00:05:00.000Z",
        "deliveryChannel": "SMS",
        "otpCode": otp_code,
        "locale": "EN-US",
    }))
}

/// As [`telephony`], by a call that reads the code out.
#[must_use]
pub fn telephony_by_voice(phone_number: &str, otp_code: &str) -> Call {
    call(&json!({
        "phoneNumber": phone_number,
        "otpExpires": "2026-01-01T00:05:00.000Z",
        "deliveryChannel": "voice call",
        "otpCode": otp_code,
        "locale": "EN-US",
    }))
}

fn call(message: &Value) -> Call {
    let call = envelope(
        "com.okta.telephony.provider",
        &json!({
            "requestType": "com.okta.user.telephony.mfa-verification",
            "data": {
                "context": { "request": request("/idp/idx/challenge") },
                "userProfile": {
                    "firstName": "Rosario",
                    "lastName": "Jones",
                    "login": "rosario.jones@example.com",
                    "userId": "00u48gwcu01WxvNo",
                },
                "messageProfile": message,
            },
        }),
    );
    Call::from_json(call).expect("a call in Okta's form")
}
