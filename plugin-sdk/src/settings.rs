//! A policy's settings: what whoever deploys it may change without the author.

use serde::de::DeserializeOwned;

use crate::bindings::settings::exports::hookwarden::policy::settings::Problem as WireProblem;

/// The type of a policy's settings.
///
/// Settings are written in TOML beside the component and reach the policy as
/// JSON. They are checked when the policy is loaded: first they must deserialize
/// into this type, then [`check`](Self::check) may ask for more.
///
/// ```
/// use hookwarden_sdk::registration::{Call, Decision};
/// use hookwarden_sdk::settings::{Problem, Settings};
///
/// #[derive(serde::Deserialize)]
/// #[serde(deny_unknown_fields)]
/// struct Rule {
///     minimum_length: usize,
/// }
///
/// impl Settings for Rule {
///     fn check(&self) -> Result<(), Vec<Problem>> {
///         match self.minimum_length {
///             1..=64 => Ok(()),
///             _ => Err(vec![Problem::at("minimum_length", "must be from 1 to 64")]),
///         }
///     }
/// }
///
/// fn decide(call: Call, rule: Rule) -> Decision {
///     match call.text("login") {
///         Some(login) if login.len() >= rule.minimum_length => Decision::allow(),
///         _ => Decision::deny_field("login", "This name is too short."),
///     }
/// }
///
/// hookwarden_sdk::export!(registration = decide, settings = Rule);
/// ```
///
/// Write `#[serde(deny_unknown_fields)]`, or a misspelt setting is ignored, and
/// `#[serde(default)]` where leaving it out is fine.
pub trait Settings: DeserializeOwned {
    /// Checks what the type itself cannot: ranges, formats, contradictions.
    ///
    /// # Errors
    ///
    /// Every problem, and not only the first; each names its member.
    fn check(&self) -> Result<(), Vec<Problem>> {
        Ok(())
    }
}

/// One thing that is wrong with the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    path: String,
    message: String,
}

impl Problem {
    /// A problem with the member at `path`, such as `domains[2]`. The message
    /// says what would be right.
    pub fn at(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            message: message.into(),
        }
    }
}

/// Reads settings from JSON and checks them.
///
/// # Errors
///
/// Every problem found; one if the JSON does not deserialize into `S`.
pub fn from_json<S: Settings>(json: &str) -> Result<S, Vec<Problem>> {
    let settings: S = serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(
        json,
    ))
    .map_err(|error| {
        let path = match error.path().to_string() {
            path if path == "." => String::new(),
            path => path,
        };
        vec![Problem::at(path, without_position(error.inner()))]
    })?;
    settings.check()?;
    Ok(settings)
}

/// The settings were written in TOML, so a position in their JSON says nothing.
fn without_position(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    message
        .strip_suffix(position.as_str())
        .unwrap_or(&message)
        .to_owned()
}

#[doc(hidden)]
pub fn check<S: Settings>(json: &str) -> Result<(), Vec<WireProblem>> {
    from_json::<S>(json).map(drop).map_err(|problems| {
        let to_wire = |Problem { path, message }| WireProblem { path, message };
        problems.into_iter().map(to_wire).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::{Problem, Settings, from_json};

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Rule {
        domains: Vec<String>,
    }

    impl Settings for Rule {
        fn check(&self) -> Result<(), Vec<Problem>> {
            match self.domains.as_slice() {
                [] => Err(vec![Problem::at("domains", "must name one domain")]),
                _ => Ok(()),
            }
        }
    }

    fn problem(json: &str) -> (String, String) {
        let mut problems = from_json::<Rule>(json).expect_err("settings are wrong");
        assert_eq!(problems.len(), 1);
        let Problem { path, message } = problems.remove(0);
        (path, message)
    }

    #[test]
    fn a_problem_names_its_member_and_what_would_be_right() {
        let (path, message) = problem(r#"{"domains":["a",2]}"#);
        assert_eq!(path, "domains[1]");
        assert_eq!(message, "invalid type: integer `2`, expected a string");

        let (path, message) = problem(r#"{"domians":[]}"#);
        assert_eq!(path, "domians");
        assert_eq!(message, "unknown field `domians`, expected `domains`");

        let (path, message) = problem("{}");
        assert_eq!(path, "");
        assert_eq!(message, "missing field `domains`");

        let (path, message) = problem(r#"{"domains":[]}"#);
        assert_eq!(path, "domains");
        assert_eq!(message, "must name one domain");
    }
}
