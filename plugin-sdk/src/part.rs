//! Parts of a call that are parsed when they are asked for: most policies need none of
//! what Okta says about the circumstances. What is in another form than documented is
//! an error only for who asks.

use std::cell::OnceCell;
use std::ops::Range;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::attributes::{Attributes, Members};
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

/// An object of a call, whose members are looked for when one is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Section {
    path: &'static str,
    /// Where it is in the document, if it is there.
    json: Option<Range<usize>>,
    members: OnceCell<Result<Attributes, String>>,
}

impl Section {
    /// What was read from this document. The path is for errors.
    pub(crate) fn of(path: &'static str, json: Option<&RawValue>, document: &Document) -> Self {
        Self {
            path,
            json: json.map(|json| range(json.get(), document.text())),
            members: OnceCell::new(),
        }
    }

    /// The members, given the document that they were read from.
    pub(crate) fn members(&self, document: &Document) -> Result<&Attributes, Failure> {
        let parse = || {
            let Some(json) = self.json.clone() else {
                return Ok(Attributes::default());
            };
            let members = serde_json::from_str::<Members<'_>>(&document.text()[json]);
            let members = members.map_err(|error| position(&error))?;
            Ok(Attributes::of(members, document.shared()))
        };
        let members = self.members.get_or_init(parse).as_ref();
        members.map_err(|error| Failure::invalid_call(format!("`{}`: {error}", self.path)))
    }

    /// The JSON of a member.
    pub(crate) fn json(&self, document: &Document, name: &str) -> Result<Option<&str>, Failure> {
        Ok(self.members(document)?.json(name))
    }
}
