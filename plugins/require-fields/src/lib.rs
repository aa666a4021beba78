//! Denies registrations with a required field that is missing or blank, with a message at
//! each such field.
//!
//! A person who signs up must submit every required field. A person who completes a
//! profile submits the changes alone: of those none may be blank.

use std::collections::BTreeMap;

use hookwarden_sdk::registration::{Call, Cause, Decision};
use hookwarden_sdk::settings::{Problem, Settings};
use serde::Deserialize;

/// What must be submitted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// By attribute.
    fields: BTreeMap<String, Field>,
}

/// What the person reads, and a machine, if the field is missing.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Field {
    message: String,
    code: String,
}

impl Default for Field {
    fn default() -> Self {
        Self {
            message: "This field is required.".to_owned(),
            code: "INVALID_PAYLOAD".to_owned(),
        }
    }
}

impl Settings for Rule {
    fn check(&self) -> Result<(), Vec<Problem>> {
        let mut problems = Vec::new();
        if self.fields.is_empty() {
            problems.push(Problem::at("fields", "must name one attribute at least"));
        }
        for (attribute, field) in &self.fields {
            let path = format!("fields.{attribute}");
            if attribute.is_empty() {
                problems.push(Problem::at(&path, "an attribute must have a name"));
            }
            for (member, text) in [("message", &field.message), ("code", &field.code)] {
                if text.trim().is_empty() {
                    problems.push(Problem::at(format!("{path}.{member}"), "must not be blank"));
                }
            }
        }
        match problems.as_slice() {
            [] => Ok(()),
            _ => Err(problems),
        }
    }
}

/// Whether a submitted attribute says nothing: blank text or an empty list.
fn is_blank(call: &Call, attribute: &str) -> bool {
    match call.text(attribute) {
        Some(text) => text.trim().is_empty(),
        None => call
            .attribute(attribute)
            .is_some_and(|value| value.as_array().is_some_and(Vec::is_empty)),
    }
}

/// Whether a call lacks an attribute.
fn lacks(call: &Call, attribute: &str) -> bool {
    match call.submitted().has(attribute) {
        true => is_blank(call, attribute),
        false => !call.is_progressive(),
    }
}

/// What the policy has to say about a call.
pub fn decide(call: Call, rule: Rule) -> Decision {
    let missing = rule.fields.into_iter();
    let missing = missing.filter(|(attribute, _)| lacks(&call, attribute));
    let causes: Vec<_> = missing
        .map(|(attribute, field)| Cause::at(attribute, field.message).code(field.code))
        .collect();
    match causes.as_slice() {
        [] => Decision::allow(),
        _ => Decision::deny_fields(causes).reason("a required field is missing"),
    }
}

hookwarden_sdk::export!(registration = decide, settings = Rule);

#[cfg(test)]
mod tests {
    use hookwarden_sdk::registration::{Call, Cause, Decision};
    use hookwarden_sdk::settings::from_json;
    use hookwarden_sdk::testing::{classic_sign_up, complete_profile, sign_up, sign_up_with};
    use serde_json::{Value, json};

    use super::{Rule, decide};

    const SETTINGS: &str =
        r#"{"fields":{"ssn":{"message":"SSN is required.","code":"NO_SSN"},"phone":{}}}"#;

    fn decide_by_default(call: Call) -> Decision {
        let rule = from_json::<Rule>(SETTINGS);
        decide(call, rule.unwrap_or_else(|problems| panic!("{problems:?}")))
    }

    fn denied<const N: usize>(causes: [Cause; N]) -> Decision {
        Decision::deny_fields(causes).reason("a required field is missing")
    }

    fn phone() -> Cause {
        Cause::at("phone", "This field is required.").code("INVALID_PAYLOAD")
    }

    fn ssn() -> Cause {
        Cause::at("ssn", "SSN is required.").code("NO_SSN")
    }

    #[test]
    fn whoever_submits_every_field_is_admitted() {
        let submitted = [("ssn", "111223333"), ("phone", "+15550100")];
        assert_eq!(decide_by_default(sign_up(submitted)), Decision::allow());
        let classic = classic_sign_up(submitted);
        assert_eq!(decide_by_default(classic), Decision::allow());
    }

    #[test]
    fn all_missing_fields_are_told_at_once_in_the_order_of_their_names() {
        let none = || [("email", "a@example.com")];
        for call in [sign_up(none()), classic_sign_up(none())] {
            assert_eq!(decide_by_default(call), denied([phone(), ssn()]));
        }
        let call = sign_up([("phone", "+15550100")]);
        assert_eq!(decide_by_default(call), denied([ssn()]));
    }

    #[test]
    fn what_says_nothing_is_missing() {
        for blank in [
            json!(""),
            json!(" \t\n"),
            json!("\u{a0}\u{3000}"),
            json!([]),
            Value::Null,
        ] {
            let call = sign_up([("ssn", blank.clone()), ("phone", json!("1"))]);
            assert_eq!(decide_by_default(call), denied([ssn()]), "{blank}");
        }
    }

    #[test]
    fn what_says_no_or_nought_is_there() {
        for value in [json!(false), json!(0), json!([""]), json!({})] {
            let call = sign_up([("ssn", value.clone()), ("phone", json!("1"))]);
            assert_eq!(decide_by_default(call), Decision::allow(), "{value}");
        }
    }

    #[test]
    fn a_profile_is_asked_for_what_is_submitted_only() {
        let call = complete_profile([("employeeNumber", "1234")]);
        assert_eq!(decide_by_default(call), Decision::allow());
        let call = complete_profile([("ssn", "111223333")]);
        assert_eq!(decide_by_default(call), Decision::allow());
        let call = complete_profile([("ssn", " ")]);
        assert_eq!(decide_by_default(call), denied([ssn()]));
        let call = complete_profile([("ssn", Value::Null)]);
        assert_eq!(decide_by_default(call), Decision::allow());
    }

    #[test]
    fn a_name_is_compared_whole() {
        let call = sign_up_with([
            ("/data/userProfile/SSN", "1"),
            ("/data/userProfile/phone", "1"),
        ]);
        assert_eq!(decide_by_default(call), denied([ssn()]));
    }

    #[test]
    fn settings_that_could_not_be_meant_are_refused() {
        for (settings, path) in [
            (r#"{"fields":{}}"#, "fields"),
            (r#"{"fields":{"":{}}}"#, "fields."),
            (
                r#"{"fields":{"ssn":{"message":" "}}}"#,
                "fields.ssn.message",
            ),
            (r#"{"fields":{"ssn":{"code":""}}}"#, "fields.ssn.code"),
            (r#"{"fields":{"ssn":{"text":"a"}}}"#, "fields.ssn.text"),
            (r#"{"fields":["ssn"]}"#, "fields"),
            ("{}", ""),
        ] {
            let problems = from_json::<Rule>(settings).err().expect(settings);
            let path = format!("path: {path:?}");
            assert!(format!("{problems:?}").contains(&path), "{problems:?}");
        }
    }
}
