//! JSON that means one thing only.
//!
//! A text that one parser reads one way and the next another way is a way
//! around a rule, so what the contract promises of a JSON text is checked here,
//! for calls, for what policies return and for the records of datasets: it is valid, no object names a
//! member twice, it nests at most 127 deep, its numbers are in the range of a
//! 64-bit float, and nothing follows it.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor,
};

/// What is wrong with a JSON text. Says where and never what stands there: the
/// text may be somebody's personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Bytes that are no text.
    #[error("not UTF-8 at byte {0}")]
    NotUtf8(usize),
    /// Text that is no JSON, ends too early, nests too deep or goes on after
    /// the value.
    #[error("not JSON, or nested more than 127 deep, at line {line}, column {column}")]
    Syntax {
        /// From 1.
        line: usize,
        /// From 1, in bytes.
        column: usize,
    },
    /// An object that names a member twice.
    #[error("an object names a member twice, at line {line}, column {column}")]
    DuplicateMember {
        /// From 1.
        line: usize,
        /// From 1, in bytes.
        column: usize,
    },
}

/// Checks bytes; returns them as text if they keep the promise.
///
/// # Errors
///
/// See [`JsonError`].
pub fn check(bytes: &[u8]) -> Result<&str, JsonError> {
    let text =
        std::str::from_utf8(bytes).map_err(|error| JsonError::NotUtf8(error.valid_up_to()))?;
    check_text(text)?;
    Ok(text)
}

/// Checks a text.
///
/// # Errors
///
/// See [`JsonError`].
pub fn check_text(text: &str) -> Result<(), JsonError> {
    let mut names = Names::default();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = Unique(&mut names).deserialize(&mut deserializer);
    read.and_then(|()| deserializer.end()).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        if names.duplicate {
            JsonError::DuplicateMember { line, column }
        } else {
            JsonError::Syntax { line, column }
        }
    })
}

/// Reads any value, and finds out whether an object in it names a member twice.
struct Unique<'a, 'de>(&'a mut Names<'de>);

impl<'de> DeserializeSeed<'de> for Unique<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<(), S::Error> {
        while list.next_element_seed(Unique(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<M: MapAccess<'de>>(self, mut object: M) -> Result<(), M::Error> {
        let names = self.0;
        let first = names.few.len();
        let mut many = HashSet::new();
        while let Some(Name(name)) = object.next_key()? {
            if !names.insert(first, &mut many, name) {
                names.duplicate = true;
                return Err(M::Error::custom("duplicate member"));
            }
            object.next_value_seed(Unique(names))?;
        }
        names.few.truncate(first);
        Ok(())
    }
}

/// A text such as a member's name, borrowed from the JSON unless it is written with
/// escapes.
pub struct Name<'de>(pub Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrow;

        impl<'de> Visitor<'de> for Borrow {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(name.into()))
            }

            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(name.to_owned().into()))
            }
        }

        deserializer.deserialize_str(Borrow)
    }
}

/// The names seen in an object and in those around it.
#[derive(Default)]
struct Names<'de> {
    /// Nearly all of Okta's objects have a handful, which are found faster by looking
    /// at each than by hashing. The innermost object's are the last.
    few: Vec<Cow<'de, str>>,
    /// An object names a member twice.
    duplicate: bool,
}

impl<'de> Names<'de> {
    const FEW: usize = 16;

    /// Notes a name of the object whose names begin at `first`; false if it was there.
    /// What is more than a few is in `many`: an object made to have thousands must not
    /// take quadratic time.
    fn insert(
        &mut self,
        first: usize,
        many: &mut HashSet<Cow<'de, str>>,
        name: Cow<'de, str>,
    ) -> bool {
        let few = &self.few[first..];
        if few.contains(&name) {
            return false;
        }
        if few.len() < Self::FEW {
            self.few.push(name);
            return true;
        }
        many.insert(name)
    }
}

#[cfg(test)]
mod tests {
    use super::{JsonError, check};

    #[test]
    fn any_json_passes() {
        for text in [
            "{}",
            " [1, -2, 3.5e3, true, null, \"\\u00fc\"] ",
            r#"{"a":{"a":1},"b":[{"a":2},{"a":3}]}"#,
            "12345678901234567890123",
            r#"[1, -2, 3.5e3, true, null, "\u00fc", 12345678901234567890123]"#,
        ] {
            assert_eq!(check(text.as_bytes()), Ok(text));
        }
    }

    #[test]
    fn a_member_named_twice_is_found_at_any_depth_and_in_any_spelling() {
        let names = |count| {
            (0..count)
                .map(|n| format!("\"m{n}\":0,"))
                .collect::<String>()
        };
        let (many, thousands) = (names(40), names(4_000));
        for text in [
            r#"{"a":1,"a":1}"#.to_owned(),
            r#"{"a":1,"\u0061":1}"#.to_owned(),
            r#"[{"x":{"y":[{"a":1,"b":2,"a":3}]}}]"#.to_owned(),
            format!("{{{many}\"m3\":1}}"),
            format!("{{{many}\"m39\":1}}"),
            format!("{{{thousands}\"m3\":1}}"),
        ] {
            let error = check(text.as_bytes()).expect_err("a duplicate");
            assert!(matches!(error, JsonError::DuplicateMember { .. }), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused_with_its_place() {
        assert_eq!(check(b"{\"a\":\xff}"), Err(JsonError::NotUtf8(5)));
        for text in [
            "",
            "{",
            "{}{}",
            "{} x",
            "{'a':1}",
            "[1,]",
            "nul",
            "\u{feff}{}",
            "1e400",
            r#""\ud800""#,
        ] {
            let error = check(text.as_bytes()).expect_err("no JSON");
            assert!(matches!(error, JsonError::Syntax { line: 1, .. }), "{text}");
        }
        let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
        assert!(check(nested(127).as_bytes()).is_ok());
        assert!(check(nested(128).as_bytes()).is_err());
        assert!(check(nested(20_000).as_bytes()).is_err());
        assert!(check(nested(1_000_000).as_bytes()).is_err());
        assert!(check(b"1e400").is_err());
    }
}
