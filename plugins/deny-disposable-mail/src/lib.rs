//! Denies e-mail addresses of the disposable mail services in a dataset, with a message
//! at the address, and lets privacy relays through.
//!
//! Lists of disposable domains often have relays too: their addresses look alike, but
//! each leads to somebody's own mailbox for as long as they like. The address is the
//! attribute `email`, or `login` where no e-mail address is submitted. A person who
//! completes a profile is asked only if it is among the changes.

use hookwarden_sdk::registration::{Call, Cause, Decision};
use hookwarden_sdk::settings::{Problem, Settings};
use hookwarden_sdk::{Failure, dataset, email};
use serde::Deserialize;

/// The domains of the common privacy relays, in the form that domains are compared in.
const RELAYS: &[&str] = &[
    // Apple
    "privaterelay.appleid.com",
    // Firefox Relay
    "mozmail.com",
    "relay.firefox.com",
    // DuckDuckGo
    "duck.com",
    // SimpleLogin
    "8alias.com",
    "8shield.net",
    "aleeas.com",
    "dralias.com",
    "silomails.com",
    "simplelogin.co",
    "simplelogin.com",
    "simplelogin.fr",
    "slmail.me",
    "slmails.com",
    // Proton Pass
    "passfwd.com",
    "passinbox.com",
    "passmail.net",
    // addy.io
    "addymail.com",
    "anonaddy.com",
    "anonaddy.me",
];

/// Whose addresses are denied.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rule {
    domains: dataset::Named,
    /// Domains that are let through, and those below them, whatever the dataset says.
    relays: Vec<String>,
    /// What the person reads.
    message: String,
    /// What the person reads whose address is none.
    invalid: String,
}

impl Default for Rule {
    fn default() -> Self {
        Self {
            domains: dataset::Named::new("disposable-domains"),
            relays: RELAYS.iter().copied().map(str::to_owned).collect(),
            message: "Disposable e-mail addresses cannot be used to register.".to_owned(),
            invalid: "This is not an e-mail address.".to_owned(),
        }
    }
}

impl Settings for Rule {
    fn check(&self) -> Result<(), Vec<Problem>> {
        let mut problems = Vec::new();
        for (index, domain) in self.relays.iter().enumerate() {
            // As the domain of an address, because that is what it is compared with.
            if email::domain(&format!("x@{domain}")).is_none() {
                let message = format!("`{domain}` is not a domain such as `example.com`");
                problems.push(Problem::at(format!("relays[{index}]"), message));
            }
        }
        match problems.as_slice() {
            [] => Ok(()),
            _ => Err(problems),
        }
    }
}

impl Rule {
    /// Whether a domain is a relay's or below one.
    fn is_relay(&self, domain: &str) -> bool {
        let mut relays = self.relays.iter();
        relays.any(|relay| {
            let relay = email::normalize_domain(relay);
            let below = relay.and_then(|relay| domain.strip_suffix(&relay));
            below.is_some_and(|below| below.is_empty() || below.ends_with('.'))
        })
    }
}

/// What the policy has to say about a call.
///
/// # Errors
///
/// The dataset cannot be asked.
pub fn decide(call: Call, rule: Rule) -> Result<Decision, Failure> {
    let Some((attribute, address)) = call.address() else {
        return Ok(Decision::no_opinion());
    };
    let deny = |code: &str, message: &str| {
        Decision::deny_fields([Cause::at(attribute, message).code(code)])
    };
    Ok(match email::domain(address) {
        Some(domain) if rule.is_relay(&domain) => Decision::allow().reason("a privacy relay"),
        Some(domain) if rule.domains.contains(&domain)? => {
            deny("DISPOSABLE_EMAIL", &rule.message).reason("disposable mail")
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
    use hookwarden_sdk::email::domain;
    use hookwarden_sdk::registration::{Call, Cause, Decision};
    use hookwarden_sdk::settings::from_json;
    use hookwarden_sdk::testing::{
        Dataset, Fake, classic_sign_up, complete_profile, dataset, sign_up,
    };

    use super::{RELAYS, Rule, decide};

    /// A list as they are found, with a relay in it.
    fn disposable() -> Fake {
        let domains = ["mailinator.com", "duck.com", "privaterelay.appleid.com"];
        dataset("disposable-domains", Dataset::list(domains).by_domain())
    }

    fn decide_by_default(call: Call) -> Decision {
        decide(call, Rule::default()).expect("a decision")
    }

    fn email(address: &'static str) -> Call {
        sign_up([("email", address)])
    }

    fn denied_at(attribute: &str) -> Decision {
        let message = "Disposable e-mail addresses cannot be used to register.";
        let cause = Cause::at(attribute, message).code("DISPOSABLE_EMAIL");
        Decision::deny_fields([cause]).reason("disposable mail")
    }

    #[test]
    fn disposable_mail_is_denied_at_the_address() {
        let _disposable = disposable();
        for address in ["a@mailinator.com", "A@X.MAILINATOR.com"] {
            let decision = decide_by_default(email(address));
            assert_eq!(decision, denied_at("email"), "{address}");
            let decision = decide_by_default(classic_sign_up([("login", address)]));
            assert_eq!(decision, denied_at("login"), "{address}");
        }
    }

    #[test]
    fn relays_are_let_through_whatever_the_dataset_says() {
        let _disposable = disposable();
        for address in ["x@privaterelay.appleid.com", "a@DUCK.com", "a@b.duck.com"] {
            let let_through = Decision::allow().reason("a privacy relay");
            assert_eq!(decide_by_default(email(address)), let_through, "{address}");
        }
    }

    #[test]
    fn others_are_admitted() {
        let _disposable = disposable();
        for address in [
            "a@example.com",
            "a@notmailinator.com",
            "a@mailinator.com.example",
            r#""x@mailinator.com"@example.com"#,
        ] {
            let decision = decide_by_default(email(address));
            assert_eq!(decision, Decision::allow(), "{address}");
        }
    }

    #[test]
    fn relays_are_a_setting() {
        let _disposable = disposable();
        let rule = from_json::<Rule>(r#"{"relays":["Mailinator.com"]}"#).expect("settings");
        let decision = decide(email("a@mailinator.com"), rule).expect("a decision");
        assert!(!decision.is_denial());
        let rule = from_json::<Rule>(r#"{"relays":[]}"#).expect("settings");
        assert_eq!(decide(email("a@duck.com"), rule), Ok(denied_at("email")));
    }

    #[test]
    fn each_relay_is_a_domain_as_it_is_compared() {
        for relay in RELAYS {
            assert_eq!(domain(&format!("x@{relay}")).as_deref(), Some(*relay));
        }
    }

    #[test]
    fn what_is_no_address_is_denied_where_there_should_be_one() {
        let _disposable = disposable();
        let cause = Cause::at("email", "This is not an e-mail address.").code("INVALID_EMAIL");
        let denial = Decision::deny_fields([cause]).reason("not an e-mail address");
        for address in ["", "nobody", "A <a@mailinator.com>"] {
            assert_eq!(decide_by_default(email(address)), denial, "{address}");
            let decision = decide_by_default(sign_up([("login", address)]));
            assert_eq!(decision, Decision::no_opinion(), "{address}");
        }
    }

    #[test]
    fn a_profile_whose_address_stays_is_not_its_business() {
        let call = complete_profile([("employeeNumber", "1234")]);
        assert_eq!(decide_by_default(call), Decision::no_opinion());
        let _disposable = disposable();
        let call = complete_profile([("email", "a@mailinator.com")]);
        assert_eq!(decide_by_default(call), denied_at("email"));
    }

    #[test]
    fn without_the_dataset_nothing_is_decided() {
        assert!(decide(email("a@example.com"), Rule::default()).is_err());
        let _unread = dataset("disposable-domains", Dataset::unread());
        assert!(decide(email("a@example.com"), Rule::default()).is_err());
    }

    #[test]
    fn settings_that_could_not_be_meant_are_refused() {
        for (settings, path) in [
            (r#"{"relays":["a.example","@b.example"]}"#, "relays[1]"),
            (r#"{"domains":["a.example"]}"#, "domains"),
            (r#"{"relay":[]}"#, "relay"),
        ] {
            let problems = from_json::<Rule>(settings).err().expect(settings);
            let path = format!("path: {path:?}");
            assert!(format!("{problems:?}").contains(&path), "{problems:?}");
        }
    }
}
