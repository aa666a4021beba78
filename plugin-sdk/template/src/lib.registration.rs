//! Admits e-mail addresses of the domains in the settings and denies all others.
//!
//! A person who signs up must submit such an address. A person who completes a profile
//! is asked only if the address is among the changes.

use hookwarden_sdk::email;
use hookwarden_sdk::registration::{Call, Cause, Decision};
use hookwarden_sdk::settings::{Problem, Settings};
use serde::Deserialize;

/// Whose addresses are admitted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    domains: Vec<String>,
}

impl Settings for Rule {
    fn check(&self) -> Result<(), Vec<Problem>> {
        if self.domains.is_empty() {
            let message = "must name at least one domain";
            return Err(vec![Problem::at("domains", message)]);
        }
        Ok(())
    }
}

impl Rule {
    fn admits(&self, domain: &str) -> bool {
        let mut domains = self.domains.iter();
        domains.any(|admitted| email::is_same_domain(admitted, domain))
    }
}

/// What the policy has to say about a call.
pub fn decide(call: Call, rule: Rule) -> Decision {
    if call.is_progressive() && !call.submitted().has("email") {
        return Decision::no_opinion();
    }
    match call.email_domain() {
        Some(domain) if rule.admits(domain) => Decision::allow(),
        _ => {
            let domains = rule.domains.join(", ");
            let text = format!("Only people with one of these addresses can register: {domains}.");
            Decision::deny_fields([Cause::at("email", text).code("INVALID_EMAIL_DOMAIN")])
                .reason("another domain")
        }
    }
}

hookwarden_sdk::export!(registration = decide, settings = Rule);

#[cfg(test)]
mod tests {
    use hookwarden_sdk::registration::{Call, Decision};
    use hookwarden_sdk::settings::{Problem, from_json};
    use hookwarden_sdk::testing::{complete_profile, sign_up};

    use super::{Rule, decide};

    fn decide_by_two(call: Call) -> Decision {
        let rule = from_json(r#"{"domains": ["example.com", "b.example"]}"#);
        decide(call, rule.expect("settings"))
    }

    #[test]
    fn the_domains_are_admitted_in_any_case() {
        for address in ["a@example.com", "a@B.Example"] {
            let decision = decide_by_two(sign_up([("email", address)]));
            assert_eq!(decision, Decision::allow(), "{address}");
        }
    }

    #[test]
    fn others_are_denied() {
        for address in [
            "a@example.org",
            "a@sub.example.com",
            "a@example.com.evil.example",
            r#""x@example.com"@evil.example"#,
            "nobody",
            "",
        ] {
            let decision = decide_by_two(sign_up([("email", address)]));
            assert!(decision.is_denial(), "{address}");
        }
        assert!(decide_by_two(sign_up([("login", "a@example.com")])).is_denial());
    }

    #[test]
    fn a_profile_whose_address_stays_is_not_its_business() {
        let call = complete_profile([("employeeNumber", "1234")]);
        assert_eq!(decide_by_two(call), Decision::no_opinion());
        assert!(decide_by_two(complete_profile([("email", "a@example.org")])).is_denial());
    }

    #[test]
    fn settings_name_a_domain() {
        let problems = from_json::<Rule>(r#"{"domains": []}"#).err();
        let expected = Problem::at("domains", "must name at least one domain");
        assert_eq!(problems, Some(vec![expected]));
    }
}
