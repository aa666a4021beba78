//! Denies sign-ups that a service scores as very risky, marks those that are to be
//! reviewed, and lets the others through.
//!
//! A score is from 0, no risk, to 1. What the service does not answer as expected is a
//! failure, never a denial.

use std::collections::BTreeMap;

use hookwarden_sdk::http::{Request, Url};
use hookwarden_sdk::registration::{Call, Cause, Decision};
use hookwarden_sdk::settings::{Problem, Settings};
use hookwarden_sdk::{Failure, secrets};
use serde::Deserialize;
use serde_json::{Value, json};

/// Who scores, and what follows.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Is sent the e-mail and the network address.
    url: Url,
    token: secrets::Named,
    /// The least score that is denied.
    #[serde(default = "deny_from")]
    deny_from: f64,
    /// The least score that is marked.
    #[serde(default = "review_from")]
    review_from: f64,
    /// What is set to mark it.
    #[serde(default = "review")]
    review: BTreeMap<String, Value>,
    /// What the person reads who is denied.
    #[serde(default = "message")]
    message: String,
}

fn deny_from() -> f64 {
    0.9
}

fn review_from() -> f64 {
    0.5
}

fn review() -> BTreeMap<String, Value> {
    let marks = [("riskTier", "review"), ("idvStatus", "PENDING")];
    marks
        .map(|(name, value)| (name.to_owned(), value.into()))
        .into()
}

fn message() -> String {
    "You cannot sign up here. Contact the help desk.".to_owned()
}

/// The service's answer. What it says besides is not looked at.
#[derive(Deserialize)]
struct Answer {
    score: f64,
}

impl Settings for Rule {
    fn check(&self) -> Result<(), Vec<Problem>> {
        let mut problems = Vec::new();
        for (path, score) in [
            ("deny_from", self.deny_from),
            ("review_from", self.review_from),
        ] {
            if !(score > 0.0 && score <= 1.0) {
                problems.push(Problem::at(path, "must be above 0 and at most 1"));
            }
        }
        if self.review_from > self.deny_from {
            let message = "must be at most `deny_from`";
            problems.push(Problem::at("review_from", message));
        }
        if self.review.is_empty() {
            problems.push(Problem::at("review", "must name one attribute at least"));
        }
        for (attribute, value) in &self.review {
            let problem = match (attribute.trim(), value) {
                ("" | "password", _) => "must be an attribute that can be set",
                (_, Value::Null | Value::Array(_) | Value::Object(_)) => {
                    "must be text, a number or a boolean"
                }
                _ => continue,
            };
            problems.push(Problem::at(format!("review.{attribute}"), problem));
        }
        match problems.as_slice() {
            [] => Ok(()),
            _ => Err(problems),
        }
    }
}

impl Rule {
    /// What follows from a score.
    fn decision(self, score: f64) -> Decision {
        if score >= self.deny_from {
            return Decision::deny_fields([Cause::unlocated(self.message)]).reason("high risk");
        }
        if score < self.review_from {
            return Decision::allow();
        }
        let marks = self.review.into_iter();
        let decision = marks.fold(Decision::allow(), |decision, (attribute, value)| {
            decision.and_set(attribute, value)
        });
        decision.reason("to be reviewed")
    }
}

/// What the policy has to say about a call.
///
/// # Errors
///
/// The service does not answer, or without a score.
pub fn decide(call: Call, rule: Rule) -> Result<Decision, Failure> {
    if call.is_progressive() {
        return Ok(Decision::no_opinion());
    }
    let request = call.context()?.request.as_ref();
    let address = request.and_then(|request| request.ip_address.as_deref());
    let answer = Request::post(&rule.url)
        .header("accept", "application/json")
        .bearer(&rule.token.value()?)
        .json(&json!({ "email": call.email(), "ipAddress": address }))
        .send()?;
    match answer.status() {
        200 => {}
        status => {
            return Err(Failure::unavailable(format!(
                "the service answers {status}"
            )));
        }
    }
    match answer.json::<Answer>()?.score {
        score if (0.0..=1.0).contains(&score) => Ok(rule.decision(score)),
        _ => Err(Failure::unavailable("the score is not from 0 to 1")),
    }
}

hookwarden_sdk::export!(registration = decide, settings = Rule);

#[cfg(test)]
mod tests {
    use hookwarden_sdk::Failure;
    use hookwarden_sdk::http::{Error, Method, Response};
    use hookwarden_sdk::registration::{Call, Cause, Decision};
    use hookwarden_sdk::settings::from_json;
    use hookwarden_sdk::testing::{
        classic_sign_up, complete_profile, http, response, secrets, sign_up, sign_up_with,
    };
    use serde_json::{Value, json};

    use super::{Rule, decide};

    const SETTINGS: &str = r#"{
        "url": "https://risk.example.com/score",
        "token": {"secret": "risk-token"}
    }"#;

    fn rule() -> Rule {
        from_json(SETTINGS).unwrap_or_else(|problems| panic!("{problems:?}"))
    }

    fn call() -> Call {
        sign_up_with([("/data/context/request/ipAddress", "203.0.113.9")])
    }

    fn review() -> Decision {
        let decision = Decision::set("idvStatus", "PENDING").and_set("riskTier", "review");
        decision.reason("to be reviewed")
    }

    fn denied() -> Decision {
        let message = "You cannot sign up here. Contact the help desk.";
        Decision::deny_fields([Cause::unlocated(message)]).reason("high risk")
    }

    /// What is decided about a call when the service answers so.
    fn decide_on(
        call: Call,
        answer: impl Fn() -> Result<Response, Error> + 'static,
    ) -> Result<Decision, Failure> {
        let _secrets = secrets([("risk-token", "hunter2")]);
        let _http = http(move |_| answer());
        decide(call, rule())
    }

    fn on_score(score: &'static str) -> Result<Decision, Failure> {
        let body = format!(r#"{{"score":{score},"id":"7"}}"#);
        decide_on(call(), move || Ok(response(200, body.as_str())))
    }

    #[test]
    fn the_service_is_sent_both_addresses_and_the_token() {
        let _secrets = secrets([("risk-token", "hunter2")]);
        let _http = http(|request| {
            assert_eq!(request.method(), Method::Post);
            assert_eq!(request.url(), "https://risk.example.com/score");
            let token = request.header_value("authorization");
            assert_eq!(token, Some("Bearer hunter2"));
            let sent: Value = serde_json::from_slice(request.body_bytes()).expect("JSON");
            let expected = json!({
                "email": "rosario.jones@example.com",
                "ipAddress": "203.0.113.9",
            });
            assert_eq!(sent, expected);
            Ok(response(200, r#"{"score":0}"#))
        });
        assert_eq!(decide(call(), rule()), Ok(Decision::allow()));
    }

    #[test]
    fn a_band_begins_with_its_least_score() {
        for score in ["0", "0.1", "0.4999"] {
            assert_eq!(on_score(score), Ok(Decision::allow()), "{score}");
        }
        for score in ["0.5", "0.6", "0.8999"] {
            assert_eq!(on_score(score), Ok(review()), "{score}");
        }
        for score in ["0.9", "0.95", "1"] {
            assert_eq!(on_score(score), Ok(denied()), "{score}");
        }
    }

    #[test]
    fn with_one_border_nothing_is_reviewed() {
        let settings = SETTINGS.replacen('{', r#"{"deny_from":0.5,"#, 1);
        let _secrets = secrets([("risk-token", "hunter2")]);
        let _http = http(|_| Ok(response(200, r#"{"score":0.5}"#)));
        let rule = from_json(&settings).unwrap_or_else(|problems| panic!("{problems:?}"));
        assert_eq!(decide(call(), rule), Ok(denied()));
    }

    #[test]
    fn marks_keep_their_type() {
        let settings = SETTINGS.replacen('{', r#"{"review":{"isRisky":true,"tier":2},"#, 1);
        let _secrets = secrets([("risk-token", "hunter2")]);
        let _http = http(|_| Ok(response(200, r#"{"score":0.6}"#)));
        let rule = from_json(&settings).unwrap_or_else(|problems| panic!("{problems:?}"));
        let expected = Decision::set("isRisky", true).and_set("tier", 2);
        assert_eq!(decide(call(), rule), Ok(expected.reason("to be reviewed")));
    }

    #[test]
    fn whom_little_is_known_of_is_scored_too() {
        for call in [sign_up([("login", "a")]), classic_sign_up([("email", "a")])] {
            let answer = || Ok(response(200, r#"{"score":0.6}"#));
            assert_eq!(decide_on(call, answer), Ok(review()));
        }
    }

    #[test]
    fn what_is_no_score_is_a_failure_that_does_not_quote_it() {
        for score in ["-0.1", "1.1", "95", "null", "\"hunter2\"", "[0.1]", "1e999"] {
            let text = on_score(score).expect_err(score).to_string();
            assert!(text.starts_with("unavailable: "), "{score}: {text}");
            assert!(!text.contains("hunter2"), "{text}");
        }
        for (status, body) in [
            (500, r#"{"score":0.1}"#),
            (401, r#"{"score":0.1}"#),
            (302, ""),
            (404, ""),
            (200, "{}"),
            (200, "<html>hunter2</html>"),
        ] {
            let failure = decide_on(call(), move || Ok(response(status, body)));
            let text = failure.expect_err(body).to_string();
            assert!(text.starts_with("unavailable: "), "{status}: {text}");
            assert!(!text.contains("hunter2"), "{text}");
        }
        let failure = decide_on(call(), || Err(Error::Timeout));
        assert_eq!(failure, Err(Failure::from(Error::Timeout)));
    }

    #[test]
    fn without_its_token_nothing_is_asked() {
        let _http = http(|_| panic!("a request was made"));
        let failure = decide(call(), rule()).expect_err("no token");
        let expected = "unavailable: no value is bound to the secret `risk-token`";
        assert_eq!(failure.to_string(), expected);
    }

    #[test]
    fn a_profile_that_is_completed_is_not_its_business() {
        let call = complete_profile([("email", "a@example.com")]);
        assert_eq!(decide(call, rule()), Ok(Decision::no_opinion()));
    }

    #[test]
    fn settings_that_cannot_work_are_refused() {
        for (member, path) in [
            (r#""deny_from":0"#, "deny_from"),
            (r#""deny_from":95"#, "deny_from"),
            (r#""review_from":-0.5"#, "review_from"),
            (r#""review_from":0.95"#, "review_from"),
            (r#""review":{}"#, "review"),
            (r#""review":{"password":"a"}"#, "review.password"),
            (r#""review":{"a":[1]}"#, "review.a"),
        ] {
            let settings = SETTINGS.replacen('{', &format!("{{{member},"), 1);
            let problems = from_json::<Rule>(&settings).err().expect(member);
            let expected = format!("path: {path:?}");
            assert!(format!("{problems:?}").contains(&expected), "{problems:?}");
        }
        assert!(from_json::<Rule>(&SETTINGS.replace("https", "ftp")).is_err());
    }
}
