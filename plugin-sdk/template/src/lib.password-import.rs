//! Answers for the users of one domain whether their password is right, and has no opinion
//! about others.
//!
//! `is_right` is to be written: until it asks the system that knows the passwords, it
//! fails, and the operator's choice is what Okta is told.

use hookwarden_sdk::password_import::{Call, Decision, Password};
use hookwarden_sdk::settings::{Problem, Settings};
use hookwarden_sdk::{Failure, email};
use serde::Deserialize;

/// Whose passwords are known elsewhere.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    domain: String,
}

impl Settings for Rule {
    fn check(&self) -> Result<(), Vec<Problem>> {
        match email::normalize_domain(&self.domain) {
            Some(_) => Ok(()),
            None => {
                let message = "must be a domain such as `example.com`";
                Err(vec![Problem::at("domain", message)])
            }
        }
    }
}

/// Whether this is the user's password. An empty one is nobody's.
///
/// # Errors
///
/// The system that knows the passwords could not be asked. Doubt is a failure, and never
/// a yes.
fn is_right(_username: &str, password: Password<'_>) -> Result<bool, Failure> {
    if password.as_str().is_empty() {
        return Ok(false);
    }
    Err(Failure::unavailable("no system is asked yet"))
}

/// What the policy has to say about a call.
///
/// # Errors
///
/// As [`is_right`].
pub fn decide(call: Call, rule: Rule) -> Result<Decision, Failure> {
    match email::domain(call.username()) {
        Some(domain) if email::is_same_domain(&domain, &rule.domain) => {}
        _ => return Ok(Decision::no_opinion()),
    }
    Ok(match is_right(call.username(), call.password())? {
        true => Decision::verified(),
        false => Decision::unverified().reason("another password"),
    })
}

hookwarden_sdk::export!(password_import = decide, settings = Rule);

#[cfg(test)]
mod tests {
    use hookwarden_sdk::Failure;
    use hookwarden_sdk::password_import::Decision;
    use hookwarden_sdk::settings::from_json;
    use hookwarden_sdk::testing::password_import;

    use super::{Rule, decide};

    fn decide_for_example(username: &str, password: &str) -> Result<Decision, Failure> {
        let rule = from_json(r#"{"domain": "example.com"}"#);
        decide(password_import(username, password), rule.expect("settings"))
    }

    #[test]
    fn nobody_has_an_empty_password() {
        let decision = decide_for_example("a@example.com", "");
        let unverified = Decision::unverified().reason("another password");
        assert_eq!(decision, Ok(unverified));
    }

    #[test]
    fn doubt_is_a_failure() {
        assert!(decide_for_example("a@example.com", "correct horse").is_err());
    }

    #[test]
    fn others_are_not_its_business() {
        let decision = decide_for_example("a@example.org", "correct horse");
        assert_eq!(decision, Ok(Decision::no_opinion()));
    }

    #[test]
    fn the_domain_is_one() {
        assert!(from_json::<Rule>(r#"{"domain": "no domain"}"#).is_err());
    }
}
