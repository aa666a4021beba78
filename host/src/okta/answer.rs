//! The answer: what goes back to Okta.

use bytes::Bytes;
use serde::{Serialize, Serializer};
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

/// How much longer a text may be in JSON: `\u0000`.
const ESCAPED: usize = 6;

/// More than stands around one thing in an answer, in bytes.
const FRAME: usize = 512;

/// The members that all answers have.
#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct Body<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) commands: Vec<CommandBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<ErrorBody<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "object")]
    pub(super) debug_context: Vec<(&'a str, &'a RawValue)>,
}

impl Body<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.commands.is_empty() && self.error.is_none() && self.debug_context.is_empty()
    }

    /// What it is not larger than as JSON, in bytes.
    pub(super) fn at_most(&self) -> usize {
        let commands = self.commands.iter();
        let commands = commands.map(|command| command.value.at_most() + FRAME);
        let error = self.error.as_ref().map_or(0, ErrorBody::at_most);
        FRAME + commands.sum::<usize>() + error + members_at_most(&self.debug_context)
    }
}

#[derive(Serialize)]
pub(super) struct CommandBody<'a> {
    pub(super) r#type: &'static str,
    pub(super) value: Value<'a>,
}

/// The value of a command.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Value<'a> {
    /// An object with its members in this order.
    #[serde(serialize_with = "object")]
    Object(Vec<(&'a str, &'a RawValue)>),
    /// A list.
    List(Vec<&'a RawValue>),
    /// One of a few words, under its name.
    #[serde(serialize_with = "word")]
    Word(&'static str, &'static str),
}

impl Value<'_> {
    fn at_most(&self) -> usize {
        match self {
            Self::Object(members) => members_at_most(members),
            Self::List(elements) => elements.iter().map(|value| value.get().len() + 1).sum(),
            Self::Word(name, word) => name.len() + word.len(),
        }
    }
}

fn members_at_most(members: &[(&str, &RawValue)]) -> usize {
    let members = members.iter();
    let members = members.map(|(name, value)| ESCAPED * name.len() + value.get().len() + FRAME);
    members.sum()
}

fn object<S: Serializer>(members: &[(&str, &RawValue)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(members.iter().copied())
}

fn word<S: Serializer>(name: &str, word: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map([(name, word)])
}

#[derive(Serialize, Default)]
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

impl ErrorBody<'_> {
    fn at_most(&self) -> usize {
        let causes = self.error_causes.iter().map(|cause| {
            let CauseBody {
                error_summary,
                reason,
                location_type,
                location,
                domain,
            } = cause;
            let others = [*location_type, *location].into_iter().flatten();
            let texts = [*error_summary, *reason, *domain].into_iter().chain(others);
            ESCAPED * texts.map(str::len).sum::<usize>() + FRAME
        });
        ESCAPED * self.error_summary.map_or(0, str::len) + causes.sum::<usize>()
    }
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
