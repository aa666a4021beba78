//! Admits whoever has an invitation code, each code once.
//!
//! Codes are in a dataset. A code is spent by the call that is first to claim it; when
//! Okta repeats that call it is answered the same. Codes are kept as hashes only.

use std::fmt::Write;

use hookwarden_sdk::key_value::{Bucket, Claim};
use hookwarden_sdk::registration::{Call, Cause, Decision};
use hookwarden_sdk::settings::{Problem, Settings};
use hookwarden_sdk::{Failure, dataset};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// Which codes there are, and where people write them.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rule {
    /// Where the code is submitted. It is emptied once the code is redeemed.
    attribute: String,
    invitations: dataset::Named,
    /// What the person reads who has no code, or one that there is not.
    unknown: String,
    /// What the person reads whose code was redeemed by somebody.
    used: String,
}

impl Default for Rule {
    fn default() -> Self {
        Self {
            attribute: "inviteCode".to_owned(),
            invitations: dataset::Named::new("invitations"),
            unknown: "This invitation code is not known.".to_owned(),
            used: "This invitation code has been used.".to_owned(),
        }
    }
}

impl Settings for Rule {
    fn check(&self) -> Result<(), Vec<Problem>> {
        match self.attribute.trim() {
            "" | "password" => {
                let message = "must name an attribute that is submitted and can be set";
                Err(vec![Problem::at("attribute", message)])
            }
            _ => Ok(()),
        }
    }
}

/// A code as it is looked up: visible ASCII, so that no two ways of writing one are the
/// same to the dataset and another to the bucket.
fn code<'a>(call: &'a Call, attribute: &str) -> Option<&'a str> {
    let code = call.text(attribute)?.trim();
    let is_code = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_graphic());
    is_code.then_some(code)
}

/// The key under which a code is claimed. Regardless of case, because the dataset may
/// match so, and a code must not be redeemed once more for each way of writing it.
fn key(code: &str) -> String {
    let mut key = "code/".to_owned();
    for byte in Sha256::digest(code.to_ascii_lowercase()) {
        let _ = write!(key, "{byte:02x}");
    }
    key
}

/// What the policy has to say about a call.
///
/// # Errors
///
/// The call has no `eventId`, or dataset or bucket cannot be asked.
pub fn decide(call: Call, rule: Rule) -> Result<Decision, Failure> {
    let attribute = rule.attribute.as_str();
    if call.is_progressive() && !call.submitted().has(attribute) {
        return Ok(Decision::no_opinion());
    }
    let deny = |code: &str, message: &str| {
        Decision::deny_fields([Cause::at(attribute, message).code(code)])
    };
    let Some(code) = code(&call, attribute) else {
        return Ok(deny("INVITE_REQUIRED", &rule.unknown).reason("no code"));
    };
    if !rule.invitations.contains(code)? {
        return Ok(deny("INVITE_UNKNOWN", &rule.unknown).reason("an unknown code"));
    }
    let event = call.event_id();
    let event = event.ok_or_else(|| Failure::invalid_call("no `eventId`"))?;
    Ok(match Bucket::open()?.claim(&key(code), event)? {
        Claim::New | Claim::Again => Decision::set(attribute, ""),
        Claim::Taken => deny("INVITE_USED", &rule.used).reason("a code that was redeemed"),
    })
}

hookwarden_sdk::export!(registration = decide, settings = Rule);

#[cfg(test)]
mod tests {
    use hookwarden_sdk::key_value::Error;
    use hookwarden_sdk::registration::{Call, Cause, Decision};
    use hookwarden_sdk::settings::from_json;
    use hookwarden_sdk::testing::{
        Dataset, Fake, complete_profile, dataset, key_value, sign_up_with,
    };

    use super::{Rule, decide};

    fn invitations() -> Fake {
        dataset("invitations", Dataset::list(["ABC", "DEF"]).ignoring_case())
    }

    fn call(event: &str, code: &str) -> Call {
        sign_up_with([("/eventId", event), ("/data/userProfile/inviteCode", code)])
    }

    fn decide_by_default(call: Call) -> Decision {
        decide(call, Rule::default()).expect("a decision")
    }

    fn redeemed() -> Decision {
        Decision::set("inviteCode", "")
    }

    fn used() -> Decision {
        let cause = Cause::at("inviteCode", "This invitation code has been used.");
        Decision::deny_fields([cause.code("INVITE_USED")]).reason("a code that was redeemed")
    }

    #[test]
    fn a_code_is_redeemed_once_and_a_repeated_call_is_answered_the_same() {
        let (_invitations, _values) = (invitations(), key_value());
        assert_eq!(decide_by_default(call("one", "ABC")), redeemed());
        assert_eq!(decide_by_default(call("one", "ABC")), redeemed());
        assert_eq!(decide_by_default(call("two", "ABC")), used());
        assert_eq!(decide_by_default(call("two", "DEF")), redeemed());
    }

    #[test]
    fn a_code_written_otherwise_is_the_same_code() {
        let (_invitations, _values) = (invitations(), key_value());
        assert_eq!(decide_by_default(call("one", "ABC")), redeemed());
        for code in ["abc", " ABC ", "aBc\t"] {
            assert_eq!(decide_by_default(call("two", code)), used(), "{code}");
        }
    }

    #[test]
    fn of_two_at_once_one_has_it() {
        let (_invitations, values) = (invitations(), key_value());
        values.overtake(super::key("ABC"), "two");
        assert_eq!(decide_by_default(call("one", "ABC")), used());
        assert_eq!(decide_by_default(call("two", "ABC")), redeemed());
    }

    #[test]
    fn what_is_no_code_is_denied_and_claims_nothing() {
        let (_invitations, values) = (invitations(), key_value());
        for (code, reason) in [
            ("GHI", "INVITE_UNKNOWN"),
            ("A BC", "INVITE_REQUIRED"),
            ("\u{212a}", "INVITE_REQUIRED"),
            (" ", "INVITE_REQUIRED"),
            ("", "INVITE_REQUIRED"),
        ] {
            let decision = decide_by_default(call("one", code));
            let cause = Cause::at("inviteCode", "This invitation code is not known.");
            let denial = Decision::deny_fields([cause.code(reason)]);
            let reason = match reason {
                "INVITE_UNKNOWN" => "an unknown code",
                _ => "no code",
            };
            assert_eq!(decision, denial.reason(reason), "{code}");
        }
        assert!(decide_by_default(sign_up_with([("/eventId", "one")])).is_denial());
        assert!(values.keys().is_empty());
    }

    #[test]
    fn no_code_is_kept_in_clear() {
        let (_invitations, values) = (invitations(), key_value());
        assert_eq!(decide_by_default(call("one", "ABC")), redeemed());
        // SHA-256 of `abc`, as FIPS 180-2 has it.
        let key = "code/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(values.keys(), [key]);
        assert_eq!(values.get(key), Some(b"one".to_vec()));
    }

    #[test]
    fn a_profile_without_a_code_is_not_its_business() {
        let call = complete_profile([("employeeNumber", "1234")]);
        assert_eq!(decide_by_default(call), Decision::no_opinion());
        let (_invitations, _values) = (invitations(), key_value());
        let call = complete_profile([("inviteCode", "ABC")]);
        assert_eq!(decide_by_default(call), redeemed());
    }

    #[test]
    fn what_cannot_be_asked_is_a_failure() {
        assert!(decide(call("one", "ABC"), Rule::default()).is_err());
        let _invitations = invitations();
        assert!(decide(call("one", "ABC"), Rule::default()).is_err());
        let values = key_value();
        values.fail(Some(Error::Unavailable("locked".to_owned())));
        assert!(decide(call("one", "ABC"), Rule::default()).is_err());
        values.fail(None);
        let json = r#"{"data":{"userProfile":{"inviteCode":"ABC"}}}"#;
        let unnamed = Call::from_json(json).expect("a call");
        assert!(decide(unnamed, Rule::default()).is_err());
        assert_eq!(decide_by_default(call("one", "ABC")), redeemed());
    }

    #[test]
    fn attribute_and_dataset_are_settings() {
        let json = r#"{"attribute":"partnerNumber","invitations":{"dataset":"partners"}}"#;
        let rule = from_json::<Rule>(json).expect("settings");
        let (_partners, _values) = (dataset("partners", Dataset::list(["7"])), key_value());
        let call = sign_up_with([("/data/userProfile/partnerNumber", "7")]);
        assert_eq!(decide(call, rule), Ok(Decision::set("partnerNumber", "")));
        for attribute in ["", "password"] {
            let json = format!(r#"{{"attribute":"{attribute}"}}"#);
            assert!(from_json::<Rule>(&json).is_err(), "{attribute}");
        }
    }
}
