//! Checks that all hook types share: of JSON that a policy returned, and of errors.

use serde_json::value::RawValue;

use super::authority::Attributes;
use super::call::Members;
use super::decision::Error;
use super::violation::{Rule, Violation};
use crate::json;

pub(super) fn violation(rule: Rule, at: impl Into<String>) -> Violation {
    Violation {
        rule,
        at: at.into(),
        said: None,
    }
}

/// What is wrong with a text that the guest said.
pub(super) fn violation_of(
    rule: Rule,
    at: impl Into<String>,
    said: impl Into<String>,
) -> Violation {
    Violation {
        said: Some(said.into()),
        ..violation(rule, at)
    }
}

/// Refuses an attribute that is not among those that a policy may set.
pub(super) fn granted(set: &Attributes, attribute: &str, at: &str) -> Result<(), Violation> {
    if set.contains(attribute) {
        return Ok(());
    }
    Err(violation_of(Rule::NotGranted, at, attribute))
}

/// A command that this hook does not have.
pub(super) fn unknown_command(
    known: &'static [&'static str],
    at: &str,
    literal: String,
) -> Violation {
    violation_of(
        Rule::UnknownCommand { known },
        format!("{at}.type"),
        literal,
    )
}

/// The members of an object.
pub(super) fn object<'a>(json: &'a str, at: &str) -> Result<Members<'a>, Violation> {
    json::check(json.as_bytes()).map_err(|_| violation(Rule::NotJson, at))?;
    let expected = "an object";
    Members::of_object(json).ok_or_else(|| violation(Rule::WrongType { expected }, at))
}

/// The word in an object that has this member and no other; `None` if it is another
/// object.
pub(super) fn word<'a>(
    json: &'a str,
    member: &str,
    at: &str,
) -> Result<Option<&'a str>, Violation> {
    let members = object(json, at)?.into_vec();
    let word = match members.as_slice() {
        [(name, word)] if name == member => word.get().strip_prefix('"'),
        _ => None,
    };
    Ok(word.and_then(|word| word.strip_suffix('"')))
}

/// The elements of a list.
pub(super) fn list<'a>(json: &'a str, at: &str) -> Result<Vec<&'a RawValue>, Violation> {
    json::check(json.as_bytes()).map_err(|_| violation(Rule::NotJson, at))?;
    let expected = "a list";
    serde_json::from_str(json).map_err(|_| violation(Rule::WrongType { expected }, at))
}

/// Any JSON.
pub(super) fn raw(json: String, at: &str) -> Result<Box<RawValue>, Violation> {
    json::check(json.as_bytes()).map_err(|_| violation(Rule::NotJson, at))?;
    RawValue::from_string(json).map_err(|_| violation(Rule::NotJson, at))
}

/// An `error`: no text of it is blank, and its causes point where Okta's do.
pub(super) fn error(error: &Error) -> Result<(), Violation> {
    let blank = |text: &str| text.trim().is_empty();
    if error.summary.as_deref().is_some_and(blank) {
        return Err(violation(Rule::EmptyText, "error.error-summary"));
    }
    for (index, cause) in error.causes.iter().enumerate() {
        let at = |member| format!("error.error-causes[{index}].{member}");
        if blank(&cause.summary) {
            return Err(violation(Rule::EmptyText, at("error-summary")));
        }
        if let Some(place) = &cause.location_type
            && !["body", "header", "url", "query"].contains(&place.as_str())
        {
            let known = "`body`, `header`, `url` or `query`";
            let rule = Rule::UnknownValue { known };
            return Err(violation_of(rule, at("location-type"), place));
        }
    }
    Ok(())
}
