//! Gives whoever signs up identifiers: a UUID, a member number, and defaults of other
//! attributes.
//!
//! Both identifiers belong to the call, by its `source` and `eventId`: when Okta repeats
//! it, it is answered the same. A member number is given once, and numbers can be left
//! out.

use std::collections::BTreeMap;

use hookwarden_sdk::Failure;
use hookwarden_sdk::key_value::{Bucket, Claim};
use hookwarden_sdk::registration::{Call, Decision};
use hookwarden_sdk::settings::{Problem, Settings};
use serde::Deserialize;
use serde_json::Value;

use event::Event;

mod event;

/// The key of the count of member numbers.
const COUNT: &str = "count";

/// Which attributes get what.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The attribute that gets a UUID.
    uuid: Option<String>,
    number: Option<Number>,
    /// Values of attributes that the person does not submit.
    #[serde(default)]
    defaults: BTreeMap<String, Value>,
}

/// A member number: text of a prefix and digits.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Number {
    attribute: String,
    #[serde(default)]
    prefix: String,
    /// The least digits, filled up with zeros.
    #[serde(default = "one")]
    width: usize,
    /// The first that is given.
    #[serde(default = "one")]
    first: u32,
}

fn one<N: From<u8>>() -> N {
    1.into()
}

impl Settings for Rule {
    fn check(&self) -> Result<(), Vec<Problem>> {
        let mut problems = Vec::new();
        let number = self.number.as_ref();
        let identifiers = [
            ("uuid".to_owned(), self.uuid.as_ref()),
            (
                "number.attribute".to_owned(),
                number.map(|number| &number.attribute),
            ),
        ];
        let defaults = self.defaults.keys();
        let defaults = defaults.map(|name| (format!("defaults.{name}"), Some(name)));
        let mut seen = Vec::new();
        for (path, name) in identifiers.into_iter().chain(defaults) {
            let Some(name) = name else { continue };
            let problem = match name.trim() {
                "" | "password" => "must name an attribute that can be set",
                name if seen.contains(&name) => "the attribute is set by another setting",
                name => {
                    seen.push(name);
                    continue;
                }
            };
            problems.push(Problem::at(path, problem));
        }
        if problems.is_empty() && seen.is_empty() {
            problems.push(Problem::at(
                "uuid",
                "must be given, or `number`, or `defaults`",
            ));
        }
        if number.is_some_and(|number| !(1..=18).contains(&number.width)) {
            problems.push(Problem::at("number.width", "must be from 1 to 18"));
        }
        for (name, value) in &self.defaults {
            if matches!(value, Value::Null | Value::Array(_) | Value::Object(_)) {
                let message = "must be text, a number or a boolean";
                problems.push(Problem::at(format!("defaults.{name}"), message));
            }
        }
        match problems.as_slice() {
            [] => Ok(()),
            _ => Err(problems),
        }
    }
}

impl Number {
    /// The member number of a call.
    fn of(&self, event: &Event) -> Result<String, Failure> {
        let number = i64::from(self.first).checked_add(place(event)? - 1);
        let number = number.ok_or_else(|| Failure::other("no member number is left"))?;
        Ok(format!(
            "{}{number:0width$}",
            self.prefix,
            width = self.width
        ))
    }
}

/// Which call of those that were given a number this one is, from 1.
fn place(event: &Event) -> Result<i64, Failure> {
    let bucket = Bucket::open()?;
    let key = format!("event/{}", event.uuid());
    let given = || {
        let Some(digits) = bucket.get(&key)? else {
            return Ok(None);
        };
        let digits = String::from_utf8(digits).ok();
        match digits.and_then(|digits| digits.parse::<i64>().ok()) {
            Some(place @ 1..) => Ok(Some(place)),
            _ => Err(Failure::other(format!(
                "`{key}` in the bucket is no number"
            ))),
        }
    };
    if let Some(place) = given()? {
        return Ok(place);
    }
    // Counted before it is claimed: whoever is cut off between leaves a gap, and never a
    // number that two have.
    let place = bucket.increment(COUNT, 1)?;
    match bucket.claim(&key, &place.to_string())? {
        Claim::New | Claim::Again => Ok(place),
        Claim::Taken => given()?.ok_or_else(|| Failure::unavailable("the number has expired")),
    }
}

/// What the policy has to say about a call.
///
/// # Errors
///
/// An identifier is wanted and the call has no `eventId`, or the bucket cannot be asked.
pub fn decide(call: Call, rule: Rule) -> Result<Decision, Failure> {
    if call.is_progressive() {
        return Ok(Decision::no_opinion());
    }
    let mut decision = Decision::allow();
    for (attribute, value) in rule.defaults {
        if call.attribute(&attribute).is_none() {
            decision = decision.and_set(attribute, value);
        }
    }
    if let Some(attribute) = rule.uuid {
        decision = decision.and_set(attribute, Event::of(&call)?.uuid());
    }
    if let Some(number) = rule.number {
        let value = number.of(&Event::of(&call)?)?;
        decision = decision.and_set(number.attribute, value);
    }
    Ok(decision)
}

hookwarden_sdk::export!(registration = decide, settings = Rule);

#[cfg(test)]
mod tests {
    use hookwarden_sdk::key_value::Error;
    use hookwarden_sdk::registration::{Call, Decision};
    use hookwarden_sdk::settings::from_json;
    use hookwarden_sdk::testing::{complete_profile, key_value, sign_up, sign_up_with};

    use super::{Rule, decide};

    const NUMBER: &str =
        r#"{"number":{"attribute":"memberNumber","prefix":"M-","width":6,"first":100}}"#;

    fn rule(settings: &str) -> Rule {
        from_json(settings).unwrap_or_else(|problems| panic!("{problems:?}"))
    }

    fn call(event: &str) -> Call {
        sign_up_with([("/eventId", event)])
    }

    fn number(event: &str) -> Decision {
        decide(call(event), rule(NUMBER)).expect("a decision")
    }

    fn has_number(number: &str) -> Decision {
        Decision::set("memberNumber", number)
    }

    #[test]
    fn every_call_has_a_number_of_its_own_and_keeps_it() {
        let _values = key_value();
        assert_eq!(number("one"), has_number("M-000100"));
        assert_eq!(number("two"), has_number("M-000101"));
        assert_eq!(number("one"), has_number("M-000100"));
        assert_eq!(number("three"), has_number("M-000102"));
    }

    #[test]
    fn a_call_that_is_repeated_at_once_has_one_number() {
        let values = key_value();
        let key = format!(
            "event/{}",
            super::Event::of(&call("one")).expect("an event").uuid()
        );
        values.overtake(key, "7");
        assert_eq!(number("one"), has_number("M-000106"));
        assert_eq!(number("one"), has_number("M-000106"));
        assert_eq!(values.get("count"), Some(b"1".to_vec()));
    }

    #[test]
    fn a_number_with_more_digits_is_longer() {
        let values = key_value();
        values.set("count", "99");
        let settings = r#"{"number":{"attribute":"n","width":2}}"#;
        let decision = decide(call("one"), rule(settings));
        assert_eq!(decision, Ok(Decision::set("n", "100")));
    }

    #[test]
    fn the_last_number_is_followed_by_a_failure() {
        let values = key_value();
        values.set("count", (i64::MAX - 1).to_string());
        assert!(decide(call("one"), rule(NUMBER)).is_err());
        assert!(decide(call("two"), rule(NUMBER)).is_err());
    }

    #[test]
    fn a_uuid_belongs_to_the_event_and_its_source() {
        let rule = || rule(r#"{"uuid":"theKeyGuid"}"#);
        let one = decide(call("one"), rule());
        assert_eq!(decide(call("one"), rule()), one);
        assert_ne!(decide(call("two"), rule()), one);
        let other = sign_up_with([("/eventId", "one"), ("/source", "other")]);
        assert_ne!(decide(other, rule()), one);
    }

    #[test]
    fn what_is_submitted_keeps_its_value_and_booleans_stay_booleans() {
        let settings = r#"{"defaults":{"orca":false,"level":7,"firstName":"Nobody"}}"#;
        let expected = Decision::set("level", 7).and_set("orca", false);
        assert_eq!(decide(call("one"), rule(settings)), Ok(expected));
        let submitted = sign_up([("orca", true)]);
        let rule = rule(r#"{"defaults":{"orca":false}}"#);
        assert_eq!(decide(submitted, rule), Ok(Decision::allow()));
    }

    #[test]
    fn what_is_submitted_is_no_identifier() {
        let _values = key_value();
        let submitted = sign_up_with([("/data/userProfile/memberNumber", "M-1")]);
        assert_eq!(decide(submitted, rule(NUMBER)), Ok(has_number("M-000100")));
    }

    #[test]
    fn without_an_event_id_there_is_no_identifier() {
        let values = key_value();
        for settings in [NUMBER, r#"{"uuid":"theKeyGuid"}"#] {
            let call = Call::from_json(r#"{"data":{"userProfile":{}}}"#).expect("a call");
            let failure = decide(call, rule(settings)).expect_err("no event");
            assert_eq!(failure.to_string(), "invalid call: no `eventId`");
        }
        assert_eq!(values.keys(), Vec::<String>::new());
    }

    #[test]
    fn a_bucket_that_cannot_be_asked_is_a_failure() {
        let values = key_value();
        values.set("count", "hunter2");
        assert!(decide(call("one"), rule(NUMBER)).is_err());
        values.fail(Some(Error::Unavailable("locked".to_owned())));
        assert!(decide(call("one"), rule(NUMBER)).is_err());
        drop(values);
        assert!(decide(call("one"), rule(NUMBER)).is_err());
    }

    #[test]
    fn a_profile_that_is_completed_is_not_its_business() {
        let call = complete_profile([("memberNumber", "M-1")]);
        assert_eq!(decide(call, rule(NUMBER)), Ok(Decision::no_opinion()));
    }

    #[test]
    fn settings_that_cannot_work_are_refused() {
        for (settings, path) in [
            ("{}", "uuid"),
            (r#"{"uuid":" "}"#, "uuid"),
            (r#"{"uuid":"password"}"#, "uuid"),
            (
                r#"{"uuid":"a","number":{"attribute":"a"}}"#,
                "number.attribute",
            ),
            (r#"{"uuid":"a","defaults":{"a":1}}"#, "defaults.a"),
            (r#"{"number":{"attribute":"a","width":0}}"#, "number.width"),
            (r#"{"number":{"attribute":"a","width":19}}"#, "number.width"),
            (r#"{"number":{"attribute":"a","first":-1}}"#, "number.first"),
            (r#"{"defaults":{"a":[1]}}"#, "defaults.a"),
            (r#"{"defaults":{"password":"a"}}"#, "defaults.password"),
        ] {
            let problems = from_json::<Rule>(settings).err().expect(settings);
            let expected = format!("path: {path:?}");
            assert!(format!("{problems:?}").contains(&expected), "{problems:?}");
        }
    }
}
