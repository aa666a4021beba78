//! The SAML hook, `com.okta.saml.tokens.transform`.
//!
//! Okta is about to issue an assertion for a custom application.
//!
//! **Commands.** `com.okta.assertion.patch`: `add` and `replace` of what is below
//! `/subject`, `/authentication`, `/conditions` and `/claims`. A new attribute is an
//! object of `attributes` and `attributeValues`; `/authentication/sessionLifetime` is a
//! number of seconds. An `error` denies, and the person reads its summary.
//!
//! **Attributes.** Seen: the members of `data.assertion.claims` and
//! `data.context.user.profile`, `data.context.session.login` as `login` and
//! `data.assertion.subject.nameId` as `nameId`. Set: a claim, or a part of it, under its
//! name; what is below the other parts, as `subject`, `authentication` and `conditions`, so
//! that a claim with one of these names is set with the same grant.
//!
//! **Merge.** Patches follow each other and must not collide, as `patch` says. One denial
//! drops them.
//!
//! **Failure.** Okta issues the assertion unchanged when its hook fails, so a policy that
//! fails is as if it were not there unless its operator says otherwise.
//!
//! **Answers.** No opinion: 204. Patches: 200 and one command. Denied: 200 and `error`.
//!
//! Source: Okta, *SAML assertion inline hook* reference and guide.

use serde_json::value::RawValue;
use serde_json::{Value as Json, json};

use super::answer::CommandBody;
use super::authority::Attributes;
use super::call::{Call, Malformed};
use super::check::{self, violation, violation_of};
use super::conflict::Conflicts;
use super::cut::{PERSON, Place, Places};
use super::decision::Command;
use super::inline_hook::{ErrorMeans, InlineHook, Instruction, Silence};
use super::patch::{Op, Operation, Patch};
use super::violation::{Rule, Violation};

pub(super) const PATCH: &str = "com.okta.assertion.patch";
const COMMANDS: &[&str] = &[PATCH];

/// What of an assertion can be changed.
const PARTS: &[&str] = &["subject", "authentication", "conditions", "claims"];

/// An assertion that is about to be issued.
pub(super) struct Assertion<'a> {
    /// Its JSON: an object.
    assertion: Option<&'a str>,
}

impl<'a> InlineHook<'a> for Assertion<'a> {
    const SILENCE: Silence = Silence::NoContent;
    const ERROR: ErrorMeans = ErrorMeans::Denial;
    const ATTRIBUTES: Places = &[
        ("context", PERSON),
        (
            "assertion",
            Place::Within(&[
                (
                    "subject",
                    Place::Within(&[("nameId", Place::Attribute("nameId"))]),
                ),
                ("claims", Place::Attributes),
            ]),
        ),
    ];
    type Wishes = Patch;

    fn of(call: &'a Call) -> Result<Self, Malformed> {
        let assertion = call.data_members().object("assertion", "data.assertion")?;
        Ok(Self { assertion })
    }

    fn read(
        &self,
        command: Command,
        at: &str,
        set: &Attributes,
        wishes: &mut Patch,
    ) -> Result<Instruction, Violation> {
        let Command { literal, value } = command;
        if literal != PATCH {
            return Err(check::unknown_command(COMMANDS, at, literal));
        }
        let original = || document(self.assertion.unwrap_or("{}"));
        let check = |operation: &Operation<'_>, at: &str| check(operation, at, set);
        wishes.read(&value, &format!("{at}.value"), original, check)?;
        Ok(Instruction::Other)
    }

    fn is_empty(wishes: &Patch) -> bool {
        wishes.is_empty()
    }

    fn join(all: &mut Patch, own: Patch, policy: usize, conflicts: &mut Conflicts) {
        all.join(own, policy, conflicts);
    }

    fn commands<'w>(&self, wishes: &'w Patch) -> Vec<CommandBody<'w>> {
        if wishes.is_empty() {
            return Vec::new();
        }
        vec![CommandBody {
            r#type: PATCH,
            value: wishes.value(),
        }]
    }
}

/// What is patched: the assertion, with every part that can be.
fn document(assertion: &str) -> Json {
    let mut document: Json = serde_json::from_str(assertion).unwrap_or_default();
    for part in PARTS {
        if !document[part].is_object() {
            document[part] = json!({});
        }
    }
    document
}

fn check(operation: &Operation<'_>, at: &str, set: &Attributes) -> Result<(), Violation> {
    if operation.op == Op::Remove {
        let known = "`add` or `replace`: nothing can be taken from an assertion";
        return Err(violation(Rule::UnknownValue { known }, format!("{at}.op")));
    }
    let path: Vec<_> = operation.path.iter().map(String::as_str).collect();
    let value = operation.value.map_or("null", RawValue::get);
    let known = match path.as_slice() {
        ["claims", _] if !is_attribute(value) => {
            "an object of `attributes` and `attributeValues`, a list of objects with a `value`"
        }
        ["authentication", "sessionLifetime"]
            if !value.parse().is_ok_and(|seconds: u64| seconds > 0) =>
        {
            "a number of seconds"
        }
        ["claims", claim, ..] => return check::granted(set, claim, &format!("{at}.path")),
        [part, _, ..] if PARTS.contains(part) => {
            return check::granted(set, part, &format!("{at}.path"));
        }
        _ => {
            let known = "below `/subject`, `/authentication`, `/conditions` or `/claims`";
            let rule = Rule::UnknownValue { known };
            return Err(violation_of(rule, format!("{at}.path"), path.join("/")));
        }
    };
    let rule = Rule::UnknownValue { known };
    Err(violation(rule, format!("{at}.value")))
}

/// Whether a value is a whole attribute.
fn is_attribute(json: &str) -> bool {
    let Ok(Json::Object(mut members)) = serde_json::from_str(json) else {
        return false;
    };
    let has_attributes = matches!(members.remove("attributes"), None | Some(Json::Object(_)));
    let values = members.remove("attributeValues");
    let values = values.as_ref().and_then(Json::as_array);
    let is_value = |value: &Json| {
        let attributes = value.get("attributes");
        value.get("value").is_some_and(|value| !value.is_null())
            && attributes.is_none_or(Json::is_object)
    };
    let has_values = values.is_some_and(|values| values.iter().all(is_value));
    has_attributes && has_values && members.is_empty()
}

#[cfg(test)]
mod tests;
