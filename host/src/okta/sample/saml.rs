//! Samples of the SAML hook: a person who has a session, and one who comes from the
//! application without one.

use serde_json::{Value, json};

use super::person::{LOGIN, ORG, request, session, user};
use super::{Parts, SampleType};

pub(super) const TYPES: &[SampleType] = &[
    SampleType {
        name: "session",
        about: "a user who is signed in opens an application",
        parts: in_session,
    },
    SampleType {
        name: "no-session",
        about: "a user comes from the application, and Okta has no session yet",
        parts: || data().into(),
    },
];

fn in_session() -> Parts {
    let mut data = data();
    data["context"]["session"] = session();
    data.into()
}

/// A call without a session.
fn data() -> Value {
    let basic = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic";
    json!({
        "context": {
            "request": request("GET", &format!("{ORG}/app/myapp/exkdev/sso/saml")),
            "protocol": {
                "type": "SAML2.0",
                "issuer": { "id": "0oadev", "name": "My app", "uri": "http://www.okta.com/exkdev" },
            },
            "user": user(),
        },
        "assertion": {
            "subject": {
                "nameId": LOGIN,
                "nameFormat": "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
                "confirmation": {
                    "method": "urn:oasis:names:tc:SAML:2.0:cm:bearer",
                    "data": { "recipient": "https://app.example.org/sso/saml" },
                },
            },
            "authentication": {
                "sessionIndex": "iddev",
                "authnContext": {
                    "authnContextClassRef": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
                },
            },
            "conditions": { "audienceRestriction": ["urn:example:sp"] },
            "claims": {
                "name": {
                    "attributes": { "NameFormat": basic },
                    "attributeValues": [
                        { "attributes": { "xsi:type": "xs:string" }, "value": "Rosario" },
                    ],
                },
            },
            "lifetime": { "expiration": 300 },
        },
    })
}
