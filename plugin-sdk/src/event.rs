//! Event hooks: Okta reports what happened, and nobody waits for the answer.

use serde::Deserialize;
use serde_json::Value;

use crate::bindings::event::exports::hookwarden::policy::event::Outcome as WireOutcome;
use crate::envelope::Document;
use crate::failure::{Failure, position};

/// One event, in the form of Okta's System Log.
#[derive(Debug, Clone)]
pub struct Event {
    members: Members,
    document: Document,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Members {
    uuid: Option<String>,
    published: Option<String>,
    event_type: Option<String>,
}

impl Event {
    /// Reads one element of the `data.events` that Okta delivers.
    ///
    /// # Errors
    ///
    /// The text is not JSON or not in the form of Okta's events.
    pub fn from_json(json: impl Into<String>) -> Result<Self, Failure> {
        let document = Document::new(json.into());
        let members = serde_json::from_str(document.text())
            .map_err(|error| Failure::invalid_call(position(&error)))?;
        Ok(Self { members, document })
    }

    /// The event's id: the key to recognise one that is offered again.
    #[must_use]
    pub fn uuid(&self) -> Option<&str> {
        self.members.uuid.as_deref()
    }

    /// When it happened: ISO 8601, UTC.
    #[must_use]
    pub fn published(&self) -> Option<&str> {
        self.members.published.as_deref()
    }

    /// What happened, such as `user.lifecycle.create`.
    #[must_use]
    pub fn event_type(&self) -> Option<&str> {
        self.members.event_type.as_deref()
    }

    /// The event as Okta sent it.
    #[must_use]
    pub fn json(&self) -> &str {
        self.document.text()
    }

    /// Any other member, by JSON Pointer (RFC 6901), such as `/target/0/id`.
    #[must_use]
    pub fn pointer(&self, pointer: &str) -> Option<&Value> {
        self.document.value().pointer(pointer)
    }
}

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The policy did its work.
    Done,
    /// The event is not this policy's business.
    Ignored,
    /// Offer it again, after this many seconds at the earliest; `None` leaves
    /// the pause to the host.
    Retry(Option<u32>),
    /// Nothing will help: set it aside for a person. The text is for the
    /// operator.
    Failed(String),
}

/// This hook, for [`export!`](crate::export!).
#[doc(hidden)]
#[derive(Debug)]
pub enum Hook {}

impl crate::export::Hook for Hook {
    type Call = Event;
    type Decision = Outcome;
    type Form = ();
    type Wire = WireOutcome;

    fn call(json: String) -> Result<Event, Failure> {
        Event::from_json(json)
    }

    fn form(_event: &Event) {}

    fn wire(outcome: Outcome, (): ()) -> Result<WireOutcome, Failure> {
        Ok(match outcome {
            Outcome::Done => WireOutcome::Done,
            Outcome::Ignored => WireOutcome::Ignored,
            Outcome::Retry(seconds) => WireOutcome::Retry(seconds),
            Outcome::Failed(reason) => WireOutcome::Failed(reason),
        })
    }
}
