//! Completes the profile of a person who signs up from their record in a CRM, and denies
//! whom the CRM does not know.
//!
//! The CRM is asked by e-mail address. What it does not answer as expected is a failure,
//! never a denial.

use std::collections::{BTreeMap, BTreeSet};

use hookwarden_sdk::http::{Request, Url};
use hookwarden_sdk::registration::{Call, Cause, Decision};
use hookwarden_sdk::settings::{Problem, Settings};
use hookwarden_sdk::{Failure, secrets};
use serde::Deserialize;
use serde_json::Value;

/// Where the records are, and what of them is set.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Asked with the parameter `email`.
    url: Url,
    token: secrets::Named,
    /// Members of a record, each with the attribute that it is set as.
    attributes: BTreeMap<String, String>,
    /// What the person reads whom the CRM does not know.
    #[serde(default = "message")]
    message: String,
}

fn message() -> String {
    "This e-mail address is not known.".to_owned()
}

impl Settings for Rule {
    fn check(&self) -> Result<(), Vec<Problem>> {
        let mut problems = Vec::new();
        if self.attributes.is_empty() {
            problems.push(Problem::at("attributes", "must name one member at least"));
        }
        let mut seen = BTreeSet::new();
        for (member, attribute) in &self.attributes {
            let problem = match attribute.trim() {
                "" | "password" => "must name an attribute that can be set",
                name if !seen.insert(name) => "names an attribute that another member names",
                _ => continue,
            };
            problems.push(Problem::at(format!("attributes.{member}"), problem));
        }
        match problems.as_slice() {
            [] => Ok(()),
            _ => Err(problems),
        }
    }
}

impl Rule {
    fn unknown(&self) -> Decision {
        Decision::deny_fields([Cause::at("email", &self.message).code("NOT_FOUND")])
    }

    /// Sets what the record has: text, numbers and booleans.
    fn prefilled(&self, record: &BTreeMap<String, Value>) -> Decision {
        let mut decision = Decision::allow();
        for (member, attribute) in &self.attributes {
            if let Some(value @ (Value::String(_) | Value::Number(_) | Value::Bool(_))) =
                record.get(member)
            {
                decision = decision.and_set(attribute, value.clone());
            }
        }
        decision
    }
}

/// What the policy has to say about a call.
///
/// # Errors
///
/// The CRM does not answer, or neither with a record nor that there is none.
pub fn decide(call: Call, rule: Rule) -> Result<Decision, Failure> {
    if call.is_progressive() {
        return Ok(Decision::no_opinion());
    }
    let Some(address) = call.email() else {
        return Ok(rule.unknown().reason("no e-mail address"));
    };
    let answer = Request::get(&rule.url)
        .query("email", address)
        .header("accept", "application/json")
        .bearer(&rule.token.value()?)
        .send()?;
    match answer.status() {
        200 => Ok(rule.prefilled(&answer.json()?)),
        404 => Ok(rule.unknown().reason("not in the CRM")),
        status => Err(Failure::unavailable(format!("the CRM answers {status}"))),
    }
}

hookwarden_sdk::export!(registration = decide, settings = Rule);

#[cfg(test)]
mod tests {
    use hookwarden_sdk::http::{Error, Method, Response};
    use hookwarden_sdk::registration::{Call, Cause, Decision};
    use hookwarden_sdk::settings::from_json;
    use hookwarden_sdk::testing::{complete_profile, http, response, secrets, sign_up};
    use hookwarden_sdk::{Failure, testing};

    use super::{Rule, decide};

    const SETTINGS: &str = r#"{
        "url": "https://crm.example.com/people",
        "token": {"secret": "crm-token"},
        "attributes": {"givenName": "firstName", "level": "memberLevel", "vip": "isVip",
                       "phone": "mobilePhone", "tags": "tags"}
    }"#;

    fn rule() -> Rule {
        let rule = from_json(SETTINGS);
        rule.unwrap_or_else(|problems| panic!("{problems:?}"))
    }

    fn call() -> Call {
        sign_up([("email", "a+b@example.com")])
    }

    /// What is decided when the CRM answers so.
    fn decide_on(
        answer: impl Fn() -> Result<Response, Error> + 'static,
    ) -> Result<Decision, Failure> {
        let _secrets = secrets([("crm-token", "hunter2")]);
        let _http = http(move |_| answer());
        decide(call(), rule())
    }

    #[test]
    fn the_crm_is_asked_with_address_and_token() {
        let _secrets = secrets([("crm-token", "hunter2")]);
        let _http = http(|request| {
            assert_eq!(request.method(), Method::Get);
            let url = "https://crm.example.com/people?email=a%2Bb%40example.com";
            assert_eq!(request.url(), url);
            let token = request.header_value("authorization");
            assert_eq!(token, Some("Bearer hunter2"));
            Ok(response(200, "{}"))
        });
        assert_eq!(decide(call(), rule()), Ok(Decision::allow()));
    }

    #[test]
    fn what_the_record_has_is_set_with_its_type() {
        let record = r#"{"givenName":"Rosario","level":7,"vip":false,
                         "phone":null,"tags":["a"],"ssn":"111223333"}"#;
        let expected = Decision::set("firstName", "Rosario")
            .and_set("memberLevel", 7)
            .and_set("isVip", false);
        assert_eq!(decide_on(move || Ok(response(200, record))), Ok(expected));
    }

    #[test]
    fn whom_the_crm_does_not_know_is_denied() {
        let cause = || Cause::at("email", "This e-mail address is not known.").code("NOT_FOUND");
        let denial = Decision::deny_fields([cause()]).reason("not in the CRM");
        assert_eq!(decide_on(|| Ok(response(404, "not found"))), Ok(denial));
        let denial = Decision::deny_fields([cause()]).reason("no e-mail address");
        assert_eq!(decide(sign_up([("login", "a")]), rule()), Ok(denial));
    }

    #[test]
    fn every_other_answer_is_a_failure_that_does_not_quote_it() {
        for (status, body) in [
            (500, "hunter2"),
            (503, ""),
            (401, "{}"),
            (302, "{}"),
            (204, ""),
            (200, "<html>hunter2</html>"),
            (200, "[\"hunter2\"]"),
            (200, "\"hunter2\""),
        ] {
            let failure = decide_on(move || Ok(response(status, body))).expect_err(body);
            let text = failure.to_string();
            assert!(text.starts_with("unavailable: "), "{status}: {text}");
            assert!(!text.contains("hunter2"), "{text}");
        }
    }

    #[test]
    fn a_crm_that_does_not_answer_is_a_failure() {
        for error in [
            Error::Timeout,
            Error::Denied,
            Error::Prohibited,
            Error::TooLarge,
            Error::TooMany,
            Error::Failed("why".to_owned()),
        ] {
            let failure = Failure::from(error.clone());
            assert_eq!(decide_on(move || Err(error.clone())), Err(failure));
        }
    }

    #[test]
    fn without_its_token_nothing_is_asked() {
        let _http = testing::http(|_| panic!("a request was made"));
        let failure = decide(call(), rule()).expect_err("no token");
        let expected = "unavailable: no value is bound to the secret `crm-token`";
        assert_eq!(failure.to_string(), expected);
    }

    #[test]
    fn a_profile_that_is_completed_is_not_its_business() {
        let call = complete_profile([("email", "a@example.com")]);
        assert_eq!(decide(call, rule()), Ok(Decision::no_opinion()));
    }

    #[test]
    fn settings_that_cannot_work_are_refused() {
        for (right, wrong, path) in [
            ("https://crm", "https://user@crm", "url"),
            ("https://crm", "crm", "url"),
            (r#"{"secret": "crm-token"}"#, r#""hunter2""#, "token"),
            ("firstName", "password", "attributes.givenName"),
            ("firstName", " ", "attributes.givenName"),
            ("firstName", "memberLevel", "attributes.level"),
        ] {
            let problems = from_json::<Rule>(&SETTINGS.replace(right, wrong));
            let problems = format!("{:?}", problems.err().expect(wrong));
            let expected = format!("path: {path:?}");
            assert!(problems.contains(&expected), "{problems}");
            assert!(!problems.contains("hunter2"), "{problems}");
        }
        let start = SETTINGS.find("{\"given").expect("attributes");
        let none = format!("{}{{}} }}", &SETTINGS[..start]);
        assert!(from_json::<Rule>(&none).is_err());
    }
}
