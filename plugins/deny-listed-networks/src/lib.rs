//! Denies people who come from listed networks.
//!
//! It asks about everybody, whether they sign up or complete a profile. The text of a
//! denial names no field and no reason, unless the settings have another.

use std::net::IpAddr;

use hookwarden_sdk::Failure;
#[cfg(any(test, feature = "dataset"))]
use hookwarden_sdk::dataset;
use hookwarden_sdk::registration::{Call, Cause, Decision};
use hookwarden_sdk::settings::{Problem, Settings};
use ipnet::IpNet;
use serde::Deserialize;

/// Which networks are denied.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    networks: Networks,
    /// What the person reads. Empty for Okta's own text.
    #[serde(default)]
    message: String,
}

/// Where the networks stand.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "must be a list of networks or, with the feature `dataset`, `{ dataset = \"name\" }`"
)]
enum Networks {
    Listed(Vec<String>),
    /// Only with the feature: whatever names a dataset asks for one, and a policy that is
    /// granted none is not loaded.
    #[cfg(any(test, feature = "dataset"))]
    Dataset(dataset::Named),
}

/// The network that a text is: an address, or one with the length of a prefix. One of
/// IPv4 that is written as IPv6 is none, because addresses are compared as IPv4.
fn network(text: &str) -> Option<IpNet> {
    let Some((base, prefix)) = text.split_once('/') else {
        return Some(text.parse::<IpAddr>().ok()?.to_canonical().into());
    };
    let base: IpAddr = base.parse().ok()?;
    let network = IpNet::new(base, prefix.parse().ok()?).ok()?;
    (base == base.to_canonical()).then_some(network)
}

/// What is wrong with a list of networks.
fn problems(networks: &[String]) -> Vec<Problem> {
    let mut problems = Vec::new();
    if networks.is_empty() {
        problems.push(Problem::at("networks", "must name one network at least"));
    }
    for (index, text) in networks.iter().enumerate() {
        if network(text).is_none() {
            let message = format!("`{text}` is not a network such as `192.0.2.0/24`");
            problems.push(Problem::at(format!("networks[{index}]"), message));
        }
    }
    problems
}

impl Settings for Rule {
    fn check(&self) -> Result<(), Vec<Problem>> {
        let problems = match &self.networks {
            Networks::Listed(networks) => problems(networks),
            #[cfg(any(test, feature = "dataset"))]
            Networks::Dataset(_) => Vec::new(),
        };
        match problems.as_slice() {
            [] => Ok(()),
            _ => Err(problems),
        }
    }
}

impl Rule {
    fn lists(&self, address: IpAddr) -> Result<bool, Failure> {
        match &self.networks {
            Networks::Listed(networks) => {
                let mut networks = networks.iter().filter_map(|text| network(text));
                Ok(networks.any(|network| network.contains(&address)))
            }
            #[cfg(any(test, feature = "dataset"))]
            Networks::Dataset(networks) => Ok(networks.contains(&address.to_string())?),
        }
    }
}

/// Where the person comes from. An IPv4 address that is written as IPv6 is itself.
fn address(call: &Call) -> Result<IpAddr, Failure> {
    let request = call.context()?.request.as_ref();
    let address = request.and_then(|request| request.ip_address.as_deref());
    let address = address.and_then(|address| address.parse::<IpAddr>().ok());
    let address = address.ok_or_else(|| Failure::invalid_call("no `ipAddress`"))?;
    Ok(address.to_canonical())
}

/// What the policy has to say about a call.
///
/// # Errors
///
/// The call does not say where the person comes from, or the networks are in a dataset
/// and it cannot be asked.
pub fn decide(call: Call, rule: Rule) -> Result<Decision, Failure> {
    Ok(match rule.lists(address(&call)?)? {
        true => Decision::deny_fields([Cause::unlocated(rule.message)]).reason("a listed network"),
        false => Decision::allow(),
    })
}

hookwarden_sdk::export!(registration = decide, settings = Rule);

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use hookwarden_sdk::registration::{Call, Cause, Decision};
    use hookwarden_sdk::settings::from_json;
    use hookwarden_sdk::testing::{Dataset, complete_profile, dataset, sign_up_with};

    use super::{Rule, decide, network};

    const LISTED: &str = r#"{"networks":["203.0.113.0/24","198.51.100.7","2001:db8::/32"]}"#;

    fn from(address: &str) -> Call {
        sign_up_with([("/data/context/request/ipAddress", address)])
    }

    fn rule(settings: &str) -> Rule {
        from_json(settings).unwrap_or_else(|problems| panic!("{problems:?}"))
    }

    /// Whether a person from this address is taken for one of a listed network.
    fn is_listed(settings: &str, address: &str) -> bool {
        let decision = decide(from(address), rule(settings)).expect("a decision");
        decision.is_denial()
    }

    #[test]
    fn an_address_is_in_a_network_or_is_not() {
        for (address, expected) in [
            ("203.0.113.9", true),
            ("203.0.113.255", true),
            ("203.0.112.255", false),
            ("203.0.114.0", false),
            ("198.51.100.7", true),
            ("198.51.100.8", false),
            ("::ffff:203.0.113.9", true),
            ("::ffff:203.0.114.9", false),
            ("2001:db8::1", true),
            ("2001:DB8:ffff::", true),
            ("2001:db9::1", false),
            // Ends with the bits of 203.0.113.9, and is another address.
            ("::203.0.113.9", false),
        ] {
            assert_eq!(is_listed(LISTED, address), expected, "{address}");
        }
    }

    #[test]
    fn networks_of_one_family_have_no_address_of_the_other() {
        for (networks, v4, v6) in [("0.0.0.0/0", true, false), ("::/0", false, true)] {
            let settings = format!(r#"{{"networks":["{networks}"]}}"#);
            assert_eq!(is_listed(&settings, "192.0.2.1"), v4);
            assert_eq!(is_listed(&settings, "::ffff:192.0.2.1"), v4);
            assert_eq!(is_listed(&settings, "2001:db8::1"), v6);
        }
    }

    #[test]
    fn a_denial_tells_nothing_unless_the_settings_have_a_text() {
        let denial = decide(from("203.0.113.9"), rule(LISTED));
        let cause = Cause::unlocated("");
        let expected = Decision::deny_fields([cause]).reason("a listed network");
        assert_eq!(denial, Ok(expected));
        let settings = LISTED.replacen('{', r#"{"message":"Call us.","#, 1);
        let denial = decide(from("203.0.113.9"), rule(&settings));
        let cause = Cause::unlocated("Call us.");
        let expected = Decision::deny_fields([cause]).reason("a listed network");
        assert_eq!(denial, Ok(expected));
    }

    #[test]
    fn a_profile_that_is_completed_is_its_business_too() {
        // The made-up call comes from 192.0.2.1.
        let call = || complete_profile([("employeeNumber", "1234")]);
        for (network, expected) in [("192.0.2.0/24", true), ("192.0.3.0/24", false)] {
            let settings = format!(r#"{{"networks":["{network}"]}}"#);
            let decision = decide(call(), rule(&settings)).expect("a decision");
            assert_eq!(decision.is_denial(), expected, "{network}");
        }
    }

    #[test]
    fn without_an_address_nothing_is_decided() {
        for address in ["", "hunter2", "203.0.113.9:80", "203.0.113.9, 192.0.2.1"] {
            let failure = decide(from(address), rule(LISTED)).expect_err("no address");
            assert_eq!(failure.to_string(), "invalid call: no `ipAddress`");
        }
        for json in [
            r#"{"data":{"userProfile":{}}}"#,
            r#"{"data":{"context":{"request":{"ipAddress":7}},"userProfile":{}}}"#,
        ] {
            let call = Call::from_json(json).expect("a call");
            assert!(decide(call, rule(LISTED)).is_err(), "{json}");
        }
    }

    #[test]
    fn the_networks_can_be_in_a_dataset() {
        let settings = r#"{"networks":{"dataset":"networks"}}"#;
        assert!(decide(from("203.0.113.9"), rule(settings)).is_err());
        let in_network = |entry: &str, value: &str| {
            let address: IpAddr = value.parse().expect("an address");
            network(entry).is_some_and(|network| network.contains(&address))
        };
        let networks = Dataset::list(["203.0.113.0/24", "2001:db8::/32"]).matching(in_network);
        let _networks = dataset("networks", networks);
        for (address, expected) in [
            ("203.0.113.9", true),
            ("::ffff:203.0.113.9", true),
            ("203.0.114.9", false),
            ("2001:DB8::1", true),
        ] {
            assert_eq!(is_listed(settings, address), expected, "{address}");
        }
        let _unread = dataset("networks", Dataset::unread());
        assert!(decide(from("203.0.113.9"), rule(settings)).is_err());
    }

    #[test]
    fn settings_that_could_not_be_meant_are_refused() {
        for text in [
            "",
            "/8",
            "10.0.0.0/",
            "10.0.0.0/33",
            "10.0.0.0/255.0.0.0",
            "010.0.0.0/8",
            "10.0.0",
            "::ffff:192.0.2.0/120",
            "2001:db8::/129",
            "example.com",
        ] {
            let settings = format!(r#"{{"networks":["10.0.0.0/8","{text}"]}}"#);
            let problems = from_json::<Rule>(&settings).err().expect(text);
            let problems = format!("{problems:?}");
            assert!(problems.contains(r#"path: "networks[1]""#), "{problems}");
        }
        for settings in [r#"{"networks":[]}"#, r#"{"networks":"10.0.0.0/8"}"#, "{}"] {
            assert!(from_json::<Rule>(settings).is_err(), "{settings}");
        }
        assert!(from_json::<Rule>(r#"{"networks":["::ffff:192.0.2.1"]}"#).is_ok());
    }
}
