//! Denies registrations whose country and e-mail domain disagree, with a message at the
//! country.
//!
//! Which countries a domain suffix stands for is in the settings; the longest suffix
//! counts, and a domain with none is let through. So is whoever names no country or no
//! address. In a profile that is completed, what is not among the changes is taken from
//! the user as they are so far.

use std::collections::BTreeMap;

use hookwarden_sdk::registration::{Call, Cause, Decision};
use hookwarden_sdk::settings::{Problem, Settings};
use hookwarden_sdk::{Attributes, Failure, email};
use serde::Deserialize;

/// Which domains stand for which countries.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// By domain suffix, such as `uk` or `co.uk`.
    countries: BTreeMap<String, Vec<String>>,
    /// The attribute with the country.
    #[serde(default = "attribute")]
    attribute: String,
    /// What the person reads.
    #[serde(default = "message")]
    message: String,
}

fn attribute() -> String {
    "countryCode".to_owned()
}

fn message() -> String {
    "This country does not match your e-mail address.".to_owned()
}

impl Settings for Rule {
    fn check(&self) -> Result<(), Vec<Problem>> {
        let mut problems = Vec::new();
        if self.countries.is_empty() {
            problems.push(Problem::at("countries", "must name one suffix at least"));
        }
        let mut seen = Vec::new();
        for (suffix, countries) in &self.countries {
            let path = format!("countries.{suffix}");
            match email::normalize_domain(suffix) {
                None => {
                    let message = format!("`{suffix}` is not a suffix such as `uk` or `co.uk`");
                    problems.push(Problem::at(&path, message));
                }
                Some(same) if seen.contains(&same) => {
                    problems.push(Problem::at(&path, format!("`{same}` is there twice")));
                }
                Some(new) => seen.push(new),
            }
            if countries.is_empty() {
                problems.push(Problem::at(&path, "must name one country at least"));
            }
            for (index, country) in countries.iter().enumerate() {
                if country.trim() != country || country.is_empty() {
                    let message = format!("`{country}` is not a country such as `GB`");
                    problems.push(Problem::at(format!("{path}[{index}]"), message));
                }
            }
        }
        if self.attribute.is_empty() {
            problems.push(Problem::at("attribute", "an attribute must have a name"));
        }
        match problems.as_slice() {
            [] => Ok(()),
            _ => Err(problems),
        }
    }
}

impl Rule {
    /// The countries of the longest suffix that a domain has; `None` if it has none.
    fn countries_of(&self, domain: &str) -> Option<&[String]> {
        let known = self.countries.iter();
        let known = known.filter(|(suffix, _)| is_at_or_below(domain, suffix));
        let (_, countries) = known.max_by_key(|(suffix, _)| suffix.len())?;
        Some(countries)
    }
}

/// Whether a domain, as [`email::domain`] has it, is a suffix or below it.
fn is_at_or_below(domain: &str, suffix: &str) -> bool {
    let suffix = email::normalize_domain(suffix);
    let below = suffix.and_then(|suffix| domain.strip_suffix(&suffix));
    below.is_some_and(|below| below.is_empty() || below.ends_with('.'))
}

/// The e-mail address among attributes, or the login where there is none.
fn address(attributes: &Attributes) -> Option<&str> {
    match attributes.has("email") {
        true => attributes.text("email"),
        false => attributes.text("login"),
    }
}

/// A text that is not blank.
fn country<'a>(attributes: &'a Attributes, attribute: &str) -> Option<&'a str> {
    let text = attributes.text(attribute)?.trim();
    Some(text).filter(|text| !text.is_empty())
}

/// What the policy has to say about a call.
///
/// # Errors
///
/// A profile is completed, and the user as they are so far does not have Okta's form.
pub fn decide(call: Call, rule: Rule) -> Result<Decision, Failure> {
    let submitted = call.submitted();
    let mut email = address(submitted);
    let mut of = country(submitted, &rule.attribute);
    if call.is_progressive() && email.is_some() != of.is_some() {
        let profile = call.user()?.and_then(|user| user.profile());
        email = email.or_else(|| profile.and_then(address));
        of = of.or_else(|| profile.and_then(|profile| country(profile, &rule.attribute)));
    }
    let (Some(domain), Some(of)) = (email.and_then(email::domain), of) else {
        return Ok(Decision::no_opinion());
    };
    Ok(match rule.countries_of(&domain) {
        None => Decision::no_opinion(),
        Some(countries) if countries.iter().any(|one| one.eq_ignore_ascii_case(of)) => {
            Decision::allow()
        }
        Some(_) => {
            let cause = Cause::at(rule.attribute, rule.message).code("COUNTRY_MISMATCH");
            Decision::deny_fields([cause]).reason("country and e-mail domain disagree")
        }
    })
}

hookwarden_sdk::export!(registration = decide, settings = Rule);

#[cfg(test)]
mod tests {
    use hookwarden_sdk::registration::{Call, Cause, Decision};
    use hookwarden_sdk::settings::from_json;
    use hookwarden_sdk::testing::{classic_sign_up, complete_profile, sign_up};

    use super::{Rule, decide};

    const SETTINGS: &str =
        r#"{"countries":{"DE":["DE"],"uk":["GB","IM"],"gov.uk":["GB"],"example":["XX"]}}"#;

    fn decide_by(settings: &str, call: Call) -> Decision {
        let rule = from_json::<Rule>(settings).unwrap_or_else(|problems| panic!("{problems:?}"));
        decide(call, rule).expect("a decision")
    }

    fn person(email: &'static str, country: &'static str) -> Call {
        sign_up([("email", email), ("countryCode", country)])
    }

    fn denied() -> Decision {
        let message = "This country does not match your e-mail address.";
        let cause = Cause::at("countryCode", message).code("COUNTRY_MISMATCH");
        Decision::deny_fields([cause]).reason("country and e-mail domain disagree")
    }

    #[test]
    fn a_country_of_the_suffix_is_admitted_in_any_case() {
        for (email, country) in [
            ("a@shop.de", "DE"),
            ("a@SHOP.De", "de"),
            ("a@a.b.shop.de", " DE "),
            ("a@shop.co.uk", "IM"),
            ("a@gov.uk", "GB"),
        ] {
            let decision = decide_by(SETTINGS, person(email, country));
            assert_eq!(decision, Decision::allow(), "{email} {country}");
        }
    }

    #[test]
    fn another_country_is_denied_at_the_country() {
        for (email, country) in [
            ("a@shop.de", "AT"),
            ("a@shop.co.uk", "DE"),
            ("a@shop.de", "DEU"),
            ("a@shop.de", "D\u{395}"),
            (r#""a@shop.com"@shop.de"#, "US"),
        ] {
            let decision = decide_by(SETTINGS, person(email, country));
            assert_eq!(decision, denied(), "{email} {country}");
            let call = classic_sign_up([("email", email), ("countryCode", country)]);
            assert_eq!(decide_by(SETTINGS, call), denied(), "{email} {country}");
        }
    }

    #[test]
    fn the_longest_suffix_counts() {
        for email in ["a@gov.uk", "a@office.gov.uk"] {
            assert_eq!(decide_by(SETTINGS, person(email, "IM")), denied());
        }
        let decision = decide_by(SETTINGS, person("a@notgov.uk", "IM"));
        assert_eq!(decision, Decision::allow());
    }

    #[test]
    fn an_unknown_suffix_is_let_through() {
        for email in [
            "a@shop.com",
            "a@shop.de.com",
            "a@shop.xde",
            "a@de.shop",
            "nobody",
        ] {
            let decision = decide_by(SETTINGS, person(email, "XX"));
            assert_eq!(decision, Decision::no_opinion(), "{email}");
        }
    }

    #[test]
    fn whoever_names_no_country_or_no_address_is_let_through() {
        for call in [
            sign_up([("email", "a@shop.de")]),
            sign_up([("countryCode", "AT")]),
            person("a@shop.de", " "),
            person("", "AT"),
            sign_up([("login", "rosario"), ("countryCode", "AT")]),
        ] {
            assert_eq!(decide_by(SETTINGS, call), Decision::no_opinion());
        }
    }

    #[test]
    fn the_login_counts_where_there_is_no_address() {
        let call = sign_up([("login", "a@shop.de"), ("countryCode", "AT")]);
        assert_eq!(decide_by(SETTINGS, call), denied());
    }

    #[test]
    fn what_a_profile_keeps_is_that_of_the_user_so_far() {
        // The user's login is an address at `example.com`.
        let call = || complete_profile([("countryCode", "AT")]);
        assert_eq!(decide_by(SETTINGS, call()), Decision::no_opinion());
        let com = r#"{"countries":{"com":["US"]}}"#;
        assert_eq!(decide_by(com, call()), denied());
        let call = complete_profile([("email", "a@shop.de"), ("countryCode", "AT")]);
        assert_eq!(decide_by(SETTINGS, call), denied());
        let call = complete_profile([("email", "a@shop.de")]);
        assert_eq!(decide_by(SETTINGS, call), Decision::no_opinion());
        let call = complete_profile([("employeeNumber", "1234")]);
        assert_eq!(decide_by(com, call), Decision::no_opinion());
    }

    #[test]
    fn a_user_in_another_form_is_a_failure_where_it_is_asked_for() {
        let call = |update: &str| {
            Call::from_json(format!(
                r#"{{"requestType":"progressive.profile","data":{{"context":{{"user":7}},
                     "userProfileUpdate":{update}}}}}"#
            ))
        };
        let rule = || from_json::<Rule>(SETTINGS).expect("settings");
        let asked = call(r#"{"countryCode":"AT"}"#).expect("a call");
        assert!(decide(asked, rule()).is_err());
        let not_asked = call("{}").expect("a call");
        assert_eq!(decide(not_asked, rule()), Ok(Decision::no_opinion()));
    }

    #[test]
    fn attribute_and_message_are_settings() {
        let settings = r#"{"countries":{"de":["Germany"]},"attribute":"country","message":"No."}"#;
        let call = |country| sign_up([("email", "a@shop.de"), ("country", country)]);
        assert_eq!(decide_by(settings, call("germany")), Decision::allow());
        let cause = Cause::at("country", "No.").code("COUNTRY_MISMATCH");
        let denial = Decision::deny_fields([cause]).reason("country and e-mail domain disagree");
        assert_eq!(decide_by(settings, call("DE")), denial);
    }

    #[test]
    fn settings_that_could_not_be_meant_are_refused() {
        for (settings, path) in [
            (r#"{"countries":{}}"#, "countries"),
            (r#"{"countries":{".de":["DE"]}}"#, "countries..de"),
            (r#"{"countries":{"":["DE"]}}"#, "countries."),
            (r#"{"countries":{"DE":["DE"],"de":["AT"]}}"#, "countries.de"),
            (r#"{"countries":{"de":[]}}"#, "countries.de"),
            (r#"{"countries":{"de":["DE",""]}}"#, "countries.de[1]"),
            (r#"{"countries":{"de":[" DE"]}}"#, "countries.de[0]"),
            (r#"{"countries":{"de":"DE"}}"#, "countries.de"),
            (r#"{"countries":{"de":["DE"]},"attribute":""}"#, "attribute"),
            ("{}", ""),
        ] {
            let problems = from_json::<Rule>(settings).err().expect(settings);
            let path = format!("path: {path:?}");
            assert!(format!("{problems:?}").contains(&path), "{problems:?}");
        }
    }
}
