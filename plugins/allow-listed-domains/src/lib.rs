//! Admits e-mail addresses of listed domains and denies all others, with a message at
//! the e-mail field.
//!
//! A person who signs up must submit an address of such a domain. A person who completes
//! a profile is asked only if the address is among the changes.

#[cfg(any(test, feature = "dataset"))]
use hookwarden_sdk::dataset;
use hookwarden_sdk::registration::{Call, Cause, Decision};
use hookwarden_sdk::settings::{Problem, Settings};
use hookwarden_sdk::{Failure, email};
use serde::Deserialize;

/// Whose addresses are admitted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    domains: Domains,
    /// Whether the domains below a listed one are admitted too. Of a dataset that is
    /// said where it is declared.
    #[serde(default)]
    subdomains: bool,
    /// What the person reads.
    #[serde(default = "message")]
    message: String,
}

/// Where the domains stand.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "must be a list of domains or, with the feature `dataset`, `{ dataset = \"name\" }`"
)]
enum Domains {
    Listed(Vec<String>),
    /// Only with the feature: whatever names a dataset asks for one, and a policy that is
    /// granted none is not loaded.
    #[cfg(any(test, feature = "dataset"))]
    Dataset(dataset::Named),
}

fn message() -> String {
    "This e-mail domain cannot be used to register.".to_owned()
}

/// What is wrong with a list of domains.
fn problems(domains: &[String]) -> Vec<Problem> {
    let mut problems = Vec::new();
    if domains.is_empty() {
        problems.push(Problem::at("domains", "must name one domain at least"));
    }
    for (index, domain) in domains.iter().enumerate() {
        // As the domain of an address, because that is what it is compared with.
        if email::domain(&format!("x@{domain}")).is_none() {
            let message = format!("`{domain}` is not a domain such as `example.com`");
            problems.push(Problem::at(format!("domains[{index}]"), message));
        }
    }
    problems
}

impl Settings for Rule {
    fn check(&self) -> Result<(), Vec<Problem>> {
        let problems = match &self.domains {
            Domains::Listed(domains) => problems(domains),
            #[cfg(any(test, feature = "dataset"))]
            Domains::Dataset(_) if self.subdomains => {
                let message = "is for a list: of a dataset, `match` says what is in it";
                vec![Problem::at("subdomains", message)]
            }
            #[cfg(any(test, feature = "dataset"))]
            Domains::Dataset(_) => Vec::new(),
        };
        match problems.as_slice() {
            [] => Ok(()),
            _ => Err(problems),
        }
    }
}

impl Rule {
    fn admits(&self, domain: &str) -> Result<bool, Failure> {
        match &self.domains {
            Domains::Listed(domains) => Ok(domains.iter().any(|listed| {
                email::is_same_domain(domain, listed) || self.subdomains && is_below(domain, listed)
            })),
            #[cfg(any(test, feature = "dataset"))]
            Domains::Dataset(domains) => Ok(domains.contains(domain)?),
        }
    }
}

/// Whether a domain, as [`email::domain`] has it, is below another one.
fn is_below(domain: &str, listed: &str) -> bool {
    let listed = email::normalize_domain(listed);
    let below = listed.and_then(|listed| domain.strip_suffix(&listed));
    below.is_some_and(|below| below.ends_with('.'))
}

/// What the policy has to say about a call.
///
/// # Errors
///
/// The domains are in a dataset, and it cannot be asked.
pub fn decide(call: Call, rule: Rule) -> Result<Decision, Failure> {
    if call.is_progressive() && !call.submitted().has("email") {
        return Ok(Decision::no_opinion());
    }
    let deny = |reason: &str| {
        let cause = Cause::at("email", &rule.message).code("INVALID_EMAIL_DOMAIN");
        Decision::deny_fields([cause]).reason(reason)
    };
    Ok(match call.email_domain() {
        Some(domain) if rule.admits(domain)? => Decision::allow(),
        Some(_) => deny("another domain"),
        None => deny("not an e-mail address"),
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

    const EXACTLY: &str = r#"{"domains":["Okta.com","example.org"]}"#;
    const WITH_BELOW: &str = r#"{"domains":["Okta.com"],"subdomains":true}"#;

    fn email(address: &'static str) -> Call {
        sign_up([("email", address)])
    }

    fn denied(reason: &str) -> Decision {
        let message = "This e-mail domain cannot be used to register.";
        let cause = Cause::at("email", message).code("INVALID_EMAIL_DOMAIN");
        Decision::deny_fields([cause]).reason(reason)
    }

    #[test]
    fn listed_domains_are_admitted_in_any_case() {
        for address in [
            "a@OKTA.com",
            "a@okta.com",
            "a@Example.org",
            r#""a@evil.example"@okta.com"#,
        ] {
            assert_eq!(decide_by(EXACTLY, email(address)), Decision::allow());
            let call = classic_sign_up([("email", address)]);
            assert_eq!(decide_by(EXACTLY, call), Decision::allow(), "{address}");
        }
    }

    #[test]
    fn every_other_domain_is_denied() {
        for address in [
            "a@okta.com.evil.com",
            "a@notokta.com",
            "a@mail.okta.com",
            r#""x@okta.com"@evil.io"#,
            "a@o\u{43a}ta.com",
            "a@com",
        ] {
            let decision = decide_by(EXACTLY, email(address));
            assert!(decision.is_denial(), "{address}");
        }
        let decision = decide_by(EXACTLY, email("a@notokta.com"));
        assert_eq!(decision, denied("another domain"));
    }

    #[test]
    fn what_is_no_address_is_denied() {
        for address in ["", "nobody", "okta.com", "a@okta.com ", "A <a@okta.com>"] {
            let decision = decide_by(EXACTLY, email(address));
            assert_eq!(decision, denied("not an e-mail address"), "{address}");
        }
        let without = sign_up([("login", "a@okta.com")]);
        assert!(decide_by(EXACTLY, without).is_denial());
    }

    #[test]
    fn domains_below_are_admitted_only_if_it_is_said() {
        for address in ["a@okta.com", "a@mail.OKTA.com", "a@a.b.okta.com"] {
            assert!(!decide_by(WITH_BELOW, email(address)).is_denial());
        }
        for address in ["a@notokta.com", "a@okta.com.evil.com", "a@com"] {
            assert!(decide_by(WITH_BELOW, email(address)).is_denial());
        }
    }

    #[test]
    fn a_profile_whose_address_stays_is_not_its_business() {
        let call = complete_profile([("employeeNumber", "1234")]);
        assert_eq!(decide_by(EXACTLY, call), Decision::no_opinion());
        let call = complete_profile([("email", "a@example.net")]);
        assert!(decide_by(EXACTLY, call).is_denial());
    }

    #[test]
    fn the_domains_can_be_in_a_dataset() {
        let settings = r#"{"domains":{"dataset":"partners"},"message":"Ask us."}"#;
        let rule = || from_json::<Rule>(settings).expect("settings");
        assert!(decide(email("a@acme.com"), rule()).is_err());
        let partners = Dataset::list(["acme.com"]).by_domain();
        let _partners = dataset("partners", partners);
        for address in ["a@acme.com", "a@mail.acme.com"] {
            assert_eq!(decide(email(address), rule()), Ok(Decision::allow()));
        }
        let cause = Cause::at("email", "Ask us.").code("INVALID_EMAIL_DOMAIN");
        let denial = Decision::deny_fields([cause]).reason("another domain");
        assert_eq!(decide(email("a@notacme.com"), rule()), Ok(denial));
        let _unread = dataset("partners", Dataset::unread());
        assert!(decide(email("a@acme.com"), rule()).is_err());
    }

    #[test]
    fn settings_that_could_not_be_meant_are_refused() {
        for (settings, path) in [
            (r#"{"domains":[]}"#, "domains"),
            (r#"{"domains":["a.example","@b.example"]}"#, "domains[1]"),
            (r#"{"domains":["localhost"]}"#, "domains[0]"),
            (r#"{"domains":"a.example"}"#, "domains"),
            (
                r#"{"domains":{"dataset":"a"},"subdomains":true}"#,
                "subdomains",
            ),
            (r#"{"domains":["a.example"],"sub":true}"#, "sub"),
            ("{}", ""),
        ] {
            let problems = from_json::<Rule>(settings).err().expect(settings);
            let path = format!("path: {path:?}");
            assert!(format!("{problems:?}").contains(&path), "{problems:?}");
        }
    }

    #[cfg(feature = "idn")]
    #[test]
    fn a_domain_in_another_script_is_its_form_in_ascii() {
        let settings = r#"{"domains":["b\u00fccher.example"]}"#;
        let address = "a@xn--bcher-kva.example";
        assert!(!decide_by(settings, email(address)).is_denial());
    }
}
