//! Authentication: the header that Okta sends with every call.
//!
//! Okta sends an operator-chosen header with an operator-chosen value, verbatim,
//! and signs nothing. Two values are valid at once while one is being replaced. A
//! hook may have values of its own.

use std::collections::BTreeMap;

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

/// Which calls are Okta's: those with a secret in a header.
#[derive(Debug, Clone)]
pub struct Authentication {
    header: HeaderName,
    /// Of every hook that has none of its own, and of whatever is no hook. Without
    /// any, all calls are Okta's: only for a listener that nobody else can reach.
    secrets: Vec<Secret>,
    of_hooks: BTreeMap<String, Vec<Secret>>,
}

impl Authentication {
    /// Calls with one of these values in this header; for some hooks, by their names,
    /// with one of others. `None` if that is no header's name.
    #[must_use]
    pub fn new(
        header: &str,
        secrets: Vec<Secret>,
        of_hooks: BTreeMap<String, Vec<Secret>>,
    ) -> Option<Self> {
        Some(Self {
            header: HeaderName::try_from(header).ok()?,
            secrets,
            of_hooks,
        })
    }

    /// The header that must carry a secret of this hook; `None` if there is none.
    #[must_use]
    pub fn header(&self, hook: &str) -> Option<&str> {
        (!self.secrets_of(hook).is_empty()).then_some(self.header.as_str())
    }

    /// Whether there is no secret but those that hooks have of their own.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.secrets.is_empty()
    }

    /// What a call that passed the check is told, if there is no such hook. Where only
    /// some hooks have a secret, no other name asks for one: a name that is none must
    /// look like theirs.
    pub(super) fn unknown_hook(&self) -> Rejection {
        if self.secrets.is_empty() && !self.of_hooks.is_empty() {
            Rejection::Unauthenticated
        } else {
            Rejection::UnknownHook
        }
    }

    fn secrets_of(&self, hook: &str) -> &[Secret] {
        self.of_hooks.get(hook).unwrap_or(&self.secrets)
    }

    /// Checks the headers of a call to a hook, or to what may be none: whoever has no
    /// secret is not to find out which there are. Takes as long for a wrong value as
    /// for a right one, wherever they differ.
    pub(super) fn check(&self, hook: &str, headers: &HeaderMap) -> Result<(), Rejection> {
        let secrets = self.secrets_of(hook);
        if secrets.is_empty() {
            return Ok(());
        }
        let mut values = headers.get_all(&self.header).iter();
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
    use std::collections::BTreeMap;

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
        let authentication = Authentication::new("X-Hook-Key", secrets, BTreeMap::new());
        let authentication = authentication.expect("a header");
        let check = |pairs: &[_]| authentication.check("any", &headers(pairs)).is_ok();

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
    fn a_hook_that_has_secrets_of_its_own_has_no_others() {
        let secret = |value| vec![Secret::new(value).expect("a secret")];
        let own = BTreeMap::from([("partners".to_owned(), secret(b"own"))]);
        let authentication = Authentication::new("x-hook-key", secret(b"all"), own);
        let authentication = authentication.expect("a header");
        let check = |hook, value| {
            let headers = headers(&[("x-hook-key", value)]);
            authentication.check(hook, &headers).is_ok()
        };
        assert!(check("partners", "own") && !check("partners", "all"));
        assert!(check("registration", "all") && !check("registration", "own"));
        assert!(check("nothing", "all") && !check("nothing", "own"));
    }

    #[test]
    fn a_secret_does_not_print() {
        let secret = Secret::new(b"hunter2").expect("a secret");
        assert_eq!(format!("{secret:?}"), "Secret");
    }
}
