//! Denies sign-ups with an address of the organization's own domains: employees have an
//! account already, behind single sign-on. The message at the address says so.
//!
//! The address is the attribute `email`, or `login` where no e-mail address is
//! submitted. A person who completes a profile is asked only if it is among the changes.

use hookwarden_sdk::email;
use hookwarden_sdk::registration::{Call, Cause, Decision};
use hookwarden_sdk::settings::{Problem, Settings};
use serde::Deserialize;

/// Who is sent to single sign-on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The organization's own domains, and those below them.
    domains: Vec<String>,
    /// What the person reads.
    #[serde(default = "message")]
    message: String,
    /// What the person reads whose address is none.
    #[serde(default = "invalid")]
    invalid: String,
}

fn message() -> String {
    "Employees sign in with SSO.".to_owned()
}

fn invalid() -> String {
    "This is not an e-mail address.".to_owned()
}

impl Settings for Rule {
    fn check(&self) -> Result<(), Vec<Problem>> {
        let mut problems = Vec::new();
        if self.domains.is_empty() {
            problems.push(Problem::at("domains", "must name one domain at least"));
        }
        for (index, domain) in self.domains.iter().enumerate() {
            // As the domain of an address, because that is what it is compared with.
            if email::domain(&format!("x@{domain}")).is_none() {
                let message = format!("`{domain}` is not a domain such as `example.com`");
                problems.push(Problem::at(format!("domains[{index}]"), message));
            }
        }
        match problems.as_slice() {
            [] => Ok(()),
            _ => Err(problems),
        }
    }
}

impl Rule {
    /// Whether a domain is an own one or below one.
    fn is_own(&self, domain: &str) -> bool {
        let mut domains = self.domains.iter();
        domains.any(|own| {
            let own = email::normalize_domain(own);
            let below = own.and_then(|own| domain.strip_suffix(&own));
            below.is_some_and(|below| below.is_empty() || below.ends_with('.'))
        })
    }
}

/// What the policy has to say about a call.
pub fn decide(call: Call, rule: Rule) -> Decision {
    let Some((attribute, address)) = call.address() else {
        return Decision::no_opinion();
    };
    let deny = |code: &str, message: &str| {
        Decision::deny_fields([Cause::at(attribute, message).code(code)])
    };
    match email::domain(address) {
        Some(domain) if rule.is_own(&domain) => {
            deny("USE_SSO", &rule.message).reason("an own domain")
        }
        Some(_) => Decision::allow(),
        // A login need not be an address.
        None if attribute == "login" => Decision::no_opinion(),
        None => deny("INVALID_EMAIL", &rule.invalid).reason("not an e-mail address"),
    }
}

hookwarden_sdk::export!(registration = decide, settings = Rule);

#[cfg(test)]
mod tests {
    use hookwarden_sdk::registration::{Call, Cause, Decision};
    use hookwarden_sdk::settings::from_json;
    use hookwarden_sdk::testing::{classic_sign_up, complete_profile, sign_up};

    use super::{Rule, decide};

    fn decide_by_default(call: Call) -> Decision {
        let rule = from_json::<Rule>(r#"{"domains":["Corp.example","corp.example.org"]}"#);
        decide(call, rule.unwrap_or_else(|problems| panic!("{problems:?}")))
    }

    fn denied_at(attribute: &str) -> Decision {
        let cause = Cause::at(attribute, "Employees sign in with SSO.").code("USE_SSO");
        Decision::deny_fields([cause]).reason("an own domain")
    }

    #[test]
    fn own_domains_are_denied_at_the_address() {
        for address in [
            "a@corp.example",
            "A@CORP.example",
            "a@de.corp.example",
            "a@corp.example.org",
        ] {
            let decision = decide_by_default(sign_up([("email", address)]));
            assert_eq!(decision, denied_at("email"), "{address}");
            let decision = decide_by_default(classic_sign_up([("login", address)]));
            assert_eq!(decision, denied_at("login"), "{address}");
        }
    }

    #[test]
    fn others_are_admitted() {
        for address in [
            "a@example.com",
            "a@notcorp.example",
            "a@corp.example.com",
            r#""x@corp.example"@example.com"#,
        ] {
            let decision = decide_by_default(sign_up([("email", address)]));
            assert_eq!(decision, Decision::allow(), "{address}");
        }
    }

    #[test]
    fn what_is_no_address_is_denied_where_there_should_be_one() {
        let cause = Cause::at("email", "This is not an e-mail address.").code("INVALID_EMAIL");
        let denial = Decision::deny_fields([cause]).reason("not an e-mail address");
        for address in ["", "nobody", "a@corp.example.", "A <a@corp.example>"] {
            let decision = decide_by_default(sign_up([("email", address)]));
            assert_eq!(decision, denial, "{address}");
            let decision = decide_by_default(sign_up([("login", address)]));
            assert_eq!(decision, Decision::no_opinion(), "{address}");
        }
    }

    #[test]
    fn a_profile_whose_address_stays_is_not_its_business() {
        let call = complete_profile([("employeeNumber", "1234")]);
        assert_eq!(decide_by_default(call), Decision::no_opinion());
        let call = complete_profile([("email", "a@corp.example")]);
        assert_eq!(decide_by_default(call), denied_at("email"));
    }

    #[test]
    fn texts_are_settings() {
        let settings = r#"{"domains":["a.example"],"message":"Go.","invalid":"No."}"#;
        for (address, code, message) in [
            ("x@a.example", "USE_SSO", "Go."),
            ("x", "INVALID_EMAIL", "No."),
        ] {
            let rule = from_json::<Rule>(settings).expect("settings");
            let decision = decide(sign_up([("email", address)]), rule);
            let denial = Decision::deny_fields([Cause::at("email", message).code(code)]);
            assert_eq!(decision.reason(""), denial.reason(""));
        }
    }

    #[test]
    fn settings_that_could_not_be_meant_are_refused() {
        for (settings, path) in [
            (r#"{"domains":[]}"#, "domains"),
            (r#"{"domains":["a.example","@b.example"]}"#, "domains[1]"),
            (r#"{"domains":"a.example"}"#, "domains"),
            ("{}", ""),
        ] {
            let problems = from_json::<Rule>(settings).err().expect(settings);
            let path = format!("path: {path:?}");
            assert!(format!("{problems:?}").contains(&path), "{problems:?}");
        }
    }
}
