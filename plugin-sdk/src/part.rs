//! A part of a call that is parsed when it is asked for: most policies need none of
//! what Okta says about the circumstances.

use std::cell::OnceCell;
use std::ops::Range;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::envelope::Document;
use crate::failure::{Failure, position};
use crate::text::range;

/// A part of a document, where it stands until somebody asks for it.
#[derive(Debug, Clone)]
pub(crate) struct Part<T> {
    /// Where it is in the document, if it is there.
    json: Option<Range<usize>>,
    value: OnceCell<Result<T, String>>,
}

impl<T: DeserializeOwned + Default> Part<T> {
    /// What was read from this document.
    pub(crate) fn of(json: Option<&RawValue>, document: &Document) -> Self {
        Self {
            json: json.map(|json| range(json.get(), document.text())),
            value: OnceCell::new(),
        }
    }

    /// The part, given the document that it was read from; the default if it is
    /// absent. `path` is for the error.
    pub(crate) fn get(&self, document: &Document, path: &str) -> Result<&T, Failure> {
        let parse = || match &self.json {
            Some(json) => serde_json::from_str(&document.text()[json.clone()])
                .map_err(|error| position(&error)),
            None => Ok(T::default()),
        };
        let value = self.value.get_or_init(parse).as_ref();
        value.map_err(|error| Failure::invalid_call(format!("`{path}`: {error}")))
    }
}
