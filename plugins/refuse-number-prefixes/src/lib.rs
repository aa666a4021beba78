//! Refuses one-time codes to phone numbers with certain prefixes, such as those of
//! premium numbers, and leaves all others to whoever delivers.

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
        if self.prefixes.is_empty() {
            return Err(vec![Problem::at(
                "prefixes",
                "must name one prefix at least",
            )]);
        }
        let mut problems = Vec::new();
        for (index, prefix) in self.prefixes.iter().enumerate() {
            if !prefix.starts_with('+') || digits(prefix).is_none() {
                let message = "must be `+`, the country code and what follows, such as `+1900`";
                problems.push(Problem::at(format!("prefixes[{index}]"), message));
            }
        }
        match problems.as_slice() {
            [] => Ok(()),
            _ => Err(problems),
        }
    }
}

/// The digits of a number, the country code first, without what is written between
/// them; `None` if it is no number. Okta sends numbers with `+` (E.164); one without
/// is taken for the same, and so is one with the `00` that many dial for it.
fn digits(number: &str) -> Option<String> {
    let number = number.trim();
    let dialled = number.strip_prefix('+').or(number.strip_prefix("00"));
    let is_between = |c: &char| [' ', '-', '.', '(', ')'].contains(c);
    let digits = dialled.unwrap_or(number).chars();
    let digits: String = digits.filter(|c| !is_between(c)).collect();
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(digits)
}

/// What the policy has to say about a call.
///
/// # Errors
///
/// The call has no phone number, or one that is not made of digits.
pub fn decide(call: Call, rule: Rule) -> Result<Decision, Failure> {
    let number = call.message().phone_number().and_then(digits);
    let number = number.ok_or_else(|| Failure::invalid_call("no phone number of digits"))?;
    let mut prefixes = rule.prefixes.iter();
    let refused = prefixes.find(|prefix| {
        let prefix = digits(prefix);
        prefix.is_some_and(|prefix| number.starts_with(&prefix))
    });
    Ok(match refused {
        Some(prefix) => Decision::failed().reason(format!("begins with {prefix}")),
        None => Decision::no_opinion(),
    })
}

hookwarden_sdk::export!(telephony = decide, settings = Rule);

#[cfg(test)]
mod tests {
    use hookwarden_sdk::settings::from_json;
    use hookwarden_sdk::telephony::{Call, Decision};
    use hookwarden_sdk::testing::{telephony, telephony_by_voice};

    use super::{Rule, decide};

    fn rule() -> Rule {
        from_json(r#"{"prefixes":["+1900","+979"]}"#).expect("settings")
    }

    fn decide_about(number: &str) -> Decision {
        decide(telephony(number, "012345"), rule()).expect("a decision")
    }

    #[test]
    fn numbers_with_a_prefix_are_refused_however_they_are_written() {
        for number in [
            "+19005550100",
            "19005550100",
            "0019005550100",
            "+1 (900) 555-0100",
            " +1.900.555.0100 ",
        ] {
            let refused = Decision::failed().reason("begins with +1900");
            assert_eq!(decide_about(number), refused, "{number}");
        }
        let call = telephony_by_voice("+97912345678", "012345");
        let refused = Decision::failed().reason("begins with +979");
        assert_eq!(decide(call, rule()), Ok(refused));
        let call = Call::from_json(r#"{"data":{"messageProfile":{"phoneNumber":19005550100}}}"#);
        let decision = decide(call.expect("a call"), rule()).expect("a decision");
        assert_ne!(decision, Decision::no_opinion());
    }

    #[test]
    fn all_others_are_left_to_whoever_delivers() {
        for number in ["+14155550100", "+190", "+4919005550100", "+9"] {
            assert_eq!(decide_about(number), Decision::no_opinion(), "{number}");
        }
    }

    #[test]
    fn what_is_no_number_is_a_failure_that_does_not_quote_it() {
        for number in ["", "+", "00", "hunter2", "+1900x", "\u{661}\u{669}00"] {
            let failure = decide(telephony(number, "012345"), rule()).expect_err(number);
            assert!(!failure.to_string().contains("hunter2"), "{failure}");
        }
        let call = Call::from_json(r#"{"data":{"messageProfile":{}}}"#).expect("a call");
        assert!(decide(call, rule()).is_err());
    }

    #[test]
    fn a_prefix_has_a_country_code() {
        for prefixes in [
            "[]",
            r#"[""]"#,
            r#"["+"]"#,
            r#"["1900"]"#,
            r#"["001900"]"#,
            r#"["+1900","x"]"#,
        ] {
            let json = format!(r#"{{"prefixes":{prefixes}}}"#);
            assert!(from_json::<Rule>(&json).is_err(), "{prefixes}");
        }
        assert!(from_json::<Rule>("{}").is_err());
        assert!(from_json::<Rule>(r#"{"prefixes":["+1 900"]}"#).is_ok());
    }
}
