//! Authentication: the header that Okta sends with every call.
//!
//! Okta sends an operator-chosen header with an operator-chosen value, verbatim,
//! and signs nothing. Two values are valid at once while one is being replaced.

use axum::http::{HeaderMap, HeaderName};
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};

use super::rejection::Rejection;

/// A value that Okta must send. Only its hash is kept.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Secret {
    /// A secret with this value.
    #[must_use]
    pub fn new(value: &[u8]) -> Self {
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
        let sent = Secret::new(value.as_bytes());
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
        let authentication = Authentication::Header {
            name: HeaderName::from_static("x-hook-key"),
            secrets: vec![Secret::new(b"Basic new"), Secret::new(b"Basic old")],
        };
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
        assert_eq!(format!("{:?}", Secret::new(b"hunter2")), "Secret");
    }
}
