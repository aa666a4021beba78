//! Admits e-mail addresses of exactly one domain and denies all others, with a
//! message at the e-mail field.
//!
//! A person who signs up must submit an address of the domain. A person who
//! completes a profile is asked only if the address is among the changes.

use hookwarden_sdk::email;
use hookwarden_sdk::registration::{Call, Cause, Decision};
use hookwarden_sdk::settings::{Problem, Settings};
use serde::Deserialize;

/// Whose addresses are admitted.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rule {
    domain: String,
}

impl Default for Rule {
    fn default() -> Self {
        let domain = "example.com".to_owned();
        Self { domain }
    }
}

impl Settings for Rule {
    fn check(&self) -> Result<(), Vec<Problem>> {
        // As the domain of an address, because that is what it is compared with.
        match email::domain(&format!("x@{}", self.domain)) {
            Some(_) => Ok(()),
            None => Err(vec![Problem::at(
                "domain",
                format!("`{}` is not a domain such as `example.com`", self.domain),
            )]),
        }
    }
}

/// What the policy has to say about a call.
pub fn decide(call: Call, rule: Rule) -> Decision {
    if call.is_progressive() && !call.submitted().has("email") {
        return Decision::no_opinion();
    }
    match call.email_domain() {
        Some(domain) if email::is_same_domain(domain, &rule.domain) => Decision::allow(),
        domain => {
            let message = format!("Only {} addresses can register.", rule.domain);
            let reason = domain.map_or("not an e-mail address", |_| "another domain");
            Decision::deny_fields([Cause::at("email", message).code("INVALID_EMAIL_DOMAIN")])
                .reason(reason)
        }
    }
}

hookwarden_sdk::export!(registration = decide, settings = Rule);

#[cfg(test)]
mod tests {
    use hookwarden_sdk::registration::Decision;
    use hookwarden_sdk::testing::{classic_sign_up, complete_profile, sign_up};

    use super::{Rule, decide};

    fn decide_by_default(call: hookwarden_sdk::registration::Call) -> Decision {
        decide(call, Rule::default())
    }

    #[test]
    fn admits_the_domain_in_any_case() {
        for address in [
            "a@example.com",
            "A@EXAMPLE.COM",
            r#""a@evil.io"@example.com"#,
        ] {
            let call = sign_up([("email", address)]);
            assert_eq!(decide_by_default(call), Decision::allow(), "{address}");
        }
    }

    #[test]
    fn denies_every_other_domain_and_what_is_no_address() {
        for address in [
            "a@example.com.evil.com",
            "a@notexample.com",
            "a@sub.example.com",
            r#""x@example.com"@evil.io"#,
            "a@ex\u{430}mple.com",
            "nobody",
            "",
        ] {
            let call = sign_up([("email", address)]);
            assert!(decide_by_default(call).is_denial(), "{address}");
        }
    }

    #[test]
    fn a_sign_up_without_an_address_is_denied() {
        assert!(decide_by_default(sign_up([("login", "a@example.com")])).is_denial());
        assert!(decide_by_default(classic_sign_up([("login", "a")])).is_denial());
    }

    #[test]
    fn a_profile_whose_address_stays_is_not_its_business() {
        let call = complete_profile([("employeeNumber", "1234")]);
        assert_eq!(decide_by_default(call), Decision::no_opinion());

        let call = complete_profile([("email", "a@example.org")]);
        assert!(decide_by_default(call).is_denial());
    }

    #[test]
    fn the_domain_is_a_setting() {
        let rule = || Rule {
            domain: "Example.ORG".to_owned(),
        };
        assert!(!decide(sign_up([("email", "a@example.org")]), rule()).is_denial());
        assert!(decide(sign_up([("email", "a@example.com")]), rule()).is_denial());
    }
}
