//! The format of a field: a length, the characters and a prefix.
//!
//! It is checked in one pass over the text, whatever the settings say. Characters are
//! Unicode scalar values.

use hookwarden_sdk::settings::Problem;
use serde::Deserialize;

/// What a field must look like, and what is said if it does not.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Format {
    /// Of the whole text, in characters.
    length: Option<Length>,
    /// What may follow the prefix; with `also` empty too, anything.
    characters: Vec<Class>,
    /// Single characters that may follow the prefix too.
    also: String,
    prefix: String,
    /// Whether a text of nothing is let through.
    empty: bool,
    pub(crate) message: String,
    pub(crate) code: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(
    untagged,
    expecting = "must be a number of characters, or `{ min = …, max = … }`"
)]
enum Length {
    Exactly(usize),
    Between(Between),
}

#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Between {
    min: Option<usize>,
    max: Option<usize>,
}

/// Characters of a kind.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Class {
    Digits,
    Lower,
    Upper,
    Letters,
    /// Letters of every script.
    UnicodeLetters,
    HexDigits,
}

impl Class {
    fn has(self, character: char) -> bool {
        match self {
            Self::Digits => character.is_ascii_digit(),
            Self::Lower => character.is_ascii_lowercase(),
            Self::Upper => character.is_ascii_uppercase(),
            Self::Letters => character.is_ascii_alphabetic(),
            Self::UnicodeLetters => character.is_alphabetic(),
            Self::HexDigits => character.is_ascii_hexdigit(),
        }
    }
}

impl Length {
    /// The least and the greatest length.
    fn bounds(self) -> (usize, usize) {
        match self {
            Self::Exactly(length) => (length, length),
            Self::Between(Between { min, max }) => (min.unwrap_or(0), max.unwrap_or(usize::MAX)),
        }
    }

    fn problem(self) -> Option<&'static str> {
        match (self, self.bounds()) {
            (
                Self::Between(Between {
                    min: None,
                    max: None,
                }),
                _,
            ) => Some("must have `min` or `max`"),
            (_, (_, 0)) => Some("must be 1 at least"),
            (_, (min, max)) if min > max => Some("`min` must not be greater than `max`"),
            _ => None,
        }
    }
}

impl Default for Format {
    fn default() -> Self {
        Self {
            length: None,
            characters: Vec::new(),
            also: String::new(),
            prefix: String::new(),
            empty: false,
            message: "This is not in the expected format.".to_owned(),
            code: "INVALID_FORMAT".to_owned(),
        }
    }
}

impl Format {
    /// Whether a text has this format.
    pub(crate) fn fits(&self, text: &str) -> bool {
        if text.is_empty() && self.empty {
            return true;
        }
        let Some(rest) = text.strip_prefix(&self.prefix) else {
            return false;
        };
        let (min, max) = self.bounds();
        (min..=max).contains(&text.chars().count()) && rest.chars().all(|c| self.admits(c))
    }

    fn bounds(&self) -> (usize, usize) {
        self.length.map_or((0, usize::MAX), Length::bounds)
    }

    fn has_characters(&self) -> bool {
        !self.characters.is_empty() || !self.also.is_empty()
    }

    fn admits(&self, character: char) -> bool {
        !self.has_characters()
            || self.characters.iter().any(|class| class.has(character))
            || self.also.contains(character)
    }

    /// What is wrong with the settings of a field at this path.
    pub(crate) fn problems(&self, path: &str) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut problem = |member: &str, message: &str| {
            problems.push(Problem::at(format!("{path}{member}"), message));
        };
        if self.length.is_none() && !self.has_characters() && self.prefix.is_empty() {
            problem("", "must have `length`, `characters`, `also` or `prefix`");
        }
        if let Some(message) = self.length.and_then(Length::problem) {
            problem(".length", message);
        } else if self.prefix.chars().count() > self.bounds().1 {
            problem(".prefix", "must not be longer than `length` allows");
        }
        for (member, text) in [(".message", &self.message), (".code", &self.code)] {
            if text.trim().is_empty() {
                problem(member, "must not be blank");
            }
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::Format;

    #[track_caller]
    fn check(format: &str, fit: &[&str], unfit: &[&str]) {
        let format: Format = serde_json::from_str(format).expect("a format");
        for text in fit {
            assert!(format.fits(text), "{text:?}");
        }
        for text in unfit {
            assert!(!format.fits(text), "{text:?}");
        }
    }

    #[test]
    fn a_length_is_in_characters() {
        check(
            r#"{"length":2}"#,
            &["ab", "\u{e4}\u{1f980}"],
            &["a", "abc", ""],
        );
        check(r#"{"length":{"min":2}}"#, &["ab", "abc"], &["a", ""]);
        check(r#"{"length":{"max":2}}"#, &["", "ab"], &["abc"]);
        check(
            r#"{"length":{"min":1,"max":2}}"#,
            &["a", "ab"],
            &["", "abc"],
        );
    }

    #[test]
    fn a_class_has_its_characters_and_no_others() {
        for (class, fit, unfit) in [
            ("digits", "0189", "/:a\u{661}\u{ff11}"),
            ("lower", "amz", "A1`{\u{e4}"),
            ("upper", "AMZ", "a1@[\u{c4}\u{212a}"),
            ("letters", "azAZ", "1-@[`{\u{e4}\u{430}"),
            (
                "unicode-letters",
                "az\u{e4}\u{430}\u{6771}",
                "1- '\u{1f980}",
            ),
            ("hex-digits", "09afAF", "gG:"),
        ] {
            let fit: Vec<_> = fit.split("").filter(|text| !text.is_empty()).collect();
            let unfit: Vec<_> = unfit.split("").filter(|text| !text.is_empty()).collect();
            check(&format!(r#"{{"characters":["{class}"]}}"#), &fit, &unfit);
        }
    }

    #[test]
    fn classes_and_single_characters_add_up() {
        let format = r#"{"characters":["digits","upper"],"also":"- "}"#;
        check(format, &["A-1 B", ""], &["a", "A_1", "A1\n", "A\u{2010}1"]);
        check(r#"{"also":"YN"}"#, &["Y", "N", "YN"], &["y", "X"]);
    }

    #[test]
    fn the_characters_are_those_after_the_prefix_and_the_length_is_of_the_whole() {
        let format = r#"{"prefix":"E-","length":4,"characters":["digits"]}"#;
        check(
            format,
            &["E-12"],
            &["E-1", "E-123", "e-12", "1E-2", "E-E-", "E12", ""],
        );
    }

    #[test]
    fn an_empty_text_is_let_through_only_if_it_is_said() {
        check(r#"{"length":4,"empty":true}"#, &["", "1234"], &[" ", "1"]);
        check(r#"{"prefix":"E","empty":true}"#, &["", "E"], &["F"]);
        check(r#"{"prefix":"E"}"#, &["E"], &[""]);
    }
}
