//! What the calls of several hooks say about their circumstances.

use serde::Deserialize;

use crate::attributes::Attributes;

/// The request that the person's browser made to Okta.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// Okta's id of the request.
    pub id: Option<String>,
    /// The HTTP method.
    pub method: Option<String>,
    /// The person's address: IPv4 or IPv6 in text form.
    pub ip_address: Option<String>,
    url: Option<Url>,
}

#[derive(Debug, Clone, Deserialize)]
struct Url {
    value: Option<String>,
}

impl Request {
    /// The path or address of Okta's that was requested, such as
    /// `/idp/idx/enroll/new`.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.url.as_ref()?.value.as_deref()
    }
}

/// The current user of a progressive call.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Okta's id of the user.
    pub id: Option<String>,
    /// When the password last changed: ISO 8601, UTC.
    pub password_changed: Option<String>,
    profile: Option<Attributes>,
}

impl User {
    /// The attributes as they are before this call. Okta sends a selection:
    /// `login`, the names, `locale` and `timeZone`.
    #[must_use]
    pub fn profile(&self) -> Option<&Attributes> {
        self.profile.as_ref()
    }
}
