//! Secrets: values that must not stand in settings, such as keys and tokens.
//!
//! Settings name a secret, and the operator binds the name to a value, for one policy
//! alone. In settings written in TOML that is `token = { secret = "crm-token" }`:
//!
//! ```
//! use hookwarden_sdk::registration::{Call, Decision};
//! use hookwarden_sdk::{Failure, secrets, settings, testing};
//!
//! #[derive(serde::Deserialize)]
//! #[serde(deny_unknown_fields)]
//! struct Rule {
//!     token: secrets::Named,
//! }
//!
//! impl settings::Settings for Rule {}
//!
//! fn decide(call: Call, rule: Rule) -> Result<Decision, Failure> {
//!     let token = rule.token.value()?;
//!     Ok(match call.text("code") {
//!         Some(code) if code == token.reveal() => Decision::allow(),
//!         _ => Decision::deny_field("code", "This code is not known."),
//!     })
//! }
//!
//! # let rule = || settings::from_json::<Rule>(r#"{"token":{"secret":"crm-token"}}"#).expect("settings");
//! // In a native test:
//! let _secrets = testing::secrets([("crm-token", "hunter2")]);
//! let decision = decide(testing::sign_up([("code", "hunter2")]), rule());
//! assert_eq!(decision, Ok(Decision::allow()));
//! ```

use std::fmt;

use serde::de::{Deserialize, Deserializer};

use crate::failure::Failure;
use crate::named;

/// The value of a secret. Its `Debug` does not show it, and it has no `Display`.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The value itself. It must not leave the policy except to the service that it is
    /// for.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// The value that the operator bound to a name; `None` if there is none. It may change
/// between two evaluations, never within one. In native tests it is what
/// [`testing::secrets`](crate::testing::secrets) says.
#[must_use]
pub fn get(name: &str) -> Option<Secret> {
    #[cfg(target_arch = "wasm32")]
    let value = crate::bindings::capabilities::hookwarden::policy::secrets::get(name);
    #[cfg(not(target_arch = "wasm32"))]
    let value = crate::testing::fakes::secrets::get(name);
    value.map(Secret)
}

/// A secret that settings name: `{ secret = "crm-token" }`, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    secret: String,
}

impl Named {
    /// The secret of this name.
    pub fn new(name: impl Into<String>) -> Self {
        let secret = name.into();
        Self { secret }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.secret
    }

    /// The value that the operator bound to the name.
    ///
    /// # Errors
    ///
    /// The operator bound none: a failure that says the name.
    pub fn value(&self) -> Result<Secret, Failure> {
        let unbound = || format!("no value is bound to the secret `{}`", self.secret);
        get(&self.secret).ok_or_else(|| Failure::unavailable(unbound()))
    }
}

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        named::name(deserializer, "secret").map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::{Named, get};
    use crate::failure::Failure;
    use crate::settings::{Settings, from_json};
    use crate::testing::secrets;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Rule {
        token: Named,
    }

    impl Settings for Rule {}

    #[test]
    fn settings_name_a_secret() {
        let rule: Rule = from_json(r#"{"token":{"secret":"crm-token"}}"#).expect("settings");
        assert_eq!(rule.token, Named::new("crm-token"));
        let _secrets = secrets([("crm-token", "hunter2")]);
        let value = rule.token.value().expect("a value");
        assert_eq!(value.reveal(), "hunter2");
        assert_eq!(format!("{value:?}"), "Secret(..)");
        assert_eq!(
            format!("{:?}", rule.token),
            r#"Named { secret: "crm-token" }"#
        );
    }

    #[test]
    fn what_is_not_a_name_is_refused_and_not_quoted() {
        for token in [
            r#""hunter2""#,
            "72222",
            r#"{"secret":72222}"#,
            r#"{"hunter2":"hunter2"}"#,
            r#"{"secret":"a","hunter2":"b"}"#,
            r#"{"secret":" "}"#,
            r#"["hunter2"]"#,
            "null",
            "{}",
        ] {
            let json = format!(r#"{{"token":{token}}}"#);
            let problems = format!("{:?}", from_json::<Rule>(&json).expect_err(token));
            assert!(problems.contains(r#"path: "token""#), "{problems}");
            assert!(problems.contains("must name a secret, as"), "{problems}");
            let quoted = problems.contains("hunter2") || problems.contains("72222");
            assert!(!quoted, "{problems}");
        }
    }

    #[test]
    fn a_name_without_a_value_is_a_failure() {
        assert!(get("crm-token").is_none());
        let failure = Named::new("crm-token").value().expect_err("no value");
        let expected = Failure::unavailable("no value is bound to the secret `crm-token`");
        assert_eq!(failure, expected);
    }
}
