//! Sets attributes by the domain of the e-mail address, and has no opinion about people
//! of other domains.
//!
//! Attributes are set in the order of their names, each to the value in the settings,
//! with its type. A person who completes a profile is asked only if the address is among
//! the changes.

use std::collections::BTreeMap;

use hookwarden_sdk::email;
use hookwarden_sdk::registration::{Call, Decision};
use hookwarden_sdk::settings::{Problem, Settings};
use serde::Deserialize;
use serde_json::Value;

/// Which domain's people get which attributes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// By domain: attributes with their values.
    domains: BTreeMap<String, BTreeMap<String, Value>>,
}

/// What is wrong with an attribute to set.
fn problem(attribute: &str) -> Option<&'static str> {
    match attribute {
        "" => Some("an attribute must have a name"),
        "password" => Some("Okta never accepts a password from a hook"),
        _ => None,
    }
}

impl Settings for Rule {
    fn check(&self) -> Result<(), Vec<Problem>> {
        let mut problems = Vec::new();
        if self.domains.is_empty() {
            problems.push(Problem::at("domains", "must name one domain at least"));
        }
        let mut seen = Vec::new();
        for (domain, attributes) in &self.domains {
            let path = format!("domains.{domain}");
            // As the domain of an address, because that is what it is compared with.
            match email::domain(&format!("x@{domain}")) {
                None => {
                    let message = format!("`{domain}` is not a domain such as `example.com`");
                    problems.push(Problem::at(&path, message));
                }
                Some(same) if seen.contains(&same) => {
                    problems.push(Problem::at(&path, format!("`{same}` is there twice")));
                }
                Some(new) => seen.push(new),
            }
            if attributes.is_empty() {
                problems.push(Problem::at(&path, "must set one attribute at least"));
            }
            problems.extend(attributes.keys().filter_map(|attribute| {
                let message = problem(attribute)?;
                Some(Problem::at(format!("{path}.{attribute}"), message))
            }));
        }
        match problems.as_slice() {
            [] => Ok(()),
            _ => Err(problems),
        }
    }
}

/// What the policy has to say about a call.
pub fn decide(call: Call, rule: Rule) -> Decision {
    let Some(domain) = call.email_domain() else {
        return Decision::no_opinion();
    };
    let mut domains = rule.domains.into_iter();
    match domains.find(|(known, _)| email::is_same_domain(domain, known)) {
        Some((_, attributes)) => attributes
            .into_iter()
            .fold(Decision::no_opinion(), |decision, (attribute, value)| {
                decision.and_set(attribute, value)
            })
            .reason("defaults of a known domain"),
        None => Decision::no_opinion(),
    }
}

hookwarden_sdk::export!(registration = decide, settings = Rule);

#[cfg(test)]
mod tests {
    use hookwarden_sdk::registration::{Call, Decision};
    use hookwarden_sdk::settings::from_json;
    use hookwarden_sdk::testing::{classic_sign_up, complete_profile, sign_up};
    use serde_json::json;

    use super::{Rule, decide};

    const SETTINGS: &str = r#"{"domains":{
        "Acme.example":{"userType":"Contractor","orgId":"o-17","customerId":12345,"newsletter":false},
        "partner.example":{"userType":"Partner"}
    }}"#;

    fn decide_by(settings: &str, call: Call) -> Decision {
        let rule = from_json::<Rule>(settings).unwrap_or_else(|problems| panic!("{problems:?}"));
        decide(call, rule)
    }

    fn defaults_of_acme() -> Decision {
        Decision::set("customerId", 12345)
            .and_set("newsletter", false)
            .and_set("orgId", "o-17")
            .and_set("userType", "Contractor")
            .reason("defaults of a known domain")
    }

    #[test]
    fn people_of_a_known_domain_get_its_attributes_in_the_order_of_their_names() {
        for address in [
            "a@acme.example",
            "A@ACME.Example",
            r#""a@b.example"@acme.example"#,
        ] {
            let decision = decide_by(SETTINGS, sign_up([("email", address)]));
            assert_eq!(decision, defaults_of_acme(), "{address}");
            let decision = decide_by(SETTINGS, classic_sign_up([("email", address)]));
            assert_eq!(decision, defaults_of_acme(), "{address}");
        }
        let decision = decide_by(SETTINGS, sign_up([("email", "a@partner.example")]));
        let partner = Decision::set("userType", "Partner");
        assert_eq!(decision, partner.reason("defaults of a known domain"));
    }

    #[test]
    fn about_anybody_else_there_is_no_opinion() {
        for address in [
            "a@example.com",
            "a@mail.acme.example",
            "a@notacme.example",
            "a@acme.example.com",
            r#""a@acme.example"@example.com"#,
            "a@\u{430}cme.example",
            "acme.example",
            "A <a@acme.example>",
            "",
        ] {
            let decision = decide_by(SETTINGS, sign_up([("email", address)]));
            assert_eq!(decision, Decision::no_opinion(), "{address}");
        }
        let without = sign_up([("login", "a@acme.example")]);
        assert_eq!(decide_by(SETTINGS, without), Decision::no_opinion());
    }

    #[test]
    fn a_profile_whose_address_stays_is_not_its_business() {
        let call = complete_profile([("employeeNumber", "1234")]);
        assert_eq!(decide_by(SETTINGS, call), Decision::no_opinion());
        let call = complete_profile([("email", "a@acme.example")]);
        assert_eq!(decide_by(SETTINGS, call), defaults_of_acme());
    }

    #[test]
    fn values_keep_their_types() {
        let settings = r#"{"domains":{"a.example":{"big":9007199254740993,"half":0.5,
            "list":["a",1],"table":{"b":[true],"a":"\u00fc"}}}}"#;
        let expected = Decision::set("big", 9_007_199_254_740_993_i64)
            .and_set("half", 0.5)
            .and_set("list", json!(["a", 1]))
            .and_set("table", json!({"a": "\u{fc}", "b": [true]}));
        let decision = decide_by(settings, sign_up([("email", "a@a.example")]));
        assert_eq!(decision, expected.reason("defaults of a known domain"));
    }

    #[test]
    fn settings_that_could_not_be_meant_are_refused() {
        for (settings, path) in [
            (r#"{"domains":{}}"#, "domains"),
            (r#"{"domains":{"localhost":{"a":1}}}"#, "domains.localhost"),
            (
                r#"{"domains":{"@a.example":{"a":1}}}"#,
                "domains.@a.example",
            ),
            (r#"{"domains":{"a.example":{}}}"#, "domains.a.example"),
            (
                r#"{"domains":{"A.example":{"a":1},"a.example":{"a":2}}}"#,
                "domains.a.example",
            ),
            (
                r#"{"domains":{"a.example":{"password":"hunter2"}}}"#,
                "domains.a.example.password",
            ),
            (r#"{"domains":{"a.example":{"":1}}}"#, "domains.a.example."),
            (r#"{"domains":["a.example"]}"#, "domains"),
            ("{}", ""),
        ] {
            let problems = from_json::<Rule>(settings).err().expect(settings);
            let path = format!("path: {path:?}");
            assert!(format!("{problems:?}").contains(&path), "{problems:?}");
            assert!(!format!("{problems:?}").contains("hunter2"), "{problems:?}");
        }
    }
}
