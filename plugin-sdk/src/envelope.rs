//! The envelope that every inline hook's call comes in.

use std::cell::OnceCell;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::failure::{Failure, position};

/// A call of an inline hook whose `data` is plain JSON.
///
/// Okta's contract for each hook says what stands in `data`; see [`data`](Self::data).
#[derive(Debug, Clone)]
pub struct Call {
    envelope: Envelope<IgnoredAny>,
    document: Document,
}

impl Call {
    /// Reads a call as Okta sends it.
    ///
    /// # Errors
    ///
    /// The text is not JSON or not in the form of Okta's calls.
    pub fn from_json(json: impl Into<String>) -> Result<Self, Failure> {
        let document = Document::new(json.into());
        let envelope = serde_json::from_str(document.text())
            .map_err(|error| Failure::invalid_call(position(&error)))?;
        Ok(Self { envelope, document })
    }

    /// What kind of call this is within the hook, where the hook has kinds.
    #[must_use]
    pub fn request_type(&self) -> Option<&str> {
        self.envelope.request_type.as_deref()
    }

    /// The member `data`: what the call is about. `null` if it is absent.
    #[must_use]
    pub fn data(&self) -> &Value {
        const ABSENT: &Value = &Value::Null;
        self.document.value().get("data").unwrap_or(ABSENT)
    }
}

envelope_accessors!(Call);

/// The members that all calls have. Okta says they are always there; a policy
/// that does not need them must not fail when they are not. `D` is what is read
/// of `data`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Envelope<D> {
    pub(crate) event_id: Option<String>,
    pub(crate) event_time: Option<String>,
    pub(crate) event_type: Option<String>,
    pub(crate) source: Option<String>,
    pub(crate) request_type: Option<String>,
    pub(crate) data: Option<D>,
}

/// The whole call: as text, and as a value once somebody asks for it.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    text: String,
    value: OnceCell<Value>,
}

impl Document {
    pub(crate) fn new(text: String) -> Self {
        let value = OnceCell::new();
        Self { text, value }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn value(&self) -> &Value {
        self.value
            .get_or_init(|| serde_json::from_str(&self.text).unwrap_or_default())
    }
}

/// The accessors of the envelope's members, for a type with the fields
/// `envelope` and `document`.
macro_rules! envelope_accessors {
    ($call:ty) => {
        impl $call {
            /// Okta's id of the call. A repeated call has the same one.
            #[must_use]
            pub fn event_id(&self) -> Option<&str> {
                self.envelope.event_id.as_deref()
            }

            /// When Okta sent the call: ISO 8601, UTC, such as
            /// `2022-04-25T17:35:27.000Z`.
            #[must_use]
            pub fn event_time(&self) -> Option<&str> {
                self.envelope.event_time.as_deref()
            }

            /// Okta's literal for the hook type.
            #[must_use]
            pub fn event_type(&self) -> Option<&str> {
                self.envelope.event_type.as_deref()
            }

            /// Where the call came from. What stands here differs from hook to
            /// hook, and from what Okta's reference says: compare it, do not
            /// take it apart.
            #[must_use]
            pub fn source(&self) -> Option<&str> {
                self.envelope.source.as_deref()
            }

            /// The call as Okta sent it.
            #[must_use]
            pub fn json(&self) -> &str {
                self.document.text()
            }

            /// A member that has no method of its own, by JSON Pointer (RFC
            /// 6901) from the top: `/data/context/request/id`. The first use
            /// parses the whole call.
            #[must_use]
            pub fn pointer(&self, pointer: &str) -> Option<&serde_json::Value> {
                self.document.value().pointer(pointer)
            }
        }
    };
}
pub(crate) use envelope_accessors;
