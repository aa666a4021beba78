//! How an answer looks to the person whom the call is about: the form that they filled in
//! with its messages, or what stands in its place, and what becomes of what they wanted.
//!
//! Everything here is what Okta documents, for the Sign-In Widget as it comes: an org can
//! have its own texts and forms. Where Okta does not say, a note says so. It is for authors
//! at a terminal: it has the submitted values in it, and so personal data, but never a
//! password or a one-time code.
//!
//! Source: Okta, *Inline hooks*, concepts, time-out behavior; each hook's reference, the
//! `error` object; the Sign-In Widget's `RegistrationController` for Classic Engine.

mod password_import;
mod registration;
mod reply;
mod saml;
mod telephony;
mod text;
mod token;
mod user_import;

use serde::Serialize;
use serde_json::Value;

use super::answer::Answer;
use super::call::Call;
use super::hook_type::HookType;
use super::lint::lint;
use reply::Reply;

/// How an answer looks. `Display` draws it for a terminal, each line with its end; as JSON
/// it has these members.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shown {
    /// Where there is something to read.
    pub place: Place,
    /// What is read there, above any form; `None` if nothing is, or if Okta does not
    /// document it.
    pub text: Option<String>,
    /// What the person filled in, in the order of the call. Only a registration has a form.
    pub fields: Vec<Field>,
    /// What becomes of what the person wanted, in a few words.
    pub outcome: String,
    /// What the answer has Okta change, in its order.
    pub changes: Vec<Change>,
    /// What is worth knowing: texts that nobody will see, and what Okta does not document.
    pub notes: Vec<String>,
}

/// Where there is something to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// The form of a person who signs up.
    SignUp,
    /// The form of a user who completes a profile.
    Profile,
    /// The form of a person who signs in.
    SignIn,
    /// The application that asked for tokens, which shows an error as it likes.
    Application,
    /// Okta's page for errors.
    ErrorPage,
    /// The person's phone.
    Phone,
    /// Okta's System Log, which administrators read.
    SystemLog,
    /// Nobody sees anything.
    Nowhere,
}

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Field {
    /// The attribute. What the form calls it is in the org's schema, which no call has.
    pub name: String,
    /// What the person submitted.
    pub value: Value,
    /// The messages at the field.
    pub errors: Vec<String>,
}

/// Something that the answer has Okta change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// What it is a part of, such as `profile` or `access token`.
    pub of: &'static str,
    /// `set` for an attribute; otherwise `add`, `replace` or `remove`.
    pub op: String,
    /// The attribute, or a JSON Pointer.
    pub name: String,
    /// What an attribute was in the call, if it was there.
    pub was: Option<Value>,
    /// The new value; `None` if it is taken away.
    pub value: Option<Value>,
}

impl Shown {
    /// Nothing but what becomes of it.
    fn new(place: Place, outcome: impl Into<String>) -> Self {
        Self {
            place,
            text: None,
            fields: Vec::new(),
            outcome: outcome.into(),
            changes: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// With a text to read.
    fn with_text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// With something worth knowing.
    fn with_note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// What goes on, and how: with these changes, if there are any.
    fn going_on(what: &str, changes: Vec<Change>) -> Self {
        let how = match changes.is_empty() {
            true => "unchanged",
            false => "with the changes below",
        };
        Self {
            changes,
            ..Self::new(Place::Nowhere, format!("{what} {how}"))
        }
    }
}

/// How an answer to a call will look.
///
/// An answer that is not this host's may be any: one that Okta cannot read, or whose status
/// says that it failed, is shown as what Okta does then.
///
/// # Panics
///
/// There is no inline hook for events.
#[must_use]
pub fn shown(call: &Call, answer: &Answer) -> Shown {
    let reply = Reply::of(answer);
    let shown = match call.hook_type() {
        HookType::Registration => registration::shown(call, &reply),
        HookType::Token => token::shown(&reply),
        HookType::Saml => saml::shown(&reply),
        HookType::UserImport => user_import::shown(call, &reply),
        HookType::PasswordImport => password_import::shown(&reply),
        HookType::Telephony => telephony::shown(&reply),
        HookType::Event => unreachable!("no hook of the host is of this type"),
    };
    let findings = lint(call, answer).unwrap_or_default();
    let is_wrong = findings.iter().any(|finding| finding.is_wrong);
    if is_wrong && matches!(reply, Reply::Read { .. }) {
        return shown.with_note(
            "Okta may do otherwise: it would not take this answer, or not all of it; `hookwarden lint` says why",
        );
    }
    shown
}

#[cfg(test)]
mod tests;
