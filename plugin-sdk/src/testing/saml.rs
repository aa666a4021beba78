//! Calls of the SAML assertion hook.

use serde_json::{Value, json};

use super::envelope::request;
use super::envelope::{json_of, session, user};
use crate::saml::Call;

/// The user Rosario Jones signs in to an application, whose assertion has one
/// attribute, `email`.
#[must_use]
pub fn saml() -> Call {
    saml_with::<Value>([])
}

/// The same as [`saml`] but for these members: each a JSON Pointer (RFC 6901) from
/// the top of the call, and its value. What is missing on the way is created; a
/// `null` is like an absent member.
///
/// ```
/// use hookwarden_sdk::testing::saml_with;
///
/// let call = saml_with([
///     ("/data/assertion/subject/nameId", "rjones"),
///     ("/data/context/user/profile/login", "rosario.jones@example.org"),
/// ]);
/// assert_eq!(call.name_id(), Ok(Some("rjones")));
/// ```
///
/// # Panics
///
/// A pointer does not begin with `/`, or the call is not one any more.
#[must_use]
pub fn saml_with<V: Into<Value>>(different: impl IntoIterator<Item = (&'static str, V)>) -> Call {
    let application = "https://example.okta.com/app/app_1/exktesting/sso/saml";
    let data = json!({
        "context": {
            "request": request(application),
            "protocol": {
                "type": "SAML2.0",
                "issuer": {
                    "id": "0oatesting",
                    "name": "App",
                    "uri": "http://www.okta.com/exktesting",
                },
            },
            "session": session(),
            "user": user(),
        },
        "assertion": {
            "subject": {
                "nameId": "rosario.jones@example.com",
                "nameFormat": "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
                "confirmation": {
                    "method": "urn:oasis:names:tc:SAML:2.0:cm:bearer",
                    "data": { "recipient": "https://app.example.com/saml/sso" },
                },
            },
            "authentication": {
                "sessionIndex": "idtesting",
                "authnContext": {
                    "authnContextClassRef":
                        "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
                },
            },
            "conditions": { "audienceRestriction": ["urn:example:app"] },
            "claims": {
                "email": {
                    "attributes": {
                        "NameFormat": "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified",
                    },
                    "attributeValues": [
                        {
                            "attributes": { "xsi:type": "xs:string" },
                            "value": "rosario.jones@example.com",
                        },
                    ],
                },
            },
            "lifetime": { "expiration": 300 },
        },
    });
    let json = json_of("com.okta.saml.tokens.transform", data, different);
    Call::from_json(json).expect("a call in Okta's form")
}
