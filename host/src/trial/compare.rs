//! Comparing JSON: what is expected with what there is, member by member.

use std::fmt;

use serde_json::Value;

/// The most differences that are said of one answer.
const MOST: usize = 20;

/// Something that is not as it is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What: `decision`, or a path such as `answer.commands[0].type`.
    pub what: String,
    /// What is expected; `None` if nothing is.
    pub expected: Option<String>,
    /// What there is; `None` if there is nothing.
    pub got: Option<String>,
}

impl Difference {
    pub(super) fn new(
        what: impl Into<String>,
        expected: impl ToString,
        got: impl ToString,
    ) -> Self {
        Self {
            what: what.into(),
            expected: Some(expected.to_string()),
            got: Some(got.to_string()),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nothing = || "nothing".to_owned();
        let shown = |text: &Option<String>| text.clone().unwrap_or_else(nothing);
        writeln!(f, "{}", self.what)?;
        writeln!(f, "  expected {}", shown(&self.expected))?;
        write!(f, "  got      {}", shown(&self.got))
    }
}

/// What is expected of JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// That it is the same; the order of members does not matter.
    Exact,
    /// That objects have these members, and maybe more.
    Subset,
}

/// The differences between two values; `at` is where they are.
pub(super) fn compare(
    expected: &Value,
    got: &Value,
    extent: Extent,
    at: &str,
    found: &mut Vec<Difference>,
) {
    if found.len() >= MOST {
        return;
    }
    match (expected, got) {
        (Value::Object(expected), Value::Object(got)) => {
            for (name, value) in expected {
                let at = format!("{at}.{name}");
                match got.get(name) {
                    Some(got) => compare(value, got, extent, &at, found),
                    None => found.push(Difference {
                        what: at,
                        expected: Some(value.to_string()),
                        got: None,
                    }),
                }
            }
            let more = got.iter().filter(|(name, _)| !expected.contains_key(*name));
            for (name, value) in more.filter(|_| extent == Extent::Exact) {
                found.push(Difference {
                    what: format!("{at}.{name}"),
                    expected: None,
                    got: Some(value.to_string()),
                });
            }
        }
        (Value::Array(expected), Value::Array(got)) if expected.len() == got.len() => {
            for (index, (expected, got)) in expected.iter().zip(got).enumerate() {
                compare(expected, got, extent, &format!("{at}[{index}]"), found);
            }
        }
        (expected, got) if expected == got => {}
        (expected, got) => found.push(Difference::new(at, expected, got)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Extent, compare};

    fn differences(expected: &Value, got: &Value, extent: Extent) -> Vec<String> {
        let mut found = Vec::new();
        compare(expected, got, extent, "answer", &mut found);
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn each_difference_is_said_where_it_is() {
        let expected = json!({ "a": [{ "b": 1, "c": "x" }], "d": true, "l": [1] });
        let got = json!({ "a": [{ "b": 1.0, "e": null }], "d": true, "l": [1, 2] });
        assert_eq!(
            differences(&expected, &got, Extent::Exact),
            [
                "answer.a[0].b\n  expected 1\n  got      1.0",
                "answer.a[0].c\n  expected \"x\"\n  got      nothing",
                "answer.a[0].e\n  expected nothing\n  got      null",
                "answer.l\n  expected [1]\n  got      [1,2]",
            ]
        );
        assert!(differences(&got, &got, Extent::Exact).is_empty());
    }

    #[test]
    fn a_subset_may_have_more_members_and_no_more_elements() {
        let got = json!({ "a": [{ "b": 1, "c": 2 }], "d": 3 });
        let subset = |expected: &Value| differences(expected, &got, Extent::Subset);
        assert!(subset(&json!({ "a": [{ "b": 1 }] })).is_empty());
        assert_eq!(subset(&json!({ "a": [{ "b": 2 }] })).len(), 1);
        assert_eq!(subset(&json!({ "a": [] })).len(), 1);
        assert_eq!(subset(&json!({ "x": 1 })).len(), 1);
    }
}
