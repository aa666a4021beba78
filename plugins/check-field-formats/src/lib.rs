//! Denies registrations with a field in another format than configured, with a message at
//! each such field.
//!
//! A format is a length, the characters and a prefix. A field that is not submitted is let
//! through, in a sign-up and in a profile that is completed alike.

mod format;

use std::collections::BTreeMap;

use hookwarden_sdk::registration::{Call, Cause, Decision};
use hookwarden_sdk::settings::{Problem, Settings};
use serde::Deserialize;

use format::Format;

/// Which fields have a format.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// By attribute.
    fields: BTreeMap<String, Format>,
}

impl Settings for Rule {
    fn check(&self) -> Result<(), Vec<Problem>> {
        let mut problems = Vec::new();
        if self.fields.is_empty() {
            problems.push(Problem::at("fields", "must name one attribute at least"));
        }
        for (attribute, format) in &self.fields {
            if attribute.is_empty() {
                problems.push(Problem::at("fields.", "an attribute must have a name"));
            }
            problems.extend(format.problems(&format!("fields.{attribute}")));
        }
        match problems.as_slice() {
            [] => Ok(()),
            _ => Err(problems),
        }
    }
}

/// Whether what is submitted as an attribute, if anything, has its format. A number is
/// checked as it is written in JSON.
fn fits(call: &Call, attribute: &str, format: &Format) -> bool {
    if let Some(text) = call.text(attribute) {
        return format.fits(text);
    }
    match call.attribute(attribute) {
        Some(value) => value.is_number() && format.fits(&value.to_string()),
        None => true,
    }
}

/// What the policy has to say about a call.
pub fn decide(call: Call, rule: Rule) -> Decision {
    let wrong = rule.fields.into_iter();
    let wrong = wrong.filter(|(attribute, format)| !fits(&call, attribute, format));
    let causes: Vec<_> = wrong
        .map(|(attribute, format)| Cause::at(attribute, format.message).code(format.code))
        .collect();
    match causes.as_slice() {
        [] => Decision::allow(),
        _ => Decision::deny_fields(causes).reason("a field has another format"),
    }
}

hookwarden_sdk::export!(registration = decide, settings = Rule);

#[cfg(test)]
mod tests {
    use hookwarden_sdk::registration::{Call, Cause, Decision};
    use hookwarden_sdk::settings::from_json;
    use hookwarden_sdk::testing::{classic_sign_up, complete_profile, sign_up};
    use serde_json::{Value, json};

    use super::{Rule, decide};

    const SETTINGS: &str = r#"{"fields":{
        "employeeNumber":{"length":4,"characters":["digits"],"message":"Four digits.","code":"NO"},
        "customerId":{"prefix":"C-"}
    }}"#;

    fn decide_by_default(call: Call) -> Decision {
        let rule = from_json::<Rule>(SETTINGS);
        decide(call, rule.unwrap_or_else(|problems| panic!("{problems:?}")))
    }

    fn denied<const N: usize>(causes: [Cause; N]) -> Decision {
        Decision::deny_fields(causes).reason("a field has another format")
    }

    fn number() -> Cause {
        Cause::at("employeeNumber", "Four digits.").code("NO")
    }

    fn customer() -> Cause {
        let message = "This is not in the expected format.";
        Cause::at("customerId", message).code("INVALID_FORMAT")
    }

    #[test]
    fn a_field_is_checked_in_every_call() {
        for call in [sign_up, classic_sign_up, complete_profile] {
            let decision = decide_by_default(call([("employeeNumber", "1234")]));
            assert_eq!(decision, Decision::allow());
            let decision = decide_by_default(call([("employeeNumber", "12")]));
            assert_eq!(decision, denied([number()]));
        }
    }

    #[test]
    fn all_wrong_fields_are_told_at_once_in_the_order_of_their_names() {
        let call = sign_up([("employeeNumber", "12"), ("customerId", "D-1")]);
        assert_eq!(decide_by_default(call), denied([customer(), number()]));
    }

    #[test]
    fn what_is_not_submitted_is_let_through() {
        let call = sign_up([("email", "a@example.com")]);
        assert_eq!(decide_by_default(call), Decision::allow());
        let call = complete_profile([("employeeNumber", Value::Null)]);
        assert_eq!(decide_by_default(call), Decision::allow());
    }

    #[test]
    fn a_number_is_checked_as_it_is_written() {
        for (value, fit) in [
            (json!(1234), true),
            (json!(12), false),
            (json!(-123), false),
            (json!(1.25), false),
            (json!(true), false),
            (json!(["1234"]), false),
            (json!({"a": "1234"}), false),
        ] {
            let decision = decide_by_default(sign_up([("employeeNumber", value.clone())]));
            assert_eq!(!decision.is_denial(), fit, "{value}");
        }
    }

    #[test]
    fn settings_that_could_not_be_meant_are_refused() {
        for (settings, path) in [
            (r#"{"fields":{}}"#, "fields"),
            (r#"{"fields":{"":{"length":4}}}"#, "fields."),
            (r#"{"fields":{"a":{}}}"#, "fields.a"),
            (r#"{"fields":{"a":{"length":0}}}"#, "fields.a.length"),
            (r#"{"fields":{"a":{"length":-1}}}"#, "fields.a.length"),
            (r#"{"fields":{"a":{"length":{}}}}"#, "fields.a.length"),
            (
                r#"{"fields":{"a":{"length":{"min":5,"max":4}}}}"#,
                "fields.a.length",
            ),
            (
                r#"{"fields":{"a":{"length":2,"prefix":"abc"}}}"#,
                "fields.a.prefix",
            ),
            (
                r#"{"fields":{"a":{"characters":["digits","Digits"]}}}"#,
                "fields.a.characters[1]",
            ),
            (
                r#"{"fields":{"a":{"length":2,"message":""}}}"#,
                "fields.a.message",
            ),
            (
                r#"{"fields":{"a":{"length":2,"code":" "}}}"#,
                "fields.a.code",
            ),
            (r#"{"fields":{"a":{"regex":".*"}}}"#, "fields.a.regex"),
            ("{}", ""),
        ] {
            let problems = from_json::<Rule>(settings).err().expect(settings);
            let path = format!("path: {path:?}");
            assert!(format!("{problems:?}").contains(&path), "{problems:?}");
        }
    }
}
