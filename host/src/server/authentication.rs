//! Authentication: the header that Okta sends with every call.
//!
//! Okta sends an operator-chosen header with an operator-chosen value, verbatim,
//! and signs nothing. Two values are valid at once while one is being replaced.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};

use super::rejection::Rejection;

/// A value that Okta must send. Only its hash is kept.
#[derive(Clone)]
pub struct Secret([u8; 32]);

/// Why a value cannot be a secret. Does not quote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// There is nothing to know.
    #[error("the secret is empty")]
    Empty,
    /// Okta could never send it.
    #[error(
        "the secret cannot be a header's value: it has a line break, a control character, or white space around it"
    )]
    NotSendable,
}

impl Secret {
    /// A secret with this value.
    ///
    /// # Errors
    ///
    /// The value is empty, or no value of a header.
    pub fn new(value: &[u8]) -> Result<Self, SecretError> {
        if value.is_empty() {
            return Err(SecretError::Empty);
        }
        if HeaderValue::from_bytes(value).is_err() || value != value.trim_ascii() {
            return Err(SecretError::NotSendable);
        }
        Ok(Self::hash(value))
    }

    fn hash(value: &[u8]) -> Self {
        Self(Sha256::digest(value).into())
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// Which calls are Okta's.
#[derive(Debug, Clone)]
pub enum Authentication {
    /// All of them. Only for a listener that nobody else can reach.
    Off,
    /// Those with one of the values in the header.
    Header {
        /// The header.
        name: HeaderName,
        /// The values. At least one.
        secrets: Vec<Secret>,
    },
}

impl Authentication {
    /// Calls with one of these values in this header; `None` if that is no
    /// header's name.
    #[must_use]
    pub fn header(name: &str, secrets: Vec<Secret>) -> Option<Self> {
        let name = HeaderName::try_from(name).ok()?;
        Some(Self::Header { name, secrets })
    }

    /// Checks a call's headers. Takes as long for a wrong value as for a right
    /// one, wherever they differ.
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), Rejection> {
        let Self::Header { name, secrets } = self else {
            return Ok(());
        };
        let mut values = headers.get_all(name).iter();
        let (Some(value), None) = (values.next(), values.next()) else {
            return Err(Rejection::Unauthenticated);
        };
        let sent = Secret::hash(value.as_bytes());
        let equal = secrets.iter().fold(Choice::from(0), |equal, secret| {
            equal | secret.0.ct_eq(&sent.0)
        });
        if bool::from(equal) {
            Ok(())
        } else {
            Err(Rejection::Unauthenticated)
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    use super::{Authentication, Secret};

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn either_value_is_right_and_nothing_else() {
        let secret = |value| Secret::new(value).expect("a secret");
        let secrets = vec![secret(b"Basic new"), secret(b"Basic old")];
        let authentication = Authentication::header("X-Hook-Key", secrets).expect("a header");
        let check = |pairs: &[_]| authentication.check(&headers(pairs)).is_ok();

        assert!(check(&[("x-hook-key", "Basic new")]));
        assert!(check(&[("x-hook-key", "Basic old")]));
        assert!(!check(&[]));
        assert!(!check(&[("x-hook-key", "")]));
        assert!(!check(&[("x-hook-key", "Basic ne")]));
        assert!(!check(&[("x-hook-key", "basic new")]));
        assert!(!check(&[("authorization", "Basic new")]));
        assert!(!check(&[
            ("x-hook-key", "Basic new"),
            ("x-hook-key", "Basic new")
        ]));
    }

    #[test]
    fn a_secret_does_not_print() {
        let secret = Secret::new(b"hunter2").expect("a secret");
        assert_eq!(format!("{secret:?}"), "Secret");
    }
}
