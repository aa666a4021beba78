//! Datasets: lists and tables that somebody else edits, such as of domains.
//!
//! Settings name a dataset, and the operator grants the policy the dataset of that name
//! and says how values are matched: by equality, regardless of case, by domain, by
//! network. In settings written in TOML that is `domains = { dataset = "denied-domains" }`:
//!
//! ```
//! use hookwarden_sdk::registration::{Call, Decision};
//! use hookwarden_sdk::{Failure, dataset, settings, testing};
//!
//! #[derive(serde::Deserialize)]
//! #[serde(deny_unknown_fields)]
//! struct Rule {
//!     domains: dataset::Named,
//! }
//!
//! impl settings::Settings for Rule {}
//!
//! fn decide(call: Call, rule: Rule) -> Result<Decision, Failure> {
//!     let Some(domain) = call.email_domain() else {
//!         return Ok(Decision::no_opinion());
//!     };
//!     Ok(match rule.domains.contains(domain)? {
//!         true => Decision::deny_field("email", "Use another address."),
//!         false => Decision::allow(),
//!     })
//! }
//!
//! # let rule = || settings::from_json::<Rule>(r#"{"domains":{"dataset":"denied-domains"}}"#).expect("settings");
//! // In a native test:
//! let denied = testing::Dataset::list(["example.org"]).by_domain();
//! let _datasets = testing::dataset("denied-domains", denied);
//! let decision = decide(testing::sign_up([("email", "a@mail.example.org")]), rule());
//! assert!(decision.is_ok_and(|decision| decision.is_denial()));
//! ```

use std::fmt;

use serde::de::{Deserialize, DeserializeOwned, Deserializer};

use crate::failure::{Failure, position};
use crate::named;

#[cfg(target_arch = "wasm32")]
use host as backend;

#[cfg(not(target_arch = "wasm32"))]
use crate::testing::fakes::dataset as backend;

/// Why a dataset could not be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The operator granted the policy no dataset of this name.
    AccessDenied,
    /// The dataset is granted and has never been read successfully.
    Unavailable,
    /// The dataset cannot answer this kind of question: a list has no records to look
    /// up.
    NotSupported,
    /// Anything else. Do not branch on the text.
    Other(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AccessDenied => "the policy was not granted the dataset",
            Self::Unavailable => "the dataset has never been read",
            Self::NotSupported => "the dataset is a list, which has no records to look up",
            Self::Other(message) => message,
        })
    }
}

impl std::error::Error for Error {}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Unavailable => Self::unavailable(error.to_string()),
            _ => Self::other(error.to_string()),
        }
    }
}

/// Whether a value is in a dataset. What counts as being in it belongs to the dataset:
/// the operator says so.
///
/// # Errors
///
/// The dataset cannot be asked.
pub fn contains(dataset: &str, value: &str) -> Result<bool, Error> {
    backend::contains(dataset, value)
}

/// The record under a key of a table; `None` if there is none. Where several match, the
/// longest does.
///
/// # Errors
///
/// The dataset cannot be asked, or the record is no `T`.
pub fn lookup<T: DeserializeOwned>(dataset: &str, key: &str) -> Result<Option<T>, Error> {
    let Some(record) = backend::lookup(dataset, key)? else {
        return Ok(None);
    };
    let record = serde_json::from_str(&record);
    record.map(Some).map_err(|error| {
        let position = position(&error);
        Error::Other(format!("the record has another form: {position}"))
    })
}

/// A dataset that settings name: `{ dataset = "denied-domains" }`, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    dataset: String,
}

impl Named {
    /// The dataset of this name.
    pub fn new(name: impl Into<String>) -> Self {
        let dataset = name.into();
        Self { dataset }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.dataset
    }

    /// Whether a value is in it.
    ///
    /// # Errors
    ///
    /// As [`contains`].
    pub fn contains(&self, value: &str) -> Result<bool, Error> {
        contains(&self.dataset, value)
    }

    /// The record under a key.
    ///
    /// # Errors
    ///
    /// As [`lookup`].
    pub fn lookup<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        lookup(&self.dataset, key)
    }
}

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        named::name(deserializer, "dataset").map(Self::new)
    }
}

/// The host's datasets.
#[cfg(target_arch = "wasm32")]
mod host {
    use super::Error;
    use crate::bindings::capabilities::hookwarden::policy::dataset as wire;

    pub(super) fn contains(dataset: &str, value: &str) -> Result<bool, Error> {
        wire::contains(dataset, value).map_err(error)
    }

    pub(super) fn lookup(dataset: &str, key: &str) -> Result<Option<String>, Error> {
        wire::lookup(dataset, key).map_err(error)
    }

    fn error(error: wire::Error) -> Error {
        match error {
            wire::Error::AccessDenied => Error::AccessDenied,
            wire::Error::Unavailable => Error::Unavailable,
            wire::Error::NotSupported => Error::NotSupported,
            wire::Error::Other(message) => Error::Other(message),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Error, Named, contains, lookup};
    use crate::failure::Failure;
    use crate::testing::{self, Dataset};

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Customer {
        org: String,
    }

    #[test]
    fn a_name_has_the_same_answers_as_the_functions() {
        let customers = Dataset::table([("acme.com", json!({ "org": "o-17" }))]).by_domain();
        let _customers = testing::dataset("customers", customers);
        let named = Named::new("customers");
        for domain in ["acme.com", "mail.acme.com", "notacme.com"] {
            let is_in = contains("customers", domain);
            assert_eq!(is_in, Ok(domain != "notacme.com"));
            assert_eq!(named.contains(domain), is_in);
            let record = lookup::<Customer>("customers", domain);
            assert_eq!(named.lookup(domain), record);
            assert_eq!(
                record.map(|record| record.is_some()),
                Ok(domain != "notacme.com")
            );
        }
    }

    #[test]
    fn a_record_of_another_form_is_an_error_that_does_not_quote_it() {
        let customers = Dataset::table([("acme.com", json!("hunter2"))]);
        let _customers = testing::dataset("customers", customers);
        let error = lookup::<Customer>("customers", "acme.com").expect_err("another form");
        let message = error.to_string();
        assert!(
            message.starts_with("the record has another form: "),
            "{message}"
        );
        assert!(!message.contains("hunter2"), "{message}");
    }

    #[test]
    fn what_nobody_granted_is_denied() {
        assert_eq!(contains("customers", "acme.com"), Err(Error::AccessDenied));
        let record = lookup::<Customer>("customers", "acme.com");
        assert_eq!(record, Err(Error::AccessDenied));
    }

    #[test]
    fn only_what_passes_by_itself_is_unavailable() {
        let failure = |error: Error| Failure::from(error).to_string();
        assert_eq!(
            failure(Error::Unavailable),
            "unavailable: the dataset has never been read"
        );
        for error in [
            Error::AccessDenied,
            Error::NotSupported,
            Error::Other("why".to_owned()),
        ] {
            assert_eq!(failure(error.clone()), error.to_string());
        }
    }

    #[test]
    fn settings_name_a_dataset() {
        let named = serde_json::from_str::<Named>(r#"{"dataset":"denied-domains"}"#);
        assert_eq!(named.ok(), Some(Named::new("denied-domains")));
        for json in [r#""denied-domains""#, r#"{"secret":"a"}"#, "[]"] {
            let error = serde_json::from_str::<Named>(json).expect_err(json);
            assert!(
                error.to_string().contains("must name a dataset, as"),
                "{error}"
            );
        }
    }
}
