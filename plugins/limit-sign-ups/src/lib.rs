//! Limits how many people sign up from one network address, or with one e-mail domain,
//! within a window.
//!
//! The window is how long the operator keeps what is in the bucket: a count begins with
//! its first sign-up and is forgotten with it. A call that Okta repeats counts once.

use std::net::{IpAddr, Ipv6Addr};

use hookwarden_sdk::Failure;
use hookwarden_sdk::key_value::{Bucket, Claim, Error};
use hookwarden_sdk::registration::{Call, Decision};
use hookwarden_sdk::settings::{Problem, Settings};
use serde::Deserialize;

/// What is counted, and how far.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rule {
    per: Per,
    /// How many are admitted within the window.
    limit: i64,
}

/// What those who are counted together have in common.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Per {
    /// The network address that they come from.
    Address,
    /// The domain of their e-mail address.
    Domain,
}

impl Default for Rule {
    fn default() -> Self {
        Self {
            per: Per::Address,
            limit: 5,
        }
    }
}

impl Settings for Rule {
    fn check(&self) -> Result<(), Vec<Problem>> {
        match self.limit {
            1.. => Ok(()),
            _ => Err(vec![Problem::at("limit", "must be 1 or more")]),
        }
    }
}

impl Per {
    /// The key of the count that a call belongs to.
    fn count(self, call: &Call) -> Result<String, Failure> {
        match self {
            Self::Address => {
                let request = call.context()?.request.as_ref();
                let address = request.and_then(|request| request.ip_address.as_deref());
                let network = address.and_then(network);
                let network = network.ok_or_else(|| Failure::invalid_call("no `ipAddress`"))?;
                Ok(format!("address/{network}"))
            }
            Self::Domain => {
                let domain = call.email_domain();
                let domain = domain.ok_or_else(|| Failure::invalid_call("no e-mail address"))?;
                Ok(format!("domain/{domain}"))
            }
        }
    }
}

/// What an address is counted as. Of IPv6 that is the /64, within which a person has as
/// many addresses as they like; an IPv4 address written as IPv6 is itself.
fn network(address: &str) -> Option<IpAddr> {
    Some(match address.parse::<IpAddr>().ok()?.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address => address,
    })
}

/// Which sign-up of its count a call is, from 1. A call that is repeated is the same one.
fn turn(bucket: &Bucket, event: &str, count: &str) -> Result<i64, Error> {
    let number = |key: &str| {
        let digits = bucket
            .get(key)?
            .and_then(|value| String::from_utf8(value).ok());
        Ok(digits.and_then(|digits| digits.parse().ok()).unwrap_or(0))
    };
    // Under the event stands its owner until it is counted, and its turn from then on.
    let key = format!("event/{event}");
    match bucket.claim(&key, event)? {
        Claim::New => {
            let turn = bucket.increment(count, 1)?;
            bucket.set(&key, turn.to_string())?;
            Ok(turn)
        }
        Claim::Taken => number(&key),
        // Whoever counts it has not finished, or was cut off.
        Claim::Again => number(count),
    }
}

/// What the policy has to say about a call.
///
/// # Errors
///
/// The call does not say what is counted, or has no `eventId`, or the bucket cannot be
/// asked.
pub fn decide(call: Call, rule: Rule) -> Result<Decision, Failure> {
    if call.is_progressive() {
        return Ok(Decision::no_opinion());
    }
    let count = rule.per.count(&call)?;
    let event = call.event_id();
    let event = event.ok_or_else(|| Failure::invalid_call("no `eventId`"))?;
    let turn = turn(&Bucket::open()?, event, &count)?;
    Ok(match turn <= rule.limit {
        true => Decision::allow(),
        false => {
            Decision::deny().reason(format!("sign-up {turn}, and {} are admitted", rule.limit))
        }
    })
}

hookwarden_sdk::export!(registration = decide, settings = Rule);

#[cfg(test)]
mod tests {
    use hookwarden_sdk::key_value::Error;
    use hookwarden_sdk::registration::{Call, Decision};
    use hookwarden_sdk::settings::from_json;
    use hookwarden_sdk::testing::{complete_profile, key_value, sign_up_with};

    use super::{Per, Rule, decide};

    fn from(event: &str, address: &str) -> Call {
        let address_path = "/data/context/request/ipAddress";
        sign_up_with([("/eventId", event), (address_path, address)])
    }

    fn with(event: &str, email: &str) -> Call {
        sign_up_with([("/eventId", event), ("/data/userProfile/email", email)])
    }

    fn is_admitted(call: Call, per: Per, limit: i64) -> bool {
        let decision = decide(call, Rule { per, limit }).expect("a decision");
        !decision.is_denial()
    }

    #[test]
    fn the_sixth_is_denied() {
        let _values = key_value();
        for number in 1..=7 {
            let call = from(&format!("e{number}"), "203.0.113.9");
            let decision = decide(call, Rule::default()).expect("a decision");
            assert_eq!(decision.is_denial(), number > 5, "{number}");
        }
        assert!(is_admitted(from("other", "203.0.113.10"), Per::Address, 5));
    }

    #[test]
    fn a_repeated_call_counts_once_and_is_answered_the_same() {
        let values = key_value();
        let call = |event| from(event, "203.0.113.9");
        for _ in 0..3 {
            assert!(is_admitted(call("one"), Per::Address, 1));
        }
        assert_eq!(values.get("address/203.0.113.9"), Some(b"1".to_vec()));
        for _ in 0..3 {
            assert!(!is_admitted(call("two"), Per::Address, 1));
        }
        assert_eq!(values.get("address/203.0.113.9"), Some(b"2".to_vec()));
        assert!(is_admitted(call("one"), Per::Address, 1));
    }

    #[test]
    fn a_call_that_was_cut_off_before_it_was_counted_does_not_count() {
        let values = key_value();
        values.set("event/one", "one");
        assert!(is_admitted(from("one", "203.0.113.9"), Per::Address, 1));
        assert_eq!(values.get("address/203.0.113.9"), None);
        values.set("address/203.0.113.9", "2");
        assert!(!is_admitted(from("one", "203.0.113.9"), Per::Address, 1));
    }

    #[test]
    fn what_expires_is_forgotten() {
        let values = key_value();
        assert!(is_admitted(from("one", "203.0.113.9"), Per::Address, 1));
        assert!(!is_admitted(from("two", "203.0.113.9"), Per::Address, 1));
        values.expire("address/203.0.113.9");
        assert!(is_admitted(from("three", "203.0.113.9"), Per::Address, 1));
    }

    #[test]
    fn addresses_of_one_network_are_one() {
        for (one, other, is_one) in [
            ("203.0.113.9", "::ffff:203.0.113.9", true),
            ("203.0.113.9", "203.0.113.8", false),
            ("2001:db8::1", "2001:db8::ffff:0:0:1", true),
            ("2001:db8::1", "2001:db8:0:1::1", false),
        ] {
            let _values = key_value();
            assert!(is_admitted(from("one", one), Per::Address, 1));
            let is_second = !is_admitted(from("two", other), Per::Address, 1);
            assert_eq!(is_second, is_one, "{one} {other}");
        }
    }

    #[test]
    fn domains_are_counted_in_any_case() {
        let _values = key_value();
        assert!(is_admitted(with("one", "a@example.com"), Per::Domain, 1));
        assert!(!is_admitted(with("two", "b@EXAMPLE.com"), Per::Domain, 1));
        assert!(is_admitted(with("three", "a@example.org"), Per::Domain, 1));
    }

    #[test]
    fn what_cannot_be_counted_is_a_failure_that_does_not_quote_it() {
        let values = key_value();
        for (per, call) in [
            (Per::Address, from("one", "hunter2")),
            (Per::Domain, with("one", "hunter2")),
        ] {
            let failure = decide(call, Rule { per, limit: 5 }).expect_err("no count");
            assert!(!failure.to_string().contains("hunter2"), "{failure}");
        }
        let json = r#"{"data":{"userProfile":{"email":"a@example.com"}}}"#;
        let unnamed = || Call::from_json(json).expect("a call");
        for per in [Per::Address, Per::Domain] {
            assert!(decide(unnamed(), Rule { per, limit: 5 }).is_err());
        }
        values.fail(Some(Error::Unavailable("locked".to_owned())));
        assert!(decide(from("one", "203.0.113.9"), Rule::default()).is_err());
        drop(values);
        assert!(decide(from("one", "203.0.113.9"), Rule::default()).is_err());
    }

    #[test]
    fn a_profile_that_is_completed_is_not_its_business() {
        let call = complete_profile([("email", "a@example.com")]);
        assert_eq!(decide(call, Rule::default()), Ok(Decision::no_opinion()));
    }

    #[test]
    fn settings_that_cannot_work_are_refused() {
        assert!(from_json::<Rule>(r#"{"per":"domain","limit":1}"#).is_ok());
        for json in [r#"{"limit":0}"#, r#"{"limit":-1}"#, r#"{"per":"person"}"#] {
            assert!(from_json::<Rule>(json).is_err(), "{json}");
        }
    }
}
