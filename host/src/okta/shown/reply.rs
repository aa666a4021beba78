//! A reply: an answer as Okta reads it.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::Change;
use crate::okta::answer::Answer;
use crate::okta::call::Members;

/// What Okta reads in an answer.
pub(super) enum Reply<'a> {
    /// Nothing: for Okta the hook has failed.
    Failed,
    /// An answer that can be read.
    Read {
        /// 200 to 299.
        status: u16,
        /// Nothing in it if there is none.
        body: Body<'a>,
    },
}

/// The members that Okta acts upon. `null` counts as absent.
#[derive(Deserialize, Default)]
pub(super) struct Body<'a> {
    #[serde(borrow)]
    commands: Option<Vec<Command<'a>>>,
    pub(super) error: Option<Error>,
}

#[derive(Deserialize)]
struct Command<'a> {
    r#type: String,
    #[serde(borrow)]
    value: Option<&'a RawValue>,
}

/// An `error`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Error {
    pub(super) error_summary: Option<String>,
    error_causes: Option<Vec<Cause>>,
}

/// One of an error's causes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Cause {
    pub(super) error_summary: Option<String>,
    pub(super) location: Option<String>,
}

/// One operation of a patch.
#[derive(Deserialize)]
struct Operation {
    op: String,
    path: String,
    value: Option<Value>,
}

impl<'a> Reply<'a> {
    /// Reads an answer.
    pub(super) fn of(answer: &'a Answer) -> Self {
        let Answer { status, body } = answer;
        let body = match &**body {
            [] => Some(Body::default()),
            body => serde_json::from_slice(body).ok(),
        };
        match (status, body) {
            (200..300, Some(body)) => Self::Read {
                status: *status,
                body,
            },
            _ => Self::Failed,
        }
    }
}

impl<'a> Body<'a> {
    /// The values of the commands with this literal, as JSON.
    pub(super) fn values(&self, literal: &str) -> impl Iterator<Item = &'a str> {
        let commands = self.commands.iter().flatten();
        let commands = commands.filter(move |command| command.r#type == literal);
        commands.filter_map(|command| command.value.map(RawValue::get))
    }

    /// The words that the commands with this literal have under a name, in their order.
    pub(super) fn words(&self, literal: &str, name: &str) -> Vec<String> {
        let values = self.values(literal);
        let words = values.filter_map(|value| {
            let word = Members::of_object(value)?.get(name)?;
            serde_json::from_str(word).ok()
        });
        words.collect()
    }

    /// The attributes that the commands with this literal set, where they differ from those
    /// of the call. What is set twice is set to the later value.
    pub(super) fn updates(
        &self,
        literal: &str,
        of: &'static str,
        call: &Members<'_>,
    ) -> Vec<Change> {
        let mut changes: Vec<Change> = Vec::new();
        let objects = self.values(literal).filter_map(Members::of_object);
        for (name, value) in objects.flat_map(Members::into_vec) {
            let json = |json| serde_json::from_str(json).ok();
            let change = Change {
                of,
                op: "set".to_owned(),
                was: call.get(&name).and_then(json),
                value: json(value.get()),
                name: name.into_owned(),
            };
            changes.retain(|earlier| earlier.name != change.name);
            if change.was != change.value {
                changes.push(change);
            }
        }
        changes
    }

    /// The operations of the patches with this literal.
    pub(super) fn operations(&self, literal: &str, of: &'static str) -> Vec<Change> {
        let values = self.values(literal);
        let patches = values.filter_map(|value| serde_json::from_str::<Vec<Operation>>(value).ok());
        let changes = patches
            .flatten()
            .map(|Operation { op, path, value }| Change {
                of,
                op,
                name: path,
                was: None,
                value,
            });
        changes.collect()
    }
}

impl Error {
    /// Its causes, in their order.
    pub(super) fn causes(&self) -> &[Cause] {
        self.error_causes.as_deref().unwrap_or_default()
    }

    /// The text of the error of a token or of an assertion.
    pub(super) fn text(&self) -> String {
        let text = self.error_summary.clone();
        text.unwrap_or_else(|| "The callback service returned an error".to_owned())
    }
}
