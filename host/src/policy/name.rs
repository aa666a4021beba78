//! Names of policies.

use std::fmt;
use std::sync::Arc;

/// The name of a policy: 1 to 63 of `a` to `z`, `0` to `9` and `-`, not starting
/// with `-`. It names files, stands in answers and in the log.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyName(Arc<str>);

impl PolicyName {
    /// Checks a name; `None` if it is none.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let fits = (1..=63).contains(&name.len()) && !name.starts_with('-');
        (fits && name.bytes().all(legal)).then(|| Self(name.into()))
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As text that is shared.
    #[must_use]
    pub fn shared(&self) -> &Arc<str> {
        &self.0
    }
}

impl fmt::Display for PolicyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::PolicyName;

    #[test]
    fn names_are_fit_for_files_and_logs() {
        for name in ["a", "only-example-com", "0", &"x".repeat(63)] {
            assert!(PolicyName::new(name).is_some(), "{name}");
        }
        for name in [
            "",
            "-a",
            "A",
            "a_b",
            "a.b",
            "../a",
            "ä",
            "a\n",
            &"x".repeat(64),
        ] {
            assert!(PolicyName::new(name).is_none(), "{name}");
        }
    }
}
