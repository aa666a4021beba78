//! Whether an answer is one that Okta takes: the validator, for the answers of services
//! that are not this host.
//!
//! An answer is read as Okta documents it and checked as a policy's decision is. What is
//! found is said with Okta's own names, and all of it, not the first alone.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::answer::{Answer, MAX_BODY};
use super::authority::Authority;
use super::call::{Call, Malformed, Members};
use super::check::violation;
use super::decision::{Command, Decision, Error, ErrorCause};
use super::hook_type::HookType;
use super::violation::{Rule, Violation};
use crate::json;

/// What several hooks have, each with another value.
const ACTION: &str = "com.okta.action.update";

/// Something about an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether Okta would not accept or would misread it; otherwise it is worth knowing.
    pub is_wrong: bool,
    /// Where, and what: with a rule of Okta's.
    pub message: String,
    /// The name or literal at fault, where there is one.
    pub said: Option<String>,
}

/// Everything that is to be said about an answer to a call.
///
/// # Errors
///
/// The call is not in the form of its hook type's calls.
pub fn lint(call: &Call, answer: &Answer) -> Result<Vec<Finding>, Malformed> {
    let mut findings = Vec::new();
    // A hook whose answer without content is not 204 takes no other status either.
    let only_200 = super::merge(call)?.answer().status == 200;
    status(only_200, answer, &mut findings);
    if let Some(decision) = read(&answer.body, &mut findings) {
        notes(call, &decision, &mut findings);
        check(call, decision, &mut findings)?;
    }
    Ok(findings)
}

fn wrong(message: impl Into<String>) -> Finding {
    Finding {
        is_wrong: true,
        message: message.into(),
        said: None,
    }
}

fn note(message: impl Into<String>) -> Finding {
    Finding {
        is_wrong: false,
        ..wrong(message)
    }
}

/// The message of a violation, with the names that members have in Okta's JSON.
fn found(violation: Violation) -> Finding {
    let said = violation.said.clone();
    // What is too much for this host may not be for Okta, which documents no such limit.
    let is_wrong = !matches!(violation.rule, Rule::TooMany { .. });
    let mut message = violation.to_string();
    for (ours, oktas) in [
        ("error-causes", "errorCauses"),
        ("error-summary", "errorSummary"),
        ("location-type", "locationType"),
        ("debug-context", "debugContext"),
    ] {
        message = message.replace(ours, oktas);
    }
    Finding {
        is_wrong,
        message,
        said,
    }
}

fn status(only_200: bool, answer: &Answer, findings: &mut Vec<Finding>) {
    let Answer { status, body } = answer;
    match status {
        200 => {}
        204 if only_200 => findings.push(note(
            "the status is 204: for this hook Okta documents that it takes only 200; send `{}`",
        )),
        204 if !body.is_empty() => {
            findings.push(wrong("the status is 204, and such an answer has no body"));
        }
        204 => {}
        200..300 if !only_200 => {}
        status => findings.push(wrong(format!(
            "the status is {status}: for Okta the hook has failed, and it reads no body"
        ))),
    }
    if body.len() > MAX_BODY {
        let found = body.len();
        findings.push(wrong(format!(
            "the body has {found} bytes, more than Okta's {MAX_BODY}"
        )));
    }
}

/// Reads an answer as a decision, as far as it is one.
fn read(body: &[u8], findings: &mut Vec<Finding>) -> Option<Decision> {
    if body.is_empty() {
        return None;
    }
    let answer = match json::check(body) {
        Ok(answer) => answer,
        Err(error) => {
            findings.push(wrong(format!("the body cannot be read: {error}")));
            return None;
        }
    };
    let Some(members) = Members::of_object(answer) else {
        findings.push(wrong("the body must be an object"));
        return None;
    };
    let mut decision = Decision::default();
    for (name, value) in members.into_vec() {
        let json = value.get();
        match &*name {
            _ if json == "null" => {}
            "commands" => decision.commands = commands(json, findings),
            "error" => decision.error = error(json, findings),
            "debugContext" => decision.debug_context = Some(json.to_owned()),
            _ => findings.push(unknown(&name, "", &["commands", "error", "debugContext"])),
        }
    }
    Some(decision)
}

/// A member that Okta does not read.
fn unknown(name: &str, at: &str, known: &[&str]) -> Finding {
    let known: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
    let place = if at.is_empty() {
        Cow::Borrowed("an answer")
    } else {
        Cow::Owned(format!("`{at}`"))
    };
    Finding {
        said: Some(name.to_owned()),
        ..wrong(format!(
            "Okta reads no such member of {place}; it reads {}",
            known.join(", ")
        ))
    }
}

fn must_be(at: &str, expected: &'static str) -> Finding {
    found(violation(Rule::WrongType { expected }, at))
}

/// The objects of a list, each with its place.
fn objects<'a>(json: &'a str, at: &str, findings: &mut Vec<Finding>) -> Vec<(String, Members<'a>)> {
    let Ok(list) = serde_json::from_str::<Vec<&RawValue>>(json) else {
        findings.push(must_be(at, "a list"));
        return Vec::new();
    };
    let mut objects = Vec::with_capacity(list.len());
    for (index, element) in list.into_iter().enumerate() {
        let at = format!("{at}[{index}]");
        match Members::of_object(element.get()) {
            Some(members) => objects.push((at, members)),
            None => findings.push(must_be(&at, "an object")),
        }
    }
    objects
}

fn commands(json: &str, findings: &mut Vec<Finding>) -> Vec<Command> {
    let mut commands = Vec::new();
    for (at, members) in objects(json, "commands", findings) {
        let (mut literal, mut value) = (None, None);
        for (name, json) in members.into_vec() {
            match &*name {
                "type" => literal = serde_json::from_str(json.get()).ok(),
                "value" => value = Some(json.get().to_owned()),
                _ => findings.push(unknown(&name, &at, &["type", "value"])),
            }
        }
        if literal.is_none() {
            findings.push(must_be(&format!("{at}.type"), "text"));
        }
        // What stands in for what is missing was said to be missing.
        commands.push(Command {
            literal: literal.unwrap_or_default(),
            value: value.unwrap_or_else(|| "null".to_owned()),
        });
    }
    commands
}

fn error(json: &str, findings: &mut Vec<Finding>) -> Option<Error> {
    let Some(members) = Members::of_object(json) else {
        findings.push(must_be("error", "an object"));
        return None;
    };
    let mut error = Error::default();
    for (name, value) in members.into_vec() {
        let json = value.get();
        match &*name {
            "errorSummary" => error.summary = text(json, "error.errorSummary", findings),
            "errorCauses" => error.causes = causes(json, findings),
            // Okta's own errors have them, and services send them along.
            "errorCode" | "errorLink" | "errorId" => {}
            _ => findings.push(unknown(&name, "error", &["errorSummary", "errorCauses"])),
        }
    }
    Some(error)
}

fn text(json: &str, at: &str, findings: &mut Vec<Finding>) -> Option<String> {
    let text: Option<Option<String>> = serde_json::from_str(json).ok();
    if text.is_none() {
        findings.push(must_be(at, "text"));
    }
    text.flatten()
}

fn causes(json: &str, findings: &mut Vec<Finding>) -> Vec<ErrorCause> {
    let mut causes = Vec::new();
    for (at, members) in objects(json, "error.errorCauses", findings) {
        let mut cause = ErrorCause::default();
        for (name, json) in members.into_vec() {
            let mut text = || text(json.get(), &format!("{at}.{name}"), findings);
            match &*name {
                "errorSummary" => cause.summary = text().unwrap_or_default(),
                "reason" => cause.reason = text(),
                "locationType" => cause.location_type = text(),
                "location" => cause.location = text(),
                "domain" => cause.domain = text(),
                _ => {
                    let known = [
                        "errorSummary",
                        "reason",
                        "locationType",
                        "location",
                        "domain",
                    ];
                    findings.push(unknown(&name, &at, &known));
                }
            }
        }
        causes.push(cause);
    }
    causes
}

/// What is legal and may not be meant.
fn notes(call: &Call, decision: &Decision, findings: &mut Vec<Finding>) {
    let commands = decision.commands.iter();
    let mut actions = commands.filter(|command| command.literal == ACTION);
    let first = actions.next();
    if actions.any(|other| first.is_some_and(|first| first.value != other.value)) {
        findings.push(note(format!(
            "there are several `{ACTION}` commands, and they do not say the same"
        )));
    }
    if call.hook_type() != HookType::Registration {
        return;
    }
    let causes = decision.error.iter().flat_map(|error| &error.causes);
    for (index, cause) in causes.enumerate() {
        if cause.location.is_none() {
            findings.push(note(format!(
                "`error.errorCauses[{index}]` has no `location`: in most forms Okta shows its own text instead"
            )));
        }
    }
}

/// Checks a decision again and again, each time without what was wrong with it.
fn check(
    call: &Call,
    mut decision: Decision,
    findings: &mut Vec<Finding>,
) -> Result<(), Malformed> {
    let mut numbers: Vec<_> = (0..decision.commands.len()).collect();
    loop {
        let violation = match super::merge(call)?.add("", decision.clone(), &Authority::default()) {
            Ok(_) => return Ok(()),
            Err(violation) => violation,
        };
        let at = violation.at.clone();
        match command(&at).filter(|index| *index < numbers.len()) {
            Some(index) => {
                let number = numbers.remove(index);
                decision.commands.remove(index);
                let at = at.replacen(&format!("[{index}]"), &format!("[{number}]"), 1);
                findings.push(found(Violation { at, ..violation }));
            }
            None => {
                let rule = violation.rule.clone();
                findings.push(found(violation));
                if at.starts_with("error") {
                    decision.error = None;
                } else if let Rule::TooMany { limit, .. } = rule {
                    decision.commands.truncate(limit);
                } else if at == "debug-context" {
                    decision.debug_context = None;
                } else {
                    return Ok(());
                }
            }
        }
    }
}

/// The index of the command that a place is in.
fn command(at: &str) -> Option<usize> {
    let (index, _) = at.strip_prefix("commands[")?.split_once(']')?;
    index.parse().ok()
}

#[cfg(test)]
mod tests;
