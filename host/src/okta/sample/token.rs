//! Samples of the token hook: one for each `grant_type`. What Okta documents to depend on
//! it is what differs: which tokens there are, and whether a user and a session.

use serde_json::{Value, json};

use super::person::{LOGIN, request, session, user};
use super::{Parts, SampleType};

/// The authorization server.
const ISSUER: &str = "https://example.okta.com/oauth2/default";

pub(super) const TYPES: &[SampleType] = &[
    SampleType {
        name: "authorization-code",
        about: "a client exchanges a code for both tokens, and a refresh token",
        parts: authorization_code,
    },
    SampleType {
        name: "refresh-token",
        about: "a client refreshes the tokens of an earlier grant",
        parts: refresh_token,
    },
    SampleType {
        name: "client-credentials",
        about: "a service gets an access token: there is no user",
        parts: client_credentials,
    },
    SampleType {
        name: "implicit",
        about: "a browser gets an ID token alone",
        parts: implicit,
    },
    SampleType {
        name: "interaction-code",
        about: "an application that signs people in by itself exchanges its code",
        parts: || in_session("interaction_code"),
    },
    SampleType {
        name: "password",
        about: "an application sends the password of a user",
        parts: || without_session("password"),
    },
    SampleType {
        name: "device-code",
        about: "a device gets tokens that a person granted elsewhere",
        parts: || without_session("urn:ietf:params:oauth:grant-type:device_code"),
    },
    SampleType {
        name: "token-exchange",
        about: "a service exchanges the token of a user",
        parts: || without_session("urn:ietf:params:oauth:grant-type:token-exchange"),
    },
    SampleType {
        name: "jwt-bearer",
        about: "a client sends a signed token of another issuer",
        parts: || without_session("urn:ietf:params:oauth:grant-type:jwt-bearer"),
    },
    SampleType {
        name: "saml2-bearer",
        about: "a client sends a SAML assertion",
        parts: || without_session("urn:ietf:params:oauth:grant-type:saml2-bearer"),
    },
    SampleType {
        name: "ciba",
        about: "a person confirms a sign-in on another device",
        parts: || without_session("urn:openid:params:grant-type:ciba"),
    },
    SampleType {
        name: "otp",
        about: "an application sends a one-time code",
        parts: || without_session("urn:okta:params:oauth:grant-type:otp"),
    },
    SampleType {
        name: "oob",
        about: "an application sends what confirms a push or a message",
        parts: || without_session("urn:okta:params:oauth:grant-type:oob"),
    },
    SampleType {
        name: "mfa-otp",
        about: "an application sends a one-time code after a password",
        parts: || without_session("http://auth0.com/oauth/grant-type/mfa-otp"),
    },
    SampleType {
        name: "mfa-oob",
        about: "an application sends what confirms a push or a message after a password",
        parts: || without_session("http://auth0.com/oauth/grant-type/mfa-oob"),
    },
];

fn authorization_code() -> Parts {
    let mut data = data("authorization_code");
    data["context"]["session"] = session();
    data["refresh_token"] = json!({ "jti": "oardev" });
    data.into()
}

fn refresh_token() -> Parts {
    let mut data = data("refresh_token");
    let protocol = &mut data["context"]["protocol"];
    protocol["OriginalGrant"] = json!({
        "authorization": authorization("authorization_code", "openid profile"),
        "refresh_token": { "jti": "oardev" },
    });
    data["refresh_token"] = json!({ "jti": "oardev" });
    data.into()
}

fn client_credentials() -> Parts {
    let mut data = data("client_credentials");
    let request = json!({
        "scope": "reports.read",
        "grant_type": "client_credentials",
        "client_id": "0oadev",
    });
    data["context"]["protocol"]["request"] = request;
    data["access"]["claims"]["sub"] = "0oadev".into();
    data["access"]["scopes"] = json!({ "reports.read": { "id": "scpdev3", "action": "GRANT" } });
    take(&mut data["access"]["claims"], "uid");
    take(&mut data["context"], "user");
    take(&mut data, "identity");
    data.into()
}

fn implicit() -> Parts {
    let mut data = data("implicit");
    let context = &mut data["context"];
    context["request"] = request("GET", &format!("{ISSUER}/v1/authorize"));
    context["session"] = session();
    context["protocol"]["request"]["response_type"] = "id_token".into();
    context["protocol"]["request"]["response_mode"] = "fragment".into();
    take(&mut data, "access");
    data.into()
}

fn in_session(grant_type: &str) -> Parts {
    let mut data = data(grant_type);
    data["context"]["session"] = session();
    data.into()
}

fn without_session(grant_type: &str) -> Parts {
    data(grant_type).into()
}

fn take(object: &mut Value, name: &str) {
    let object = object.as_object_mut().expect("an object of the sample");
    object.remove(name).expect("a member of the sample");
}

/// A user and both tokens, and no session.
fn data(grant_type: &str) -> Value {
    let lifetime = json!({ "lifetime": { "expiration": 3600 } });
    json!({
        "context": {
            "request": request("POST", &format!("{ISSUER}/v1/token")),
            "protocol": {
                "type": "OAUTH2.0",
                "request": authorization(grant_type, "openid profile"),
                "issuer": { "uri": ISSUER },
                "client": { "id": "0oadev", "name": "My app", "type": "PUBLIC" },
            },
            "user": user(),
            "policy": { "id": "00pdev", "rule": { "id": "0prdev" } },
        },
        "identity": {
            "claims": {
                "sub": "00udev",
                "name": "Rosario Jones",
                "email": LOGIN,
                "preferred_username": LOGIN,
                "ver": 1,
                "iss": ISSUER,
                "aud": "0oadev",
                "jti": "ID.dev",
                "amr": ["pwd"],
                "idp": "00odev",
                "nonce": "dev",
                "auth_time": 1_767_222_000,
            },
            "token": lifetime,
        },
        "access": {
            "claims": {
                "sub": LOGIN,
                "aud": "api://default",
                "ver": 1,
                "iss": ISSUER,
                "jti": "AT.dev",
                "cid": "0oadev",
                "uid": "00udev",
            },
            "token": lifetime,
            "scopes": {
                "openid": { "id": "scpdev1", "action": "GRANT" },
                "profile": { "id": "scpdev2", "action": "GRANT" },
            },
        },
    })
}

/// What the client asked for.
fn authorization(grant_type: &str, scope: &str) -> Value {
    json!({
        "scope": scope,
        "state": "dev",
        "redirect_uri": "https://app.example.org/callback",
        "response_mode": "query",
        "response_type": "code",
        "grant_type": grant_type,
        "client_id": "0oadev",
    })
}
