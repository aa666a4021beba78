//! Why an operation on the bucket did not succeed.

use std::fmt;

use crate::failure::Failure;

/// Why an operation did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The host knows no such store.
    NoSuchStore,
    /// The operator granted the policy no bucket.
    AccessDenied,
    /// The operator's quota has no room for it. Nothing changed.
    QuotaExceeded(String),
    /// The store cannot be reached. Whether anything changed is not known.
    Unavailable(String),
    /// Anything else, such as counting on with a value that is no number. Do not branch
    /// on the text.
    Other(String),
}

impl Error {
    /// What the host says in an `other`: it tells two cases by how the text begins.
    #[cfg(any(target_arch = "wasm32", test))]
    pub(super) fn other(text: String) -> Self {
        let after = |beginning| {
            let rest = text.strip_prefix(beginning)?;
            Some(rest.trim_start_matches([':', ' ']).to_owned())
        };
        if let Some(rest) = after("quota exceeded") {
            return Self::QuotaExceeded(rest);
        }
        match after("unavailable") {
            Some(rest) => Self::Unavailable(rest),
            None => Self::Other(text),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, why) = match self {
            Self::NoSuchStore => ("the host has no such store", ""),
            Self::AccessDenied => ("the policy was not granted a bucket", ""),
            Self::QuotaExceeded(why) => ("the bucket's quota is exceeded", why.as_str()),
            Self::Unavailable(why) => ("the store does not answer", why.as_str()),
            Self::Other(why) => return f.write_str(why),
        };
        f.write_str(what)?;
        match why {
            "" => Ok(()),
            why => write!(f, ": {why}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::QuotaExceeded(_) | Error::Unavailable(_) => Self::unavailable(error.to_string()),
            _ => Self::other(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Error;
    use crate::failure::Failure;

    #[test]
    fn what_the_host_says_tells_the_cases() {
        for (text, error) in [
            (
                "quota exceeded: 10 keys",
                Error::QuotaExceeded("10 keys".to_owned()),
            ),
            ("quota exceeded", Error::QuotaExceeded(String::new())),
            (
                "unavailable: locked",
                Error::Unavailable("locked".to_owned()),
            ),
            ("not a number", Error::Other("not a number".to_owned())),
        ] {
            assert_eq!(Error::other(text.to_owned()), error, "{text}");
        }
    }

    #[test]
    fn what_may_pass_by_itself_is_unavailable() {
        let failure = |error| Failure::from(error).to_string();
        assert_eq!(
            failure(Error::QuotaExceeded("10 keys".to_owned())),
            "unavailable: the bucket's quota is exceeded: 10 keys"
        );
        assert_eq!(
            failure(Error::Unavailable(String::new())),
            "unavailable: the store does not answer"
        );
        assert_eq!(
            failure(Error::AccessDenied),
            "the policy was not granted a bucket"
        );
        assert_eq!(failure(Error::Other("why".to_owned())), "why");
    }
}
