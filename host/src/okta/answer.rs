//! The answer: what goes back to Okta.

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;

use super::decision::{Error, ErrorCause};

/// An answer's status and body. Without a body there is no content type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// 200 or 204.
    pub status: u16,
    /// JSON, or empty.
    pub body: Bytes,
}

/// Okta takes bodies of less than this many bytes, for every inline hook.
///
/// Source: Okta, *Inline hooks*, each hook's response page.
pub(super) const MAX_BODY: usize = 256 * 1024 - 1;

impl Answer {
    /// Nothing to say, in the form for hooks whose empty answer is 204.
    pub(super) fn no_content() -> Self {
        let body = Bytes::new();
        Self { status: 204, body }
    }

    pub(super) fn json(body: &Body<'_>) -> Self {
        let body = serde_json::to_vec(body).expect("strings and valid JSON serialize");
        let body = body.into();
        Self { status: 200, body }
    }
}

/// The members that all answers have.
#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) commands: Option<Vec<CommandBody<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<ErrorBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) debug_context: Option<Object<'a>>,
}

#[derive(Serialize)]
pub(super) struct CommandBody<'a> {
    pub(super) r#type: &'static str,
    pub(super) value: Object<'a>,
}

/// An object with its members in this order.
pub(super) struct Object<'a>(pub(super) Vec<(&'a str, &'a RawValue)>);

impl Serialize for Object<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ErrorBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    error_summary: Option<&'a str>,
    error_causes: Vec<CauseBody<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CauseBody<'a> {
    error_summary: &'a str,
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    location_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<&'a str>,
    domain: &'a str,
}

/// An error with what the contract says that the host completes: Okta asks for
/// all members of a cause.
impl<'a> From<&'a Error> for ErrorBody<'a> {
    fn from(error: &'a Error) -> Self {
        let first = error.causes.first().map(|cause| cause.summary.as_str());
        Self {
            error_summary: error.summary.as_deref().or(first),
            error_causes: error.causes.iter().map(CauseBody::from).collect(),
        }
    }
}

impl<'a> From<&'a ErrorCause> for CauseBody<'a> {
    fn from(cause: &'a ErrorCause) -> Self {
        let body = cause.location.as_ref().map(|_| "body");
        Self {
            error_summary: &cause.summary,
            reason: cause.reason.as_deref().unwrap_or("POLICY_DENIED"),
            location_type: cause.location_type.as_deref().or(body),
            location: cause.location.as_deref(),
            domain: cause.domain.as_deref().unwrap_or("end-user"),
        }
    }
}
