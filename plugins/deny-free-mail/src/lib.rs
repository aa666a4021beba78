//! Denies e-mail addresses of free mail providers, for products that are sold to
//! companies, with a message at the address.
//!
//! The address is the attribute `email`, or `login` where no e-mail address is
//! submitted. A person who completes a profile is asked only if it is among the changes.

mod providers;

#[cfg(any(test, feature = "dataset"))]
use hookwarden_sdk::dataset;
use hookwarden_sdk::registration::{Call, Cause, Decision};
use hookwarden_sdk::settings::{Problem, Settings};
use hookwarden_sdk::{Failure, email};
use serde::Deserialize;

use providers::PROVIDERS;

/// Whose addresses are denied.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rule {
    /// The providers' domains, instead of the list that is built in. Only with the
    /// feature: whatever names a dataset asks for one, and a policy that is granted none
    /// is not loaded.
    #[cfg(any(test, feature = "dataset"))]
    providers: Option<dataset::Named>,
    /// Domains that are denied as well.
    also: Vec<String>,
    /// Domains that are not denied, whatever else says so.
    except: Vec<String>,
    /// What the person reads.
    message: String,
    /// What the person reads whose address is none.
    invalid: String,
}

impl Default for Rule {
    fn default() -> Self {
        Self {
            #[cfg(any(test, feature = "dataset"))]
            providers: None,
            also: Vec::new(),
            except: Vec::new(),
            message: "Use your work e-mail address.".to_owned(),
            invalid: "This is not an e-mail address.".to_owned(),
        }
    }
}

impl Settings for Rule {
    fn check(&self) -> Result<(), Vec<Problem>> {
        let mut problems = Vec::new();
        for (member, domains) in [("also", &self.also), ("except", &self.except)] {
            for (index, domain) in domains.iter().enumerate() {
                // As the domain of an address, because that is what it is compared with.
                if email::domain(&format!("x@{domain}")).is_none() {
                    let message = format!("`{domain}` is not a domain such as `example.com`");
                    problems.push(Problem::at(format!("{member}[{index}]"), message));
                }
            }
        }
        match problems.as_slice() {
            [] => Ok(()),
            _ => Err(problems),
        }
    }
}

impl Rule {
    fn is_free(&self, domain: &str) -> Result<bool, Failure> {
        let is_in = |domains: &[String]| {
            let mut domains = domains
                .iter()
                .filter_map(|own| email::normalize_domain(own));
            domains.any(|own| is_within(domain, &own))
        };
        Ok(!is_in(&self.except) && (is_in(&self.also) || self.is_provider(domain)?))
    }

    fn is_provider(&self, domain: &str) -> Result<bool, Failure> {
        #[cfg(any(test, feature = "dataset"))]
        if let Some(providers) = &self.providers {
            return Ok(providers.contains(domain)?);
        }
        Ok(PROVIDERS.iter().any(|provider| is_within(domain, provider)))
    }
}

/// Whether a domain is another one or below it. Both are as domains are compared.
fn is_within(domain: &str, other: &str) -> bool {
    let below = domain.strip_suffix(other);
    below.is_some_and(|below| below.is_empty() || below.ends_with('.'))
}

/// What the policy has to say about a call.
///
/// # Errors
///
/// The providers are in a dataset, and it cannot be asked.
pub fn decide(call: Call, rule: Rule) -> Result<Decision, Failure> {
    let Some((attribute, address)) = call.address() else {
        return Ok(Decision::no_opinion());
    };
    let deny = |code: &str, message: &str| {
        Decision::deny_fields([Cause::at(attribute, message).code(code)])
    };
    Ok(match email::domain(address) {
        Some(domain) if rule.is_free(&domain)? => {
            deny("WORK_EMAIL_REQUIRED", &rule.message).reason("free mail")
        }
        Some(_) => Decision::allow(),
        // A login need not be an address.
        None if attribute == "login" => Decision::no_opinion(),
        None => deny("INVALID_EMAIL", &rule.invalid).reason("not an e-mail address"),
    })
}

hookwarden_sdk::export!(registration = decide, settings = Rule);

#[cfg(test)]
mod tests {
    use hookwarden_sdk::registration::{Call, Cause, Decision};
    use hookwarden_sdk::settings::from_json;
    use hookwarden_sdk::testing::{Dataset, classic_sign_up, complete_profile, dataset, sign_up};

    use super::{Rule, decide};

    fn decide_by(settings: &str, call: Call) -> Decision {
        let rule = from_json::<Rule>(settings).unwrap_or_else(|problems| panic!("{problems:?}"));
        decide(call, rule).expect("a decision")
    }

    fn email(address: &'static str) -> Call {
        sign_up([("email", address)])
    }

    fn denied_at(attribute: &str) -> Decision {
        let cause = Cause::at(attribute, "Use your work e-mail address.");
        Decision::deny_fields([cause.code("WORK_EMAIL_REQUIRED")]).reason("free mail")
    }

    #[test]
    fn free_mail_is_denied_at_the_address() {
        for address in ["a@gmail.com", "A@GMail.COM", "a@yahoo.co.uk", "a@x.gmx.de"] {
            assert_eq!(decide_by("{}", email(address)), denied_at("email"));
            let call = classic_sign_up([("login", address)]);
            assert_eq!(decide_by("{}", call), denied_at("login"), "{address}");
        }
    }

    #[test]
    fn others_are_admitted() {
        for address in [
            "a@example.com",
            "a@notgmail.com",
            "a@gmail.com.example",
            r#""x@gmail.com"@example.com"#,
        ] {
            assert_eq!(decide_by("{}", email(address)), Decision::allow());
        }
    }

    #[test]
    fn settings_add_providers_and_take_away() {
        let settings = r#"{"also":["Free.example"],"except":["me.com","no.free.example"]}"#;
        for (address, is_denied) in [
            ("a@free.example", true),
            ("a@mail.free.example", true),
            ("a@notfree.example", false),
            ("a@no.free.example", false),
            ("a@me.com", false),
            ("a@gmail.com", true),
        ] {
            let decision = decide_by(settings, email(address));
            assert_eq!(decision.is_denial(), is_denied, "{address}");
        }
    }

    #[test]
    fn a_dataset_is_asked_instead_of_the_list() {
        let settings =
            r#"{"providers":{"dataset":"free"},"also":["b.example"],"except":["c.example"]}"#;
        let rule = || from_json::<Rule>(settings).expect("settings");
        assert!(decide(email("a@a.example"), rule()).is_err());
        let free = Dataset::list(["a.example", "c.example"]).by_domain();
        let _free = dataset("free", free);
        for (address, is_denied) in [
            ("a@a.example", true),
            ("a@b.example", true),
            ("a@c.example", false),
            ("a@gmail.com", false),
        ] {
            let decision = decide(email(address), rule()).expect("a decision");
            assert_eq!(decision.is_denial(), is_denied, "{address}");
        }
    }

    #[test]
    fn what_is_no_address_is_denied_where_there_should_be_one() {
        let cause = Cause::at("email", "This is not an e-mail address.").code("INVALID_EMAIL");
        let denial = Decision::deny_fields([cause]).reason("not an e-mail address");
        for address in ["", "gmail.com", "A <a@gmail.com>", "a@gmail.com "] {
            assert_eq!(decide_by("{}", email(address)), denial, "{address}");
            let decision = decide_by("{}", sign_up([("login", address)]));
            assert_eq!(decision, Decision::no_opinion(), "{address}");
        }
    }

    #[test]
    fn a_profile_whose_address_stays_is_not_its_business() {
        let call = complete_profile([("employeeNumber", "1234")]);
        assert_eq!(decide_by("{}", call), Decision::no_opinion());
        let call = complete_profile([("email", "a@gmail.com")]);
        assert_eq!(decide_by("{}", call), denied_at("email"));
    }

    #[test]
    fn settings_that_could_not_be_meant_are_refused() {
        for (settings, path) in [
            (r#"{"also":["a.example","@b.example"]}"#, "also[1]"),
            (r#"{"except":["localhost"]}"#, "except[0]"),
            (r#"{"providers":["a.example"]}"#, "providers"),
            (r#"{"exept":[]}"#, "exept"),
        ] {
            let problems = from_json::<Rule>(settings).err().expect(settings);
            let path = format!("path: {path:?}");
            assert!(format!("{problems:?}").contains(&path), "{problems:?}");
        }
    }
}
