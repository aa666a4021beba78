//! A password that does not print.

use std::fmt;
use std::hint::black_box;

/// The password of a call, in plain text. Its `Debug` does not show it, and it has no
/// `Display`.
#[derive(Clone, Copy)]
pub struct Password<'a>(&'a str);

impl<'a> Password<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self(text)
    }

    /// The password itself. Keep it out of every text that leaves the policy.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        self.0
    }

    /// The password itself, in UTF-8, as what is hashed. Keep it out of every text
    /// that leaves the policy.
    #[must_use]
    pub fn as_bytes(self) -> &'a [u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

/// Whether two secrets are the same, in a time that does not depend on where they
/// differ. It does depend on their lengths: compare hashes, which have one length.
///
/// ```
/// use hookwarden_sdk::password_import::is_same_secret;
///
/// assert!(is_same_secret(b"correct horse", b"correct horse"));
/// assert!(!is_same_secret(b"correct horse", b"correct house"));
/// assert!(!is_same_secret(b"correct horse", b"correct"));
/// ```
#[must_use]
pub fn is_same_secret(one: &[u8], other: &[u8]) -> bool {
    let bytes = one.iter().zip(other);
    // Opaque after each byte, or the compiler may stop at the first difference.
    let differences = bytes.fold(0, |found, (one, other)| black_box(found | (one ^ other)));
    one.len() == other.len() && differences == 0
}

#[cfg(test)]
mod tests {
    use super::{Password, is_same_secret};

    #[test]
    fn a_password_does_not_print() {
        let password = Password::new("hunter2");
        assert_eq!(format!("{password:?}"), "Password(..)");
        assert_eq!(password.as_str(), "hunter2");
    }

    #[test]
    fn secrets_are_the_same_only_if_all_of_them_is() {
        assert!(is_same_secret(b"", b""));
        assert!(!is_same_secret(b"", b"a"));
        assert!(!is_same_secret(b"ab", b"a"));
        assert!(!is_same_secret(b"ba", b"aa"));
        assert!(!is_same_secret(b"ab", b"aa"));
        // Differences that cancel out by exclusive or.
        assert!(!is_same_secret(b"ab", b"ba"));
    }
}
