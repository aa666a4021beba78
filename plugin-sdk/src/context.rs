//! What the calls of several hooks say about their circumstances.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::attributes::Attributes;
use crate::envelope::Document;
use crate::failure::Failure;
use crate::part::{Parsed, Section};

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

/// The user that a call is about.
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
    /// The attributes, as they are before this call. Okta sends a selection:
    /// `login`, the names, `locale` and `timeZone`.
    #[must_use]
    pub fn profile(&self) -> Option<&Attributes> {
        self.profile.as_ref()
    }
}

/// The user's session at Okta.
///
/// Okta documents no list of the values of [`status`](Self::status) and of
/// [`amr`](Self::amr); compare with what your org sends.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Session {
    /// Okta's id of the session.
    pub id: Option<String>,
    /// Okta's id of the user.
    pub user_id: Option<String>,
    /// The name that the user signed in with.
    pub login: Option<String>,
    /// When it began: ISO 8601, UTC.
    pub created_at: Option<String>,
    /// When it ends: ISO 8601, UTC.
    pub expires_at: Option<String>,
    /// Such as `ACTIVE`.
    pub status: Option<String>,
    /// When the user last gave the password: ISO 8601, UTC.
    pub last_password_verification: Option<String>,
    /// Who vouched for the user.
    pub idp: Option<IdentityProvider>,
    /// Whether the user has a second factor.
    pub mfa_active: Option<bool>,
    amr: Option<Vec<String>>,
}

impl Session {
    /// How the user proved who they are, such as `PASSWORD`.
    #[must_use]
    pub fn amr(&self) -> &[String] {
        self.amr.as_deref().unwrap_or_default()
    }
}

/// The identity provider of a session.
#[derive(Debug, Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct IdentityProvider {
    /// Okta's id of it.
    pub id: Option<String>,
    /// `OKTA`, `ACTIVE_DIRECTORY`, `LDAP`, `FEDERATION` or `SOCIAL`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
}

/// `data.context`, and the members that several hooks have there.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    section: Section,
    pub(crate) request: Parsed<Option<Request>>,
    pub(crate) session: Parsed<Option<Session>>,
    pub(crate) user: Parsed<Option<User>>,
}

impl Context {
    /// What was read from this document.
    pub(crate) fn of(json: Option<&RawValue>, document: &Document) -> Self {
        Self {
            section: Section::of("data.context", json, document),
            request: Parsed::default(),
            session: Parsed::default(),
            user: Parsed::default(),
        }
    }

    /// The JSON of a member.
    pub(crate) fn json(&self, document: &Document, name: &str) -> Result<Option<&str>, Failure> {
        self.section.json(document, name)
    }
}

/// The accessors of the context's members, for a type with the fields `context`
/// and `document`.
macro_rules! context_accessors {
    ($call:ty) => {
        impl $call {
            /// The request that brought the person here, with their address.
            ///
            /// # Errors
            ///
            /// It does not have the form that Okta documents.
            pub fn request(&self) -> Result<Option<&crate::context::Request>, crate::Failure> {
                let json = self.context.json(&self.document, "request")?;
                Ok(self
                    .context
                    .request
                    .get(json, "data.context.request")?
                    .as_ref())
            }

            /// The user's session at Okta. There is none where no person signed in
            /// just now.
            ///
            /// # Errors
            ///
            /// It does not have the form that Okta documents.
            pub fn session(&self) -> Result<Option<&crate::context::Session>, crate::Failure> {
                let json = self.context.json(&self.document, "session")?;
                Ok(self
                    .context
                    .session
                    .get(json, "data.context.session")?
                    .as_ref())
            }

            /// The user. There is none where a program acts for itself.
            ///
            /// # Errors
            ///
            /// It does not have the form that Okta documents.
            pub fn user(&self) -> Result<Option<&crate::context::User>, crate::Failure> {
                let json = self.context.json(&self.document, "user")?;
                Ok(self.context.user.get(json, "data.context.user")?.as_ref())
            }
        }
    };
}
pub(crate) use context_accessors;
