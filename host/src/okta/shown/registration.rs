//! How an answer to a registration looks: the form, with messages above it and at fields.

use serde_json::Value;

use super::reply::{Cause, Error, Reply};
use super::{Field, Place, Shown};
use crate::okta::call::{Call, Members};
use crate::okta::inline_hook::InlineHook as _;
use crate::okta::registration::{ACTION, PROFILE, PROGRESSIVE_UPDATE, Registration, UPDATE};

/// The form that the person sees, by who draws it: each has texts of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    SelfService,
    Progressive,
    /// Of Classic Engine, whose calls have no request type.
    Classic,
}

impl Form {
    fn of(call: &Call, registration: Option<&Registration<'_>>) -> Self {
        if registration.is_some_and(Registration::is_progressive) {
            Self::Progressive
        } else if call.request_type().is_none() {
            Self::Classic
        } else {
            Self::SelfService
        }
    }

    fn place(self) -> Place {
        match self {
            Self::SelfService | Self::Classic => Place::SignUp,
            Self::Progressive => Place::Profile,
        }
    }

    /// The command that sets attributes.
    fn update(self) -> &'static str {
        match self {
            Self::SelfService | Self::Classic => UPDATE,
            Self::Progressive => PROGRESSIVE_UPDATE,
        }
    }

    fn allowed(self) -> &'static str {
        match self {
            Self::SelfService | Self::Classic => "the account is created",
            Self::Progressive => "the profile is updated",
        }
    }

    fn denied(self) -> &'static str {
        match self {
            Self::SelfService | Self::Classic => "no account is created",
            Self::Progressive => "the profile stays as it was",
        }
    }

    /// When the hook has failed.
    fn failure_text(self) -> &'static str {
        match self {
            Self::SelfService | Self::Classic => {
                "There was an error creating your account. Please try registering again."
            }
            Self::Progressive => {
                "There was an error updating your profile. Please try again later."
            }
        }
    }

    /// When there is a denial and no `error`.
    fn denial_text(self) -> &'static str {
        match self {
            Self::SelfService => "Registration denied.",
            Self::Progressive => "Profile update denied.",
            Self::Classic => self.error_text(),
        }
    }

    /// When there is an `error` and none of its texts can be shown.
    fn error_text(self) -> &'static str {
        match self {
            Self::SelfService => "Registration cannot be completed at this time.",
            Self::Progressive => {
                "We found some errors. Please review the form and make corrections."
            }
            Self::Classic => "Registration cannot be completed at this time",
        }
    }
}

pub(super) fn shown(call: &Call, reply: &Reply<'_>) -> Shown {
    let registration = Registration::of(call).ok();
    let form = Form::of(call, registration.as_ref());
    let submitted = registration.as_ref().map(Registration::submitted);
    let submitted = submitted.unwrap_or_default();
    let mut shown = Shown::new(form.place(), form.denied());
    shown.fields = fields(&submitted);
    let body = match reply {
        Reply::Failed => {
            shown.outcome = format!("the hook has failed: {}", form.denied());
            return shown.with_text(form.failure_text());
        }
        Reply::Read { body, .. } => body,
    };
    if let Some(error) = &body.error {
        match form {
            Form::Classic => in_classic(error, &mut shown),
            _ => at_fields(form, error, &mut shown),
        }
        return shown;
    }
    let words = body.words(ACTION, "registration");
    if words.iter().any(|word| word == "DENY") {
        return shown.with_text(form.denial_text());
    }
    shown.outcome = form.allowed().to_owned();
    shown.changes = body.updates(form.update(), "profile", &submitted);
    shown
}

fn fields(submitted: &Members<'_>) -> Vec<Field> {
    let members = submitted.clone().into_vec().into_iter();
    let fields = members.map(|(name, value)| Field {
        name: name.into_owned(),
        value: serde_json::from_str(value.get()).unwrap_or(Value::Null),
        errors: Vec::new(),
    });
    fields.collect()
}

/// Identity Engine shows each cause at the field that it names, and if it shows none, a text
/// of its own.
fn at_fields(form: Form, error: &Error, shown: &mut Shown) {
    for (index, cause) in error.causes().iter().enumerate() {
        let named = cause.location.as_deref().and_then(|location| {
            let name = location.strip_prefix(PROFILE)?;
            shown.fields.iter_mut().find(|field| field.name == name)
        });
        match (named, &cause.error_summary) {
            (Some(field), Some(text)) => field.errors.push(text.clone()),
            _ => {
                let why = unseen(cause, shown);
                shown
                    .notes
                    .push(format!("`errorCauses[{index}]` is not shown: {why}"));
            }
        }
    }
    let mut texts = shown.fields.iter().flat_map(|field| &field.errors);
    let summary = error.error_summary.as_ref();
    let is_seen = summary.is_none_or(|summary| texts.any(|text| text == summary));
    if shown.fields.iter().all(|field| field.errors.is_empty()) {
        shown.text = Some(form.error_text().to_owned());
    }
    if !is_seen {
        let note = "`errorSummary` is not shown reliably: on whether it stands above the form, Okta's documents contradict each other";
        shown.notes.push(note.to_owned());
    }
}

/// Why a cause is shown at no field.
fn unseen(cause: &Cause, shown: &Shown) -> String {
    match &cause.location {
        _ if cause.error_summary.is_none() => "it has no `errorSummary`".to_owned(),
        None => "it has no `location`".to_owned(),
        Some(_) => {
            let names = shown
                .fields
                .iter()
                .map(|field| format!("`{PROFILE}{}`", field.name));
            let names: Vec<_> = names.collect();
            match names.is_empty() {
                true => "its `location` names no attribute that was submitted".to_owned(),
                false => format!(
                    "its `location` names no attribute that was submitted: those are {}",
                    names.join(", ")
                ),
            }
        }
    }
}

/// The form of Classic Engine reads the first cause alone, and shows it above the form if it
/// is about the profile.
fn in_classic(error: &Error, shown: &mut Shown) {
    // Without the dot: as the widget compares it.
    let profile = PROFILE.trim_end_matches('.');
    let first = error.causes().first();
    let text = first.filter(|cause| {
        let location = cause.location.as_deref();
        location.is_some_and(|location| location.starts_with(profile))
    });
    let text = text.and_then(|cause| cause.error_summary.clone());
    if text.is_none() && !error.causes().is_empty() {
        let note = format!(
            "`errorCauses[0]` is not shown: its `location` does not begin with `{profile}`, or it has no `errorSummary`"
        );
        shown.notes.push(note);
    }
    if error.causes().len() > 1 {
        let note = "the form of Classic Engine reads the first of `errorCauses` alone";
        shown.notes.push(note.to_owned());
    }
    let text = text.unwrap_or_else(|| Form::Classic.error_text().to_owned());
    if error
        .error_summary
        .as_ref()
        .is_some_and(|summary| *summary != text)
    {
        shown.notes.push("`errorSummary` is not shown".to_owned());
    }
    shown.text = Some(text);
}

#[cfg(test)]
mod tests;
