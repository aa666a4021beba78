//! Admits invited e-mail addresses and denies all others, with a message at the e-mail
//! field.
//!
//! Who is invited is in a dataset: addresses, or domains for everybody who has an
//! address there. A person who completes a profile is asked only if the address is among
//! the changes.

use hookwarden_sdk::registration::{Call, Cause, Decision};
use hookwarden_sdk::settings::Settings;
use hookwarden_sdk::{Failure, dataset, email};
use serde::Deserialize;

/// Who is invited.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rule {
    /// Addresses and domains.
    invited: dataset::Named,
    /// What the person reads who is not.
    message: String,
}

impl Default for Rule {
    fn default() -> Self {
        Self {
            invited: dataset::Named::new("invited"),
            message: "This address has not been invited.".to_owned(),
        }
    }
}

impl Settings for Rule {}

impl Rule {
    /// Whether an address, or its domain, is invited.
    ///
    /// A local part is looked up only if it is ASCII. A dataset that ignores case takes
    /// some other letters for ASCII ones, and would admit somebody else.
    fn invites(&self, address: &str, domain: &str) -> Result<bool, dataset::Error> {
        let is_invited =
            address.is_ascii() && self.invited.contains(&address.to_ascii_lowercase())?;
        Ok(is_invited || self.invited.contains(domain)?)
    }
}

/// What the policy has to say about a call.
///
/// # Errors
///
/// The dataset cannot be asked.
pub fn decide(call: Call, rule: Rule) -> Result<Decision, Failure> {
    if call.is_progressive() && !call.submitted().has("email") {
        return Ok(Decision::no_opinion());
    }
    let deny = |reason: &str| {
        let cause = Cause::at("email", &rule.message).code("INVITE_REQUIRED");
        Decision::deny_fields([cause]).reason(reason)
    };
    let address = call.email().unwrap_or_default();
    Ok(match email::domain(address) {
        Some(domain) if rule.invites(address, &domain)? => Decision::allow(),
        Some(_) => deny("not invited"),
        None => deny("not an e-mail address"),
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

    fn invited() -> Fake {
        let invited = Dataset::list(["Rick@Example.org", "partner.example"]);
        dataset("invited", invited.ignoring_case())
    }

    fn decide_by_default(call: Call) -> Decision {
        decide(call, Rule::default()).expect("a decision")
    }

    fn denied(reason: &str) -> Decision {
        let cause = Cause::at("email", "This address has not been invited.");
        Decision::deny_fields([cause.code("INVITE_REQUIRED")]).reason(reason)
    }

    #[test]
    fn invited_addresses_and_domains_are_admitted_in_any_case() {
        let _invited = invited();
        for address in [
            "rick@example.org",
            "RICK@EXAMPLE.org",
            "a@partner.example",
            "a@PARTNER.example",
            "\u{e4}@partner.example",
        ] {
            let decision = decide_by_default(sign_up([("email", address)]));
            assert_eq!(decision, Decision::allow(), "{address}");
            let decision = decide_by_default(classic_sign_up([("email", address)]));
            assert_eq!(decision, Decision::allow(), "{address}");
        }
    }

    #[test]
    fn others_are_denied() {
        let _invited = invited();
        for address in [
            "a@example.org",
            "rick@example.org.example",
            "rick+tag@example.org",
            "a@mail.partner.example",
            "a@notpartner.example",
            r#""rick@example.org"@evil.example"#,
            r#""x@partner.example"@evil.example"#,
            // The Kelvin sign, of which `k` is the lower case.
            "ric\u{212a}@example.org",
        ] {
            let decision = decide_by_default(sign_up([("email", address)]));
            assert_eq!(decision, denied("not invited"), "{address}");
        }
    }

    #[test]
    fn what_is_no_address_is_denied() {
        let _invited = invited();
        for address in ["", "nobody", "partner.example", "Rick <rick@example.org>"] {
            let decision = decide_by_default(sign_up([("email", address)]));
            assert_eq!(decision, denied("not an e-mail address"), "{address}");
        }
        let without = sign_up([("login", "rick@example.org")]);
        assert_eq!(decide_by_default(without), denied("not an e-mail address"));
    }

    #[test]
    fn a_dataset_that_matches_exactly_has_addresses_in_lower_case() {
        let _invited = dataset("invited", Dataset::list(["rick@example.org"]));
        let call = sign_up([("email", "Rick@Example.org")]);
        assert_eq!(decide_by_default(call), Decision::allow());
    }

    #[test]
    fn a_profile_whose_address_stays_is_not_its_business() {
        let call = complete_profile([("employeeNumber", "1234")]);
        assert_eq!(decide_by_default(call), Decision::no_opinion());
        let _invited = invited();
        let call = complete_profile([("email", "a@example.org")]);
        assert_eq!(decide_by_default(call), denied("not invited"));
    }

    #[test]
    fn dataset_and_message_are_settings() {
        let settings = r#"{"invited":{"dataset":"guests"},"message":"Ask us."}"#;
        let rule = from_json::<Rule>(settings).expect("settings");
        let _guests = dataset("guests", Dataset::list(["a.example"]));
        let cause = Cause::at("email", "Ask us.").code("INVITE_REQUIRED");
        let denial = Decision::deny_fields([cause]).reason("not invited");
        let call = sign_up([("email", "a@example.org")]);
        assert_eq!(decide(call, rule), Ok(denial));
        assert!(from_json::<Rule>(r#"{"invited":["a@example.org"]}"#).is_err());
    }

    #[test]
    fn without_the_dataset_nothing_is_decided() {
        let call = || sign_up([("email", "a@example.org")]);
        assert!(decide(call(), Rule::default()).is_err());
        let _unread = dataset("invited", Dataset::unread());
        assert!(decide(call(), Rule::default()).is_err());
    }
}
