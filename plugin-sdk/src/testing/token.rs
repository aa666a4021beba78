//! Calls of the token hook.

use serde_json::{Value, json};

use super::envelope::request;
use super::envelope::{json_of, session, user};
use crate::token::Call;

/// The client `portal` exchanges a code for an ID token and an access token of the
/// user Rosario Jones: of a custom authorization server, with the scopes `openid`
/// and `profile`, for an hour.
#[must_use]
pub fn token() -> Call {
    token_with::<Value>([])
}

/// The same as [`token`] but for these members: each a JSON Pointer (RFC 6901) from
/// the top of the call, and its value. What is missing on the way is created; a
/// `null` is like an absent member.
///
/// ```
/// use hookwarden_sdk::testing::token_with;
/// use serde_json::json;
///
/// let call = token_with([
///     ("/data/context/protocol/client/id", json!("billing")),
///     ("/data/access/claims/tenant", json!("acme")),
///     ("/data/identity", json!(null)),
/// ]);
/// assert_eq!(call.client_id(), Ok(Some("billing")));
/// assert!(call.identity().is_none());
/// ```
///
/// # Panics
///
/// A pointer does not begin with `/`, or the call is not one any more.
#[must_use]
pub fn token_with<V: Into<Value>>(different: impl IntoIterator<Item = (&'static str, V)>) -> Call {
    let issuer = "https://example.okta.com/oauth2/default";
    let data = json!({
        "context": {
            "request": request(&format!("{issuer}/v1/token")),
            "protocol": {
                "type": "OAUTH2.0",
                "request": {
                    "scope": "openid profile email",
                    "state": "testing",
                    "redirect_uri": "https://portal.example.com/callback",
                    "response_mode": "query",
                    "response_type": "code",
                    "client_id": "portal",
                    "grant_type": "authorization_code",
                },
                "issuer": { "uri": issuer },
                "client": { "id": "portal", "name": "Portal", "type": "PUBLIC" },
            },
            "session": session(),
            "user": user(),
            "policy": { "id": "00ptesting", "rule": { "id": "0prtesting" } },
        },
        "identity": {
            "claims": {
                "sub": "00u48gwcu01WxvNo",
                "name": "Rosario Jones",
                "email": "rosario.jones@example.com",
                "ver": 1,
                "iss": issuer,
                "aud": "portal",
                "jti": "ID.testing",
                "amr": ["pwd"],
                "idp": "00otesting",
                "auth_time": 1_767_225_600,
            },
            "token": { "lifetime": { "expiration": 3600 } },
        },
        "access": {
            "claims": {
                "ver": 1,
                "jti": "AT.testing",
                "iss": issuer,
                "aud": "api://default",
                "cid": "portal",
                "uid": "00u48gwcu01WxvNo",
                "sub": "rosario.jones@example.com",
            },
            "token": { "lifetime": { "expiration": 3600 } },
            "scopes": {
                "openid": { "id": "scptesting1", "action": "GRANT" },
                "profile": { "id": "scptesting2", "action": "GRANT" },
            },
        },
    });
    let json = json_of("com.okta.oauth2.tokens.transform", data, different);
    Call::from_json(json).expect("a call in Okta's form")
}
