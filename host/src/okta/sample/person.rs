//! Whom the samples are of, and from where they come: what several hooks have in
//! `data.context`.

use serde_json::{Value, json};

/// The address of the org.
pub(super) const ORG: &str = "https://example.okta.com";

/// The person's login and email.
pub(super) const LOGIN: &str = "rosario.jones@example.org";

/// The request that made Okta call, to this URL.
pub(super) fn request(method: &str, url: &str) -> Value {
    json!({
        "id": "reqdev",
        "method": method,
        "url": { "value": url },
        "ipAddress": "192.0.2.1",
    })
}

/// The person as a user, in `data.context.user`.
pub(super) fn user() -> Value {
    let link = |what: &str| json!({ "href": format!("{ORG}/api/v1/users/00udev/{what}") });
    json!({
        "id": "00udev",
        "passwordChanged": "2025-12-01T00:00:00.000Z",
        "profile": {
            "login": LOGIN,
            "firstName": "Rosario",
            "lastName": "Jones",
            "locale": "en_US",
            "timeZone": "America/Los_Angeles",
        },
        "_links": { "groups": link("groups"), "factors": link("factors") },
    })
}

/// The person's session, in `data.context.session`.
pub(super) fn session() -> Value {
    json!({
        "id": "102dev",
        "userId": "00udev",
        "login": LOGIN,
        "createdAt": "2025-12-31T23:00:00.000Z",
        "expiresAt": "2026-01-01T01:00:00.000Z",
        "status": "ACTIVE",
        "lastPasswordVerification": "2025-12-31T23:00:00.000Z",
        "amr": ["PASSWORD"],
        "idp": { "id": "00odev", "type": "OKTA" },
        "mfaActive": false,
    })
}

/// What the person says in a form to sign up.
pub(super) fn profile() -> Value {
    json!({
        "firstName": "Rosario",
        "lastName": "Jones",
        "login": LOGIN,
        "email": LOGIN,
    })
}
