//! Adds an attribute to the SAML assertions of users whose login is in one domain, and
//! has no opinion about those of others.
//!
//! The domain is compared whole: sub-domains and domains that end alike are others.

use hookwarden_sdk::saml::{Call, Decision, User};
use hookwarden_sdk::settings::{Problem, Settings};
use hookwarden_sdk::{Failure, email};
use serde::Deserialize;

/// Whose assertions get which attribute.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    domain: String,
    attribute: String,
    value: String,
}

impl Settings for Rule {
    fn check(&self) -> Result<(), Vec<Problem>> {
        if self.attribute.trim().is_empty() {
            let message = "must be the attribute's name";
            return Err(vec![Problem::at("attribute", message)]);
        }
        Ok(())
    }
}

/// What the policy has to say about a call.
///
/// # Errors
///
/// The call does not say in Okta's form which user it is about.
pub fn decide(call: Call, rule: Rule) -> Result<Decision, Failure> {
    let profile = call.user()?.and_then(User::profile);
    let login = profile.and_then(|profile| profile.text("login"));
    Ok(match login.and_then(email::domain) {
        Some(domain) if email::is_same_domain(&domain, &rule.domain) => {
            Decision::set_attribute(rule.attribute, rule.value.as_str()).reason("the domain")
        }
        _ => Decision::no_opinion(),
    })
}

hookwarden_sdk::export!(saml = decide, settings = Rule);

#[cfg(test)]
mod tests {
    use hookwarden_sdk::saml::{Call, Decision};
    use hookwarden_sdk::settings::from_json;
    use hookwarden_sdk::testing::saml_with;

    use super::{Rule, decide};

    fn decide_for_example(login: &'static str) -> Decision {
        let call: Call = saml_with([("/data/context/user/profile/login", login)]);
        let rule = r#"{"domain": "example.com", "attribute": "company", "value": "Example"}"#;
        decide(call, from_json(rule).expect("settings")).expect("a decision")
    }

    #[test]
    fn users_of_the_domain_get_the_attribute() {
        let company = Decision::set_attribute("company", "Example").reason("the domain");
        assert_eq!(decide_for_example("a@Example.com"), company);
    }

    #[test]
    fn others_are_not_its_business() {
        for login in ["a@sub.example.com", "a@notexample.com", "example.com", ""] {
            assert_eq!(decide_for_example(login), Decision::no_opinion(), "{login}");
        }
    }

    #[test]
    fn an_attribute_has_a_name() {
        let rule = r#"{"domain": "example.com", "attribute": " ", "value": "Example"}"#;
        assert!(from_json::<Rule>(rule).is_err());
    }
}
