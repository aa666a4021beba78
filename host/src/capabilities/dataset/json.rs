//! JSON files: an array of texts, an object of records by their keys, or an array
//! of objects that contain theirs.

use std::fmt;

use serde::de::{Deserializer as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::builder::Builder;
use super::fault::{ContentError, Fault, position};
use super::records::Records;
use crate::json::{JsonError, Name, check_text};

/// Adds the entries of a text, and says what their records are. The records of an
/// array have their key in the member of that name; without it the array is a list.
pub(super) fn read(
    text: &str,
    key: Option<&str>,
    builder: &mut Builder<'_>,
) -> Result<Records, ContentError> {
    let mut file = File {
        text,
        key,
        builder,
        error: None,
    };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = deserializer.deserialize_any(Whole(&mut file));
    let error = match read.and_then(|records| deserializer.end().map(|()| records)) {
        Ok(records) => return Ok(records),
        Err(error) => error,
    };
    Err(match file.error {
        Some(error) => error,
        None if error.is_data() => Fault::NeitherArrayNorObject.at(text, 0),
        None => not_json((error.line(), error.column()), text, 0),
    })
}

/// The error of a value that begins at a place in the text.
fn not_json((further, column): (usize, usize), text: &str, place: usize) -> ContentError {
    let (line, before) = position(text, place);
    let further = further.saturating_sub(1);
    let before = if further == 0 { before } else { 0 };
    ContentError::Line {
        line: line + further,
        fault: Fault::NotJson {
            column: before + column,
        },
    }
}

/// A file that is being read.
struct File<'f, 'a, 'b> {
    text: &'a str,
    key: Option<&'f str>,
    builder: &'f mut Builder<'b>,
    /// What is wrong with it, if it is not the syntax.
    error: Option<ContentError>,
}

impl<'a> File<'_, 'a, '_> {
    /// Where a value stands, which is a part of the text.
    fn place(&self, value: &RawValue) -> usize {
        value.get().as_ptr().addr() - self.text.as_ptr().addr()
    }

    fn fault(&self, fault: Fault, value: &RawValue) -> ContentError {
        fault.at(self.text, self.place(value))
    }

    /// Adds an element of an array.
    fn element(&mut self, value: &'a RawValue) -> Result<(), ContentError> {
        let place = self.place(value);
        let Some(name) = self.key else {
            if !value.get().starts_with('"') {
                return Err(self.fault(Fault::EntryNotText, value));
            }
            let entry: Name<'_> = self.parse(value)?;
            return self.builder.add(place, &entry.0, None);
        };
        let key = || name.to_owned();
        if !value.get().starts_with('{') {
            return Err(self.fault(Fault::EntryNotObject { key: key() }, value));
        }
        self.check(value)?;
        let mut deserializer = serde_json::Deserializer::from_str(value.get());
        let member = deserializer.deserialize_map(Member(name));
        let member = member.map_err(|error| self.syntax(&error, value))?;
        let member = member.ok_or_else(|| self.fault(Fault::NoKeyMember { key: key() }, value))?;
        if !member.get().starts_with('"') {
            return Err(self.fault(Fault::KeyNotText { key: key() }, member));
        }
        let entry: Name<'_> = self.parse(member)?;
        self.builder.add(place, &entry.0, Some(value.get()))
    }

    /// Adds a member of the object.
    fn member(&mut self, key: &str, value: &'a RawValue) -> Result<(), ContentError> {
        self.check(value)?;
        self.builder.add(self.place(value), key, Some(value.get()))
    }

    fn parse<T: serde::Deserialize<'a>>(&self, value: &'a RawValue) -> Result<T, ContentError> {
        serde_json::from_str(value.get()).map_err(|error| self.syntax(&error, value))
    }

    /// Holds a record to what the contract promises.
    fn check(&self, value: &RawValue) -> Result<(), ContentError> {
        let (at, repeated) = match check_text(value.get()) {
            Ok(()) => return Ok(()),
            Err(JsonError::DuplicateMember { line, column }) => ((line, column), true),
            Err(JsonError::Syntax { line, column }) => ((line, column), false),
            Err(JsonError::NotUtf8(_)) => unreachable!("it is text"),
        };
        let mut error = not_json(at, self.text, self.place(value));
        if let (ContentError::Line { fault, .. }, true) = (&mut error, repeated) {
            *fault = Fault::RepeatedMember;
        }
        Err(error)
    }

    fn syntax(&self, error: &serde_json::Error, value: &RawValue) -> ContentError {
        not_json((error.line(), error.column()), self.text, self.place(value))
    }

    /// Keeps an error for whoever called the parser.
    fn keep<E: serde::de::Error>(&mut self, error: ContentError) -> E {
        self.error = Some(error);
        E::custom("what is wrong is kept in the file")
    }
}

/// Reads the whole of a file.
struct Whole<'w, 'f, 'a, 'b>(&'w mut File<'f, 'a, 'b>);

impl<'a> Visitor<'a> for Whole<'_, '_, 'a, '_> {
    type Value = Records;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array or an object")
    }

    fn visit_seq<S: SeqAccess<'a>>(self, mut array: S) -> Result<Records, S::Error> {
        let Self(file) = self;
        while let Some(value) = array.next_element()? {
            file.element(value).map_err(|error| file.keep(error))?;
        }
        Ok(match file.key {
            Some(_) => Records::Json,
            None => Records::None,
        })
    }

    fn visit_map<M: MapAccess<'a>>(self, mut object: M) -> Result<Records, M::Error> {
        let Self(file) = self;
        if file.key.is_some() {
            return Err(file.keep(Fault::KeyNotUsed.at(file.text, 0)));
        }
        while let Some(Name(key)) = object.next_key()? {
            let value = object.next_value()?;
            file.member(&key, value).map_err(|error| file.keep(error))?;
        }
        Ok(Records::Json)
    }
}

/// Finds a member of an object by its name.
struct Member<'k>(&'k str);

impl<'a> Visitor<'a> for Member<'_> {
    type Value = Option<&'a RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut object: M) -> Result<Self::Value, M::Error> {
        let mut found = None;
        while let Some(Name(name)) = object.next_key()? {
            if name == self.0 {
                found = Some(object.next_value()?);
            } else {
                object.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}
