//! What the contract promises of a JSON text: besides that it is valid, no object
//! names a member twice, it nests at most 127 deep, and its numbers are in the range
//! of a 64-bit float. A record is held to it when it is read, so that none has to be
//! when it is given out.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

/// Why a text breaks the promise.
#[derive(Debug)]
pub(super) enum Broken {
    /// It is no JSON, nests too deep or has a number out of range.
    Syntax(serde_json::Error),
    /// An object names a member twice.
    RepeatedMember(serde_json::Error),
}

/// A text in JSON, borrowed unless it is written with escapes.
#[derive(Deserialize)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// Checks texts, one after another.
#[derive(Default)]
pub(super) struct Promise<'a> {
    /// The names seen so far in an object and in those around it, the innermost
    /// object's last.
    names: Vec<Cow<'a, str>>,
    repeated: bool,
}

impl<'a> Promise<'a> {
    /// Checks a text.
    pub(super) fn check(&mut self, text: &'a str) -> Result<(), Broken> {
        self.names.clear();
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let read = Value(self).deserialize(&mut deserializer);
        read.and_then(|()| deserializer.end()).map_err(|error| {
            if self.repeated {
                Broken::RepeatedMember(error)
            } else {
                Broken::Syntax(error)
            }
        })
    }
}

/// Reads any value.
struct Value<'p, 'a>(&'p mut Promise<'a>);

impl<'a> DeserializeSeed<'a> for Value<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Value<'_, 'a> {
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

    fn visit_seq<S: SeqAccess<'a>>(self, mut list: S) -> Result<(), S::Error> {
        while list.next_element_seed(Value(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<M: MapAccess<'a>>(self, mut object: M) -> Result<(), M::Error> {
        let promise = self.0;
        let first = promise.names.len();
        while let Some(Text(name)) = object.next_key()? {
            promise.names.push(name);
            object.next_value_seed(Value(promise))?;
        }
        // Sorted, because an object may have been made to have thousands.
        let names = &mut promise.names[first..];
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            promise.repeated = true;
            return Err(M::Error::custom("repeated member"));
        }
        promise.names.truncate(first);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Broken, Promise};

    #[test]
    fn any_other_json_passes() {
        let mut promise = Promise::default();
        for text in [
            "1",
            r#"{"a":{"a":1},"b":[{"a":2},{"a":3}]}"#,
            r#"[1, -2, 3.5e3, true, null, "\u00fc", 12345678901234567890123]"#,
        ] {
            assert!(promise.check(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_member_named_twice_is_found_at_any_depth_and_in_any_spelling() {
        let many: String = (0..4000).map(|n| format!("\"m{n}\":0,")).collect();
        for text in [
            r#"{"a":1,"a":1}"#.to_owned(),
            r#"{"a":1,"\u0061":1}"#.to_owned(),
            r#"[{"x":{"y":[{"a":1,"b":2,"a":3}]}}]"#.to_owned(),
            format!("{{{many}\"m3\":1}}"),
        ] {
            let broken = Promise::default().check(&text);
            assert!(matches!(broken, Err(Broken::RepeatedMember(_))), "{text}");
        }
    }

    #[test]
    fn everything_else_breaks_it() {
        let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
        let ok = nested(127);
        assert!(Promise::default().check(&ok).is_ok());
        for text in [
            &nested(128),
            &nested(1_000_000),
            "1e400",
            r#""\ud800""#,
            "{}{}",
            "",
        ] {
            let broken = Promise::default().check(text);
            assert!(matches!(broken, Err(Broken::Syntax(_))));
        }
    }
}
