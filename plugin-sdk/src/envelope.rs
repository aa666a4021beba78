//! The envelope that every inline hook's call comes in.

use std::cell::OnceCell;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use crate::failure::{Failure, position};
use crate::text::{Borrowed, Text};

/// The members that all calls have, as they are read. Okta says they are always
/// there; a policy that does not need them must not fail when they are not. `D` is
/// what is read of `data`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Members<'a, D> {
    #[serde(borrow)]
    event_id: Option<Borrowed<'a>>,
    #[serde(borrow)]
    event_time: Option<Borrowed<'a>>,
    #[serde(borrow)]
    event_type: Option<Borrowed<'a>>,
    #[serde(borrow)]
    source: Option<Borrowed<'a>>,
    #[serde(borrow)]
    request_type: Option<Borrowed<'a>>,
    data: Option<D>,
}

/// The members that all calls have, but for `data`.
#[derive(Debug, Clone)]
pub(crate) struct Envelope {
    pub(crate) event_id: Option<Text>,
    pub(crate) event_time: Option<Text>,
    pub(crate) event_type: Option<Text>,
    pub(crate) source: Option<Text>,
    pub(crate) request_type: Option<Text>,
}

impl Envelope {
    /// Reads a call, and what `D` wants of its `data`.
    ///
    /// # Errors
    ///
    /// The document is not JSON, or not in that form.
    pub(crate) fn read<'a, D: Deserialize<'a>>(
        document: &'a Document,
    ) -> Result<(Self, Option<D>), Failure> {
        let members: Members<'_, D> = serde_json::from_str(document.text())
            .map_err(|error| Failure::invalid_call(position(&error)))?;
        let text = |text: Option<Borrowed<'_>>| Some(Text::of(text?, document.text()));
        let envelope = Self {
            event_id: text(members.event_id),
            event_time: text(members.event_time),
            event_type: text(members.event_type),
            source: text(members.source),
            request_type: text(members.request_type),
        };
        Ok((envelope, members.data))
    }
}

/// The whole call: as text, and as a value once somebody asks for it.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    text: Arc<str>,
    value: OnceCell<Value>,
}

impl Document {
    pub(crate) fn new(text: String) -> Self {
        let (text, value) = (text.into(), OnceCell::new());
        Self { text, value }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn shared(&self) -> &Arc<str> {
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
                Some(self.envelope.event_id.as_ref()?.get(self.document.text()))
            }

            /// When Okta sent the call: ISO 8601, UTC, such as
            /// `2022-04-25T17:35:27.000Z`.
            #[must_use]
            pub fn event_time(&self) -> Option<&str> {
                Some(self.envelope.event_time.as_ref()?.get(self.document.text()))
            }

            /// Okta's literal for the hook type.
            #[must_use]
            pub fn event_type(&self) -> Option<&str> {
                Some(self.envelope.event_type.as_ref()?.get(self.document.text()))
            }

            /// Where the call came from. What stands here differs from hook to
            /// hook, and from what Okta's reference says: compare it, do not
            /// take it apart.
            #[must_use]
            pub fn source(&self) -> Option<&str> {
                Some(self.envelope.source.as_ref()?.get(self.document.text()))
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

/// `Debug` for a call that carries what nobody may print: it shows the id and nothing
/// else of the body.
macro_rules! opaque_debug {
    ($call:ty) => {
        impl std::fmt::Debug for $call {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let mut call = f.debug_struct("Call");
                call.field("event_id", &self.event_id())
                    .finish_non_exhaustive()
            }
        }
    };
}
pub(crate) use opaque_debug;
