//! Lets those sign up who prove to be a member, and sets what the members' service knows
//! of them.
//!
//! Whoever proves nothing is denied with one text, at no field: it does not tell which of
//! the answers was wrong. What the service does not answer as expected is a failure,
//! never a denial.

use std::collections::{BTreeMap, BTreeSet};

use hookwarden_sdk::http::{Request, Url};
use hookwarden_sdk::registration::{Call, Cause, Decision};
use hookwarden_sdk::settings::{Problem, Settings};
use hookwarden_sdk::{Failure, secrets};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Who knows the members, what proves that somebody is one, and what is set then.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Is sent the evidence.
    url: Url,
    token: secrets::Named,
    /// Attributes that are submitted, each with the member that it is sent as.
    evidence: BTreeMap<String, String>,
    /// Of these attributes, those that are emptied once they have proved it.
    #[serde(default)]
    forget: Vec<String>,
    /// Members of the service's answer, each with the attribute that it is set as.
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    /// What the person reads who proves nothing.
    #[serde(default = "message")]
    message: String,
}

fn message() -> String {
    "Unable to verify user.".to_owned()
}

impl Settings for Rule {
    fn check(&self) -> Result<(), Vec<Problem>> {
        let mut problems = Vec::new();
        if self.evidence.is_empty() {
            problems.push(Problem::at("evidence", "must name one attribute at least"));
        }
        let mut sent = BTreeSet::new();
        for (attribute, member) in &self.evidence {
            let problem = match (attribute.trim(), member.trim()) {
                ("" | "password", _) => "must be an attribute that is submitted",
                (_, "") => "must name a member",
                (_, member) if !sent.insert(member) => "names a member that another one names",
                _ => continue,
            };
            problems.push(Problem::at(format!("evidence.{attribute}"), problem));
        }
        let mut set = BTreeSet::new();
        for (index, attribute) in self.forget.iter().enumerate() {
            if !self.evidence.contains_key(attribute) {
                let message = "must name an attribute of `evidence`";
                problems.push(Problem::at(format!("forget[{index}]"), message));
            }
            set.insert(attribute.trim());
        }
        for (member, attribute) in &self.attributes {
            let problem = match attribute.trim() {
                "" | "password" => "must name an attribute that can be set",
                name if !set.insert(name) => "names an attribute that is set besides",
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
    /// What the person submitted as evidence; `None` if anything is missing.
    fn evidence(&self, call: &Call) -> Option<Map<String, Value>> {
        let mut evidence = Map::new();
        for (attribute, member) in &self.evidence {
            let value = match call.attribute(attribute)? {
                Value::String(text) if !text.trim().is_empty() => text.trim().into(),
                number @ Value::Number(_) => number,
                _ => return None,
            };
            evidence.insert(member.clone(), value);
        }
        Some(evidence)
    }

    fn unverified(&self) -> Decision {
        Decision::deny_fields([Cause::unlocated(&self.message).code("MEMBER_NOT_FOUND")])
    }

    /// Sets what the service knows: text, numbers and booleans.
    fn claimed(&self, member: &BTreeMap<String, Value>) -> Decision {
        let mut decision = Decision::allow();
        for attribute in &self.forget {
            decision = decision.and_set(attribute, "");
        }
        for (name, attribute) in &self.attributes {
            if let Some(value @ (Value::String(_) | Value::Number(_) | Value::Bool(_))) =
                member.get(name)
            {
                decision = decision.and_set(attribute, value.clone());
            }
        }
        decision.debug_context(json!({ "account": "claimed" }))
    }
}

/// What the policy has to say about a call.
///
/// # Errors
///
/// The service does not answer, or neither with a member nor that there is none.
pub fn decide(call: Call, rule: Rule) -> Result<Decision, Failure> {
    let mut evidence = rule.evidence.keys();
    if call.is_progressive() && !evidence.any(|attribute| call.submitted().has(attribute)) {
        return Ok(Decision::no_opinion());
    }
    let Some(evidence) = rule.evidence(&call) else {
        return Ok(rule.unverified().reason("evidence is missing"));
    };
    let answer = Request::post(&rule.url)
        .header("accept", "application/json")
        .bearer(&rule.token.value()?)
        .json(&evidence)
        .send()?;
    match answer.status() {
        200 => Ok(rule.claimed(&answer.json()?)),
        404 => Ok(rule.unverified().reason("no such member")),
        status => Err(Failure::unavailable(format!(
            "the members' service answers {status}"
        ))),
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
        self, classic_sign_up, complete_profile, http, response, secrets, sign_up,
    };
    use serde_json::{Value, json};

    use super::{Rule, decide};

    const SETTINGS: &str = r#"{
        "url": "https://members.example.com/verify",
        "token": {"secret": "members-token"},
        "evidence": {"memberNumber": "number", "ssn": "ssn"},
        "forget": ["ssn"],
        "attributes": {"level": "memberLevel", "vip": "isVip", "tags": "tags"}
    }"#;

    fn rule() -> Rule {
        from_json(SETTINGS).unwrap_or_else(|problems| panic!("{problems:?}"))
    }

    fn evidence() -> [(&'static str, &'static str); 2] {
        [("memberNumber", " 12345678 "), ("ssn", "111223333")]
    }

    fn denied(reason: &str) -> Decision {
        let cause = Cause::unlocated("Unable to verify user.").code("MEMBER_NOT_FOUND");
        Decision::deny_fields([cause]).reason(reason)
    }

    /// What is decided about a call when the service answers so.
    fn decide_on(
        call: Call,
        answer: impl Fn() -> Result<Response, Error> + 'static,
    ) -> Result<Decision, Failure> {
        let _secrets = secrets([("members-token", "hunter2")]);
        let _http = http(move |_| answer());
        decide(call, rule())
    }

    #[test]
    fn the_service_is_sent_the_evidence_and_the_token() {
        let _secrets = secrets([("members-token", "hunter2")]);
        let _http = http(|request| {
            assert_eq!(request.method(), Method::Post);
            assert_eq!(request.url(), "https://members.example.com/verify");
            let token = request.header_value("authorization");
            assert_eq!(token, Some("Bearer hunter2"));
            let sent: Value = serde_json::from_slice(request.body_bytes()).expect("JSON");
            assert_eq!(sent, json!({"number": "12345678", "ssn": "111223333"}));
            Ok(response(404, ""))
        });
        assert_eq!(
            decide(sign_up(evidence()), rule()),
            Ok(denied("no such member"))
        );
    }

    #[test]
    fn a_member_has_what_the_service_knows_and_evidence_is_forgotten() {
        let member = r#"{"level":"GOLD","vip":true,"tags":["a"],"ssn":"111223333"}"#;
        let expected = Decision::set("ssn", "")
            .and_set("memberLevel", "GOLD")
            .and_set("isVip", true)
            .debug_context(json!({"account": "claimed"}));
        for call in [sign_up(evidence()), classic_sign_up(evidence())] {
            let decision = decide_on(call, move || Ok(response(200, member)));
            assert_eq!(decision, Ok(expected.clone()));
        }
    }

    #[test]
    fn without_all_the_evidence_nothing_is_asked() {
        let _http = http(|_| panic!("a request was made"));
        for ssn in [json!(null), json!(" "), json!(true), json!(["111223333"])] {
            let call = sign_up([("memberNumber", json!("12345678")), ("ssn", ssn)]);
            assert_eq!(decide(call, rule()), Ok(denied("evidence is missing")));
        }
    }

    #[test]
    fn numbers_are_evidence_as_they_are() {
        let _secrets = secrets([("members-token", "hunter2")]);
        let _http = http(|request| {
            let sent: Value = serde_json::from_slice(request.body_bytes()).expect("JSON");
            assert_eq!(sent, json!({"number": 12345678, "ssn": "111223333"}));
            Ok(response(404, ""))
        });
        let call = sign_up([
            ("memberNumber", json!(12345678)),
            ("ssn", json!("111223333")),
        ]);
        assert_eq!(decide(call, rule()), Ok(denied("no such member")));
    }

    #[test]
    fn a_profile_is_its_business_only_with_evidence() {
        let call = complete_profile([("city", "Tirana")]);
        assert_eq!(decide(call, rule()), Ok(Decision::no_opinion()));
        let call = complete_profile([("memberNumber", "12345678")]);
        assert_eq!(decide(call, rule()), Ok(denied("evidence is missing")));
    }

    #[test]
    fn every_other_answer_is_a_failure_that_does_not_quote_it() {
        for (status, body) in [
            (500, "hunter2"),
            (401, "{}"),
            (302, "{}"),
            (204, ""),
            (200, "<html>hunter2</html>"),
            (200, "[\"hunter2\"]"),
        ] {
            let answer = move || Ok(response(status, body));
            let failure = decide_on(sign_up(evidence()), answer).expect_err(body);
            let text = failure.to_string();
            assert!(text.starts_with("unavailable: "), "{status}: {text}");
            for secret in ["hunter2", "111223333"] {
                assert!(!text.contains(secret), "{text}");
            }
        }
        let failure = decide_on(sign_up(evidence()), || Err(Error::Timeout));
        assert_eq!(failure, Err(Failure::from(Error::Timeout)));
    }

    #[test]
    fn without_its_token_nothing_is_asked() {
        let _http = testing::http(|_| panic!("a request was made"));
        let failure = decide(sign_up(evidence()), rule()).expect_err("no token");
        let expected = "unavailable: no value is bound to the secret `members-token`";
        assert_eq!(failure.to_string(), expected);
    }

    #[test]
    fn settings_that_cannot_work_are_refused() {
        for (right, wrong, path) in [
            ("https://members", "members", "url"),
            (r#"{"secret": "members-token"}"#, r#""hunter2""#, "token"),
            (r#""memberNumber": "number", "ssn": "ssn""#, "", "evidence"),
            (r#""number""#, r#"" ""#, "evidence.memberNumber"),
            (r#""number""#, r#""ssn""#, "evidence.ssn"),
            (
                r#""memberNumber": "number""#,
                r#""password": "p""#,
                "evidence.password",
            ),
            (r#"["ssn"]"#, r#"["snn"]"#, "forget[0]"),
            ("memberLevel", "password", "attributes.level"),
            ("memberLevel", "isVip", "attributes.vip"),
            ("memberLevel", "ssn", "attributes.level"),
        ] {
            let problems = from_json::<Rule>(&SETTINGS.replace(right, wrong));
            let problems = format!("{:?}", problems.err().expect(wrong));
            let expected = format!("path: {path:?}");
            assert!(problems.contains(&expected), "{problems}");
            assert!(!problems.contains("hunter2"), "{problems}");
        }
    }
}
