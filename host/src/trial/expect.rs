//! What a case expects, and what is different from it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::case::Json;
use super::compare::{Difference, Extent, compare};
use super::refusal::Refusal;
use super::world::Wrong;
use super::{Tried, Verdict};
use crate::policy::Cause;

/// What a case may expect of a policy's decision.
const DECISIONS: [&str; 4] = ["no-opinion", "acted", "denied", "failed"];

/// What is expected, as it is written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileExpectation {
    decision: Option<String>,
    status: Option<u16>,
    answer: Option<Json>,
    contains: Option<Json>,
    failure: Option<String>,
    reason: Option<String>,
    refused: Option<String>,
    key_value: Option<BTreeMap<String, String>>,
    fuel: Option<u64>,
}

/// What is expected of a policy's answer to a call. What is `None` may be anything.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Expectation {
    /// What it says: `no-opinion`, `acted`, `denied` or `failed`.
    pub decision: Option<String>,
    /// The status of Okta's answer.
    pub status: Option<u16>,
    /// The body of Okta's answer: JSON, or nothing.
    pub answer: Option<Option<Value>>,
    /// What the body has, and maybe more.
    pub contains: Option<Value>,
    /// The cause of its failure.
    pub failure: Option<String>,
    /// Its reason.
    pub reason: Option<String>,
    /// It is not loaded, and this is part of why.
    pub refused: Option<String>,
    /// All that is in its bucket afterwards.
    pub key_value: Option<BTreeMap<String, String>>,
    /// The most fuel that it burns.
    pub fuel: Option<u64>,
}

impl Expectation {
    pub(super) fn new(file: FileExpectation) -> Result<Self, Wrong> {
        let one_of = |member: &str, word: Option<&String>, known: &[&str]| match word {
            Some(word) if !known.contains(&word.as_str()) => Err(Wrong {
                member: format!("expect.{member}"),
                reason: format!("must be one of `{}`, not `{word}`", known.join("`, `")),
            }),
            _ => Ok(()),
        };
        one_of("decision", file.decision.as_ref(), &DECISIONS)?;
        let causes: Vec<_> = Cause::ALL.iter().map(|cause| cause.word()).collect();
        one_of("failure", file.failure.as_ref(), &causes)?;
        let json = |member: &str, Json(value): Json| match value {
            Value::String(text) if text.trim().is_empty() => Ok(None),
            Value::String(text) => serde_json::from_str(&text)
                .map(Some)
                .map_err(|error| Wrong {
                    member: format!("expect.{member}"),
                    reason: format!("is not JSON: {error}"),
                }),
            value => Ok(Some(value)),
        };
        let answer = file.answer.map(|answer| json("answer", answer));
        let contains = file.contains.map(|part| json("contains", part));
        Ok(Self {
            decision: file.decision,
            status: file.status,
            answer: answer.transpose()?,
            contains: contains.transpose()?.flatten(),
            failure: file.failure,
            reason: file.reason,
            refused: file.refused,
            key_value: file.key_value,
            fuel: file.fuel,
        })
    }

    /// Whether nothing is expected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What is different. An expectation of nothing is itself one.
    #[must_use]
    pub fn differences(&self, came: Result<&Tried, &Refusal>) -> Vec<Difference> {
        match (came, &self.refused) {
            (Ok(_), None) if self.is_empty() => {
                let (expected, got) = ("something; `--update` writes what it decides", "nothing");
                vec![Difference::new("expect", expected, got)]
            }
            (Ok(tried), None) => self.of_tried(tried),
            (Ok(_), Some(refused)) => {
                let expected = format!("not loaded, because of `{refused}`");
                vec![Difference::new("policy", expected, "loaded")]
            }
            (Err(refusal), Some(refused)) if refusal.to_string().contains(refused) => Vec::new(),
            (Err(refusal), Some(refused)) => {
                let expected = format!("a message with `{refused}`");
                vec![Difference::new("refused", expected, refusal)]
            }
            (Err(refusal), None) => {
                let got = format!("not loaded: {refusal}");
                vec![Difference::new("policy", "loaded", got)]
            }
        }
    }

    fn of_tried(&self, tried: &Tried) -> Vec<Difference> {
        let mut found = Vec::new();
        let differs = |expected: &Option<String>, got: &str| {
            expected
                .as_ref()
                .filter(|expected| *expected != got)
                .cloned()
        };
        if let Some(expected) = differs(&self.decision, tried.said.word()) {
            found.push(Difference::new("decision", expected, &tried.said));
        }
        let cause = match &tried.said {
            Verdict::Failed { cause, .. } => cause.word(),
            _ => "none",
        };
        if let Some(expected) = differs(&self.failure, cause) {
            found.push(Difference::new("failure", expected, cause));
        }
        if let Some(expected) = differs(&self.reason, tried.reason.as_deref().unwrap_or("none")) {
            let got = tried.reason.as_deref().unwrap_or("none");
            found.push(Difference::new("reason", expected, got));
        }
        let status = tried.answer.status;
        if let Some(expected) = self.status.filter(|expected| *expected != status) {
            found.push(Difference::new("status", expected, status));
        }
        let body = serde_json::from_slice::<Value>(&tried.answer.body).ok();
        let shown = |body: &Option<Value>| match body {
            Some(body) => body.to_string(),
            None => "nothing".to_owned(),
        };
        match (&self.answer, &body) {
            (None, _) | (Some(None), None) => {}
            (Some(Some(expected)), Some(body)) => {
                compare(expected, body, Extent::Exact, "answer", &mut found);
            }
            (Some(expected), body) => {
                found.push(Difference::new("answer", shown(expected), shown(body)));
            }
        }
        match (&self.contains, &body) {
            (None, _) => {}
            (Some(part), Some(body)) => compare(part, body, Extent::Subset, "answer", &mut found),
            (Some(part), None) => found.push(Difference::new("answer", part, "nothing")),
        }
        if let Some(expected) = &self.key_value {
            let (expected, got) = (json(expected), json(&tried.bucket));
            compare(&expected, &got, Extent::Exact, "key_value", &mut found);
        }
        if let (Some(most), Some(fuel)) = (self.fuel, tried.fuel)
            && fuel > most
        {
            let difference = Difference::new("fuel", format!("at most {most}"), fuel);
            found.push(difference);
        }
        found
    }
}

fn json<T: serde::Serialize>(value: &T) -> Value {
    serde_json::to_value(value).expect("texts serialize")
}
