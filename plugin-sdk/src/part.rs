//! Parts of a call that are parsed when they are asked for: most policies need none of
//! what Okta says about the circumstances. What is in another form than documented is
//! an error only for who asks.

use std::cell::OnceCell;
use std::ops::Range;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::envelope::Document;
use crate::failure::{Failure, position};
use crate::text::range;

/// A part whose place in the document is known.
#[derive(Debug, Clone)]
pub(crate) struct Part<T> {
    /// Where it is in the document, if it is there.
    json: Option<Range<usize>>,
    parsed: Parsed<T>,
}

impl<T: DeserializeOwned + Default> Part<T> {
    /// What was read from this document.
    pub(crate) fn of(json: Option<&RawValue>, document: &Document) -> Self {
        Self {
            json: json.map(|json| range(json.get(), document.text())),
            parsed: Parsed::default(),
        }
    }

    /// The part, given the document that it was read from; the default if it is
    /// absent. `path` is for the error.
    pub(crate) fn get(&self, document: &Document, path: &str) -> Result<&T, Failure> {
        let json = self.json.clone().map(|json| &document.text()[json]);
        self.parsed.get(json, path)
    }
}

/// A part whose place in the document is looked for when it is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Parsed<T>(OnceCell<Result<T, String>>);

impl<T> Default for Parsed<T> {
    fn default() -> Self {
        Self(OnceCell::new())
    }
}

impl<T: DeserializeOwned + Default> Parsed<T> {
    /// The part, given its JSON; the default if it is absent. `path` is for the error.
    pub(crate) fn get(&self, json: Option<&str>, path: &str) -> Result<&T, Failure> {
        let parse = || match json {
            Some(json) => serde_json::from_str(json).map_err(|error| position(&error)),
            None => Ok(T::default()),
        };
        let parsed = self.0.get_or_init(parse).as_ref();
        parsed.map_err(|error| Failure::invalid_call(format!("`{path}`: {error}")))
    }
}
