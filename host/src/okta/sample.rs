//! A call of each inline hook to try, with no more in it than a policy is likely to look
//! at, and values of our own.

use serde_json::{Value, json};

use super::HookType;

/// A call of an inline hook.
///
/// # Panics
///
/// There is none for events.
#[must_use]
pub fn sample(hook_type: HookType, event_id: &str) -> Value {
    let request = json!({
        "id": "reqdev",
        "method": "POST",
        "url": { "value": "/idp/idx/identify" },
        "ipAddress": "192.0.2.1",
    });
    let profile = json!({
        "firstName": "Rosario",
        "lastName": "Jones",
        "login": "rosario.jones@example.org",
        "email": "rosario.jones@example.org",
    });
    let user = json!({
        "id": "00udev",
        "profile": { "login": "rosario.jones@example.org", "locale": "en_US" },
    });
    let lifetime = json!({ "lifetime": { "expiration": 3600 } });
    let (request_type, data) = match hook_type {
        HookType::Registration => (
            Some("self.service.registration"),
            json!({ "context": { "request": request }, "userProfile": profile, "action": "ALLOW" }),
        ),
        HookType::Token => (
            None,
            json!({
                "context": {
                    "request": request,
                    "protocol": {
                        "type": "OAUTH2.0",
                        "request": { "scope": "openid profile", "grant_type": "authorization_code", "client_id": "0oadev" },
                        "client": { "id": "0oadev", "name": "My app", "type": "PUBLIC" },
                    },
                    "user": user,
                },
                "identity": { "claims": { "sub": "00udev", "name": "Rosario Jones" }, "token": lifetime },
                "access": { "claims": { "sub": "rosario.jones@example.org", "aud": "api://default" }, "token": lifetime, "scopes": {} },
            }),
        ),
        HookType::Saml => (
            None,
            json!({
                "context": {
                    "request": request,
                    "protocol": { "type": "SAML2.0", "issuer": { "id": "0oadev", "name": "My app" } },
                    "user": user,
                },
                "assertion": {
                    "subject": { "nameId": "rosario.jones@example.org" },
                    "conditions": { "audienceRestriction": ["urn:example:sp"] },
                    "claims": { "name": { "attributeValues": [{ "attributes": { "xsi:type": "xs:string" }, "value": "Rosario" }] } },
                    "lifetime": { "expiration": 300 },
                },
            }),
        ),
        HookType::UserImport => (
            None,
            json!({
                "context": {
                    "application": { "name": "hr", "id": "0oadev", "status": "ACTIVE" },
                    "conflicts": [],
                    "matches": [],
                },
                "action": { "result": "CREATE_USER" },
                "appUser": { "profile": { "externalId": "1234", "email": "rosario.jones@example.org" } },
                "user": { "profile": profile },
            }),
        ),
        HookType::PasswordImport => (
            None,
            json!({
                "context": {
                    "request": request,
                    "credential": { "username": "rosario.jones@example.org", "password": "correct horse" },
                },
                "action": { "credential": "UNVERIFIED" },
            }),
        ),
        HookType::Telephony => (
            Some("com.okta.user.telephony.mfa-verification"),
            json!({
                "context": { "request": request },
                "userProfile": { "login": "rosario.jones@example.org", "userId": "00udev" },
                "messageProfile": {
                    "msgTemplate": "Your code is 040117",
                    "phoneNumber": "+14155550143",
                    "otpExpires": "2026-01-01T00:05:00.000Z",
                    "deliveryChannel": "SMS",
                    "otpCode": "040117",
                    "locale": "EN-US",
                },
            }),
        ),
        HookType::Event => panic!("no call of an inline hook"),
    };
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
