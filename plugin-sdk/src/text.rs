//! Text of a call, where it stands: most policies read two or three of the many
//! texts that a call has, and copying them all would cost more than deciding.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, Visitor};

/// A text of a document.
#[derive(Debug, Clone)]
pub(crate) enum Text {
    /// It stands there as it is.
    There(Range<usize>),
    /// It stands there with escapes.
    Unescaped(String),
}

impl Text {
    /// A text that was read from this document.
    pub(crate) fn of(text: Borrowed<'_>, document: &str) -> Self {
        match text.0 {
            Cow::Borrowed(text) => Self::There(range(text, document)),
            Cow::Owned(text) => Self::Unescaped(text),
        }
    }

    /// The text, given the document that it was read from.
    pub(crate) fn get<'a>(&'a self, document: &'a str) -> &'a str {
        match self {
            Self::There(range) => &document[range.clone()],
            Self::Unescaped(text) => text,
        }
    }
}

/// Where a part of a document is in it.
pub(crate) fn range(part: &str, document: &str) -> Range<usize> {
    let start = part.as_ptr().addr() - document.as_ptr().addr();
    start..start + part.len()
}

/// A text as it is read: borrowed from the JSON unless it has escapes there.
#[derive(Debug)]
pub(crate) struct Borrowed<'a>(pub(crate) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Borrowed<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrow;

        impl<'de> Visitor<'de> for Borrow {
            type Value = Cow<'de, str>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Cow<'de, str>, E> {
                Ok(text.into())
            }

            fn visit_str<E>(self, text: &str) -> Result<Cow<'de, str>, E> {
                Ok(text.to_owned().into())
            }
        }

        deserializer.deserialize_str(Borrow).map(Self)
    }
}
