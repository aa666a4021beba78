//! Denies e-mail addresses of the domains in a dataset, which somebody else edits.
//!
//! The address is the attribute `email`, or `login` where no e-mail address is
//! submitted. A person who completes a profile is asked only if it is among the changes.

use hookwarden_sdk::registration::{Call, Cause, Decision};
use hookwarden_sdk::settings::Settings;
use hookwarden_sdk::{Failure, dataset, email};
use serde::Deserialize;

/// Whose addresses are denied.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rule {
    domains: dataset::Named,
    /// What the person reads.
    message: String,
    /// What the person reads whose address is none.
    invalid: String,
}

impl Default for Rule {
    fn default() -> Self {
        Self {
            domains: dataset::Named::new("denied-domains"),
            message: "This e-mail domain cannot be used to register.".to_owned(),
            invalid: "This is not an e-mail address.".to_owned(),
        }
    }
}

impl Settings for Rule {}

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
        Some(domain) if rule.domains.contains(&domain)? => {
            deny("RESTRICTED_EMAIL_DOMAIN", &rule.message).reason("a listed domain")
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
    use hookwarden_sdk::testing::{
        Dataset, Fake, classic_sign_up, complete_profile, dataset, sign_up,
    };

    use super::{Rule, decide};

    fn listed() -> Fake {
        let domains = Dataset::list(["avengers.org"]).by_domain();
        dataset("denied-domains", domains)
    }

    fn decide_by_default(call: Call) -> Decision {
        decide(call, Rule::default()).expect("a decision")
    }

    fn denied_at(attribute: &str) -> Decision {
        let message = "This e-mail domain cannot be used to register.";
        let cause = Cause::at(attribute, message).code("RESTRICTED_EMAIL_DOMAIN");
        Decision::deny_fields([cause]).reason("a listed domain")
    }

    #[test]
    fn a_listed_domain_is_denied_at_the_address() {
        let _listed = listed();
        for address in ["tony.stark@avengers.org", "A@Mail.AVENGERS.org"] {
            let call = sign_up([("email", address), ("login", "tony@example.com")]);
            assert_eq!(decide_by_default(call), denied_at("email"), "{address}");
            let call = classic_sign_up([("login", address)]);
            assert_eq!(decide_by_default(call), denied_at("login"), "{address}");
        }
    }

    #[test]
    fn others_are_admitted() {
        let _listed = listed();
        for address in [
            "a@example.com",
            "a@notavengers.org",
            "a@avengers.org.example",
            r#""x@avengers.org"@example.com"#,
        ] {
            let decision = decide_by_default(sign_up([("email", address)]));
            assert_eq!(decision, Decision::allow(), "{address}");
        }
    }

    #[test]
    fn what_is_no_address_is_denied_where_there_should_be_one() {
        let _listed = listed();
        for address in ["", "nobody", "Tony <tony@avengers.org>", "a@avengers.org "] {
            assert!(decide_by_default(sign_up([("email", address)])).is_denial());
            let decision = decide_by_default(sign_up([("login", address)]));
            assert!(!decision.is_denial(), "{address}");
        }
        assert!(decide_by_default(sign_up([("email", 7)])).is_denial());
    }

    #[test]
    fn a_profile_whose_address_stays_is_not_its_business() {
        let call = complete_profile([("employeeNumber", "1234")]);
        assert_eq!(decide_by_default(call), Decision::no_opinion());
        let _listed = listed();
        let call = complete_profile([("email", "a@avengers.org")]);
        assert!(decide_by_default(call).is_denial());
    }

    #[test]
    fn what_is_read_by_whose_address_is_none_is_a_setting() {
        let rule = from_json::<Rule>(r#"{"invalid":"No."}"#).expect("settings");
        let cause = Cause::at("email", "No.").code("INVALID_EMAIL");
        let denial = Decision::deny_fields([cause]).reason("not an e-mail address");
        assert_eq!(decide(sign_up([("email", "nobody")]), rule), Ok(denial));
    }

    #[test]
    fn dataset_and_message_are_settings() {
        let json = r#"{"domains":{"dataset":"competitors"},"message":"Ask help@example.com."}"#;
        let rule = || from_json::<Rule>(json).expect("settings");
        let call = || sign_up([("email", "a@acme.com")]);
        let _competitors = dataset("competitors", Dataset::list(["acme.com"]));
        let cause = Cause::at("email", "Ask help@example.com.").code("RESTRICTED_EMAIL_DOMAIN");
        let denial = Decision::deny_fields([cause]).reason("a listed domain");
        assert_eq!(decide(call(), rule()), Ok(denial));
        assert!(from_json::<Rule>(r#"{"domains":"competitors"}"#).is_err());
    }

    #[test]
    fn without_the_dataset_nothing_is_decided() {
        let call = || sign_up([("email", "a@example.com")]);
        assert!(decide(call(), Rule::default()).is_err());
        let _unread = dataset("denied-domains", Dataset::unread());
        let failure = decide(call(), Rule::default()).expect_err("no content");
        assert!(
            failure.to_string().starts_with("unavailable: "),
            "{failure}"
        );
    }
}
