//! Sets an attribute of imported users whose e-mail address is in one domain, and has no
//! opinion about others.

use hookwarden_sdk::email;
use hookwarden_sdk::settings::{Problem, Settings};
use hookwarden_sdk::user_import::{Call, Decision};
use serde::Deserialize;

/// Which users get which attribute of their profile in Okta.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    domain: String,
    attribute: String,
    value: String,
}

impl Settings for Rule {
    fn check(&self) -> Result<(), Vec<Problem>> {
        match self.attribute.trim() {
            "" | "password" => {
                let message = "must be an attribute that can be set";
                Err(vec![Problem::at("attribute", message)])
            }
            _ => Ok(()),
        }
    }
}

/// What the policy has to say about a call.
pub fn decide(call: Call, rule: Rule) -> Decision {
    match call.user().text("email").and_then(email::domain) {
        Some(domain) if email::is_same_domain(&domain, &rule.domain) => {
            Decision::set_user(rule.attribute, rule.value).reason("the domain")
        }
        _ => Decision::no_opinion(),
    }
}

hookwarden_sdk::export!(user_import = decide, settings = Rule);

#[cfg(test)]
mod tests {
    use hookwarden_sdk::settings::from_json;
    use hookwarden_sdk::testing::user_import;
    use hookwarden_sdk::user_import::Decision;

    use super::{Rule, decide};

    fn decide_for_partner(email: &'static str) -> Decision {
        let call = user_import([("email", email)], [("email", email)]);
        let rule = r#"{"domain": "b.example", "attribute": "userType", "value": "Partner"}"#;
        decide(call, from_json(rule).expect("settings"))
    }

    #[test]
    fn users_of_the_domain_get_the_attribute() {
        let partner = Decision::set_user("userType", "Partner").reason("the domain");
        assert_eq!(decide_for_partner("a@B.example"), partner);
    }

    #[test]
    fn others_are_not_its_business() {
        for email in ["a@example.com", "a@b.example.evil.example", ""] {
            assert_eq!(decide_for_partner(email), Decision::no_opinion(), "{email}");
        }
    }

    #[test]
    fn a_password_is_no_attribute() {
        let rule = r#"{"domain": "b.example", "attribute": "password", "value": "x"}"#;
        assert!(from_json::<Rule>(rule).is_err());
    }
}
