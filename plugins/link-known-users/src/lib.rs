//! Links imported users to the users of Okta that a table names, and can mark those
//! whom the table does not name.
//!
//! A user is recognised by one attribute of the app's profile. Whom the table names is
//! linked, also where Okta would create a user or link another. Of the others only
//! those are marked whom Okta is about to create.

use std::collections::{BTreeMap, BTreeSet};

use hookwarden_sdk::Attributes;
use hookwarden_sdk::settings::{Problem, Settings};
use hookwarden_sdk::user_import::{Action, Call, Decision};
use serde::Deserialize;

/// Who is linked to whom.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What a user is recognised by: an attribute of the app's profile.
    #[serde(default = "external_id")]
    attribute: String,
    /// Whether upper and lower case of ASCII are alike in it.
    #[serde(default)]
    ignore_case: bool,
    /// Its values, each with the id of a user of Okta.
    users: BTreeMap<String, String>,
    /// How the others are marked.
    others: Option<Mark>,
}

/// An attribute of Okta's profile to set.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    attribute: String,
    value: String,
}

fn external_id() -> String {
    "externalId".to_owned()
}

impl Settings for Rule {
    fn check(&self) -> Result<(), Vec<Problem>> {
        let mut problems = Vec::new();
        if self.attribute.trim().is_empty() {
            problems.push(Problem::at("attribute", "must name an attribute"));
        }
        if self.users.is_empty() {
            problems.push(Problem::at("users", "must name one user at least"));
        }
        let mut seen = BTreeSet::new();
        for (value, id) in &self.users {
            let path = format!("users.{value}");
            let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
            if value.trim().is_empty() {
                problems.push(Problem::at(&path, "must not be blank"));
            } else if !is_id {
                problems.push(Problem::at(&path, "must be the id of a user, `00u…`"));
            } else if self.ignore_case && !seen.insert(value.to_ascii_lowercase()) {
                problems.push(Problem::at(&path, "differs from another by case only"));
            }
        }
        if let Some(mark) = &self.others
            && ["", "password"].contains(&mark.attribute.trim())
        {
            let message = "must name an attribute that can be set";
            problems.push(Problem::at("others.attribute", message));
        }
        match problems.as_slice() {
            [] => Ok(()),
            _ => Err(problems),
        }
    }
}

impl Rule {
    /// The id of the user of Okta that the table names for a user of the app.
    fn known(&self, app_user: &Attributes) -> Option<&String> {
        let value = app_user.get(&self.attribute)?;
        // Apps write numbers of persons as text or as numbers.
        let number = || Some(value.as_u64()?.to_string());
        let value = value.as_str().map(str::to_owned).or_else(number)?;
        if self.ignore_case {
            let mut users = self.users.iter();
            let (_, id) = users.find(|(known, _)| known.eq_ignore_ascii_case(&value))?;
            Some(id)
        } else {
            self.users.get(&value)
        }
    }
}

/// What the policy has to say about a call.
pub fn decide(call: Call, rule: Rule) -> Decision {
    if let Some(id) = rule.known(call.app_user()) {
        return Decision::link_user(id).reason("in the table");
    }
    match rule.others {
        // Whom Okta has already keeps what is set there.
        Some(mark) if call.result() != Some(Action::LinkUser) => {
            Decision::set_user(mark.attribute, mark.value).reason("not in the table")
        }
        _ => Decision::no_opinion(),
    }
}

hookwarden_sdk::export!(user_import = decide, settings = Rule);

#[cfg(test)]
mod tests {
    use hookwarden_sdk::settings::{Problem, from_json};
    use hookwarden_sdk::testing::{matched_user_import, user_import};
    use hookwarden_sdk::user_import::{Call, Decision};

    use super::{Rule, decide};

    const LOGIN: [(&str, &str); 1] = [("login", "rosario.jones@example.com")];

    fn rule() -> Rule {
        rule_of(
            r#"{"users":{"user221":"00u221","1234":"00u1234"},
                "others":{"attribute":"userType","value":"Imported"}}"#,
        )
    }

    fn rule_of(json: &str) -> Rule {
        from_json(json).expect("settings")
    }

    fn linked(id: &str) -> Decision {
        Decision::link_user(id).reason("in the table")
    }

    fn marked() -> Decision {
        Decision::set_user("userType", "Imported").reason("not in the table")
    }

    #[test]
    fn whom_the_table_names_is_linked() {
        let call = user_import([("externalId", "user221")], LOGIN);
        assert_eq!(decide(call, rule()), linked("00u221"));
        let call = matched_user_import("00uother", [("externalId", "user221")], LOGIN);
        assert_eq!(decide(call, rule()), linked("00u221"));
    }

    #[test]
    fn a_number_is_recognised_as_its_digits() {
        let call = user_import([("externalId", 1234)], LOGIN);
        assert_eq!(decide(call, rule()), linked("00u1234"));
    }

    #[test]
    fn whom_okta_would_create_is_marked() {
        for external_id in ["USER221", "user22", " user221", ""] {
            let call = user_import([("externalId", external_id)], LOGIN);
            assert_eq!(decide(call, rule()), marked(), "{external_id}");
        }
        let call = user_import([("email", "user221")], LOGIN);
        assert_eq!(decide(call, rule()), marked());
        let call = Call::from_json(r#"{"data":{"appUser":{"profile":{"externalId":null}}}}"#);
        assert_eq!(decide(call.expect("a call"), rule()), marked());
        let call = Call::from_json(r#"{"data":{"appUser":{"profile":{"externalId":["1234"]}}}}"#);
        assert_eq!(decide(call.expect("a call"), rule()), marked());
    }

    #[test]
    fn whom_okta_would_link_is_left_alone() {
        let call = matched_user_import("00uother", [("externalId", "user1")], LOGIN);
        assert_eq!(decide(call, rule()), Decision::no_opinion());
    }

    #[test]
    fn without_a_mark_others_are_left_alone() {
        let rule = rule_of(r#"{"users":{"user221":"00u221"}}"#);
        let call = user_import([("externalId", "user1")], LOGIN);
        assert_eq!(decide(call, rule), Decision::no_opinion());
    }

    #[test]
    fn case_matters_unless_the_settings_say_otherwise() {
        let rule = rule_of(
            r#"{"attribute":"email","ignore_case":true,"users":{"Rosario@Example.com":"00u1"}}"#,
        );
        let call = user_import([("email", "rosario@example.COM")], LOGIN);
        assert_eq!(decide(call, rule), linked("00u1"));
    }

    #[test]
    fn settings_that_cannot_be_meant_are_refused() {
        for (json, path) in [
            (r#"{"users":{}}"#, "users"),
            (r#"{"users":{"a":""}}"#, "users.a"),
            (r#"{"users":{"a":"00u 1"}}"#, "users.a"),
            (r#"{"users":{" ":"00u1"}}"#, "users. "),
            (r#"{"attribute":" ","users":{"a":"00u1"}}"#, "attribute"),
            (
                r#"{"ignore_case":true,"users":{"A":"00u1","a":"00u2"}}"#,
                "users.a",
            ),
            (
                r#"{"users":{"a":"00u1"},"others":{"attribute":"password","value":"x"}}"#,
                "others.attribute",
            ),
        ] {
            let problems = from_json::<Rule>(json).err().expect(json);
            let found = format!("{problems:?}");
            let expected = format!("{:?}", Problem::at(path, ""));
            let expected = expected.split("message").next().expect("a path");
            assert!(found.contains(expected), "{found}");
        }
        assert!(from_json::<Rule>(r#"{"users":{"A":"00u1","a":"00u2"}}"#).is_ok());
        assert!(from_json::<Rule>("{}").is_err());
    }
}
