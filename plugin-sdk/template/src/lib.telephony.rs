//! Refuses one-time codes to phone numbers with certain prefixes, and leaves all others to
//! whoever delivers.

use hookwarden_sdk::Failure;
use hookwarden_sdk::settings::{Problem, Settings};
use hookwarden_sdk::telephony::{Call, Decision};
use serde::Deserialize;

/// Which numbers are refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// With the country code: `+1900`.
    prefixes: Vec<String>,
}

impl Settings for Rule {
    fn check(&self) -> Result<(), Vec<Problem>> {
        let wrong = |(index, prefix): (usize, &String)| {
            let message = "must be `+`, the country code and what follows, such as `+1900`";
            let is_prefix = prefix.starts_with('+') && !digits(prefix).is_empty();
            (!is_prefix).then(|| Problem::at(format!("prefixes[{index}]"), message))
        };
        let problems: Vec<_> = self.prefixes.iter().enumerate().filter_map(wrong).collect();
        match problems.as_slice() {
            [] => Ok(()),
            _ => Err(problems),
        }
    }
}

/// A number without what is written between its digits.
fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

/// What the policy has to say about a call.
///
/// # Errors
///
/// The call has no phone number.
pub fn decide(call: Call, rule: Rule) -> Result<Decision, Failure> {
    let number = call.message().phone_number().map(digits);
    let number = number.filter(|number| !number.is_empty());
    let number = number.ok_or_else(|| Failure::invalid_call("no phone number"))?;
    let mut prefixes = rule.prefixes.iter();
    Ok(
        if prefixes.any(|prefix| number.starts_with(&digits(prefix))) {
            Decision::failed().reason("a refused prefix")
        } else {
            Decision::no_opinion()
        },
    )
}

hookwarden_sdk::export!(telephony = decide, settings = Rule);

#[cfg(test)]
mod tests {
    use hookwarden_sdk::Failure;
    use hookwarden_sdk::settings::from_json;
    use hookwarden_sdk::telephony::Decision;
    use hookwarden_sdk::testing::telephony;

    use super::{Rule, decide};

    fn decide_for(number: &str) -> Result<Decision, Failure> {
        let rule = from_json(r#"{"prefixes": ["+1900"]}"#);
        decide(telephony(number, "123456"), rule.expect("settings"))
    }

    #[test]
    fn numbers_with_a_prefix_are_refused() {
        for number in ["+19005550100", "+1 900 555-0100", "1 (900) 555-0100"] {
            let refused = Decision::failed().reason("a refused prefix");
            assert_eq!(decide_for(number), Ok(refused), "{number}");
        }
    }

    #[test]
    fn others_are_not_its_business() {
        assert_eq!(decide_for("+12025550100"), Ok(Decision::no_opinion()));
    }

    #[test]
    fn without_a_number_nothing_is_decided() {
        assert!(decide_for("").is_err());
    }

    #[test]
    fn a_prefix_has_a_country_code() {
        for prefix in ["1900", "+", ""] {
            let rule = format!(r#"{{"prefixes": ["{prefix}"]}}"#);
            assert!(from_json::<Rule>(&rule).is_err(), "{prefix}");
        }
    }
}
