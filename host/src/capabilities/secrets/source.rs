//! Where a secret comes from, and its value as it is now.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwapOption;
use serde::{Deserialize, Serialize};

use crate::files::{self, ReadError};

/// The longest secret, in bytes: certificates with their keys have a few thousand.
pub const MAX_SECRET: usize = 64 * 1024;

/// Where a secret is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum SecretSource {
    /// In an environment variable.
    Env(String),
    /// In a file; a line break at its end does not count.
    File(PathBuf),
}

/// A value that is shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(Arc<str>);

impl Hidden {
    /// Takes a value.
    ///
    /// # Errors
    ///
    /// It is empty, too long or no text.
    pub fn new(bytes: &[u8]) -> Result<Self, SecretUnreadable> {
        if bytes.len() > MAX_SECRET {
            return Err(SecretUnreadable::TooLong);
        }
        match std::str::from_utf8(bytes) {
            Ok("") => Err(SecretUnreadable::Empty),
            Ok(text) => Ok(Self(text.into())),
            Err(_) => Err(SecretUnreadable::NotText),
        }
    }

    /// The value itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Why a secret has no value. Says where it was looked for and never what was found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretUnreadable {
    /// No such variable.
    #[error("the environment has no `{0}` that is text of up to {MAX_SECRET} bytes")]
    NoVariable(String),
    /// Its file cannot be read.
    #[error("{0}")]
    NoFile(String),
    /// Nothing stands there.
    #[error("it is empty")]
    Empty,
    /// Bytes that are no text.
    #[error("it is not UTF-8")]
    NotText,
    /// More than any secret has.
    #[error("it has more than {MAX_SECRET} bytes")]
    TooLong,
}

/// A secret that an operator bound, with its value as it is now.
pub struct Secret {
    source: SecretSource,
    value: ArcSwapOption<Hidden>,
    looked: Mutex<Looked>,
}

/// What the last look found.
#[derive(Debug, Default)]
struct Looked {
    stamp: Option<files::Stamp>,
    problem: Option<SecretUnreadable>,
}

impl Secret {
    /// A secret with the value that it has now, if it has one. `variable` is what the
    /// environment has under the name of the source, which does not change while a
    /// process runs.
    #[must_use]
    pub fn new(source: SecretSource, variable: Option<Hidden>) -> Self {
        let secret = Self {
            source,
            value: ArcSwapOption::empty(),
            looked: Mutex::default(),
        };
        if let SecretSource::Env(name) = &secret.source {
            let missing = || SecretUnreadable::NoVariable(name.clone());
            secret.take(variable.ok_or_else(missing), None);
        }
        secret.look();
        secret
    }

    /// The value as it is now.
    #[must_use]
    pub fn value(&self) -> Option<Hidden> {
        self.value.load().as_deref().cloned()
    }

    /// Why it has no value, or why the one that it has is not what its file says.
    #[must_use]
    pub fn problem(&self) -> Option<SecretUnreadable> {
        let looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        looked.problem.clone()
    }

    /// Reads a file that has changed since the last look; true if the value or what is
    /// wrong with it is another. A file that cannot be read leaves the value as it is.
    pub fn look(&self) -> bool {
        let SecretSource::File(path) = &self.source else {
            return false;
        };
        let stamp = files::Stamp::of(path);
        let looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        let is_same = looked.stamp.is_some() && looked.stamp == stamp;
        drop(looked);
        if is_same {
            return false;
        }
        let found = read(path).and_then(|bytes| Hidden::new(&bytes));
        self.take(found, stamp)
    }

    fn take(&self, found: Result<Hidden, SecretUnreadable>, stamp: Option<files::Stamp>) -> bool {
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        looked.stamp = stamp;
        match found {
            Ok(value) => {
                let is_other = self.value() != Some(value.clone()) || looked.problem.is_some();
                self.value.store(Some(Arc::new(value)));
                looked.problem = None;
                is_other
            }
            Err(problem) => {
                let is_other = looked.problem.as_ref() != Some(&problem);
                looked.problem = Some(problem);
                is_other
            }
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret")
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

/// Reads a secret's file, without the line break at its end.
///
/// # Errors
///
/// It cannot be read, or has more bytes than a secret.
pub fn read(path: &Path) -> Result<Vec<u8>, SecretUnreadable> {
    let with_line_break = MAX_SECRET as u64 + 2;
    let bytes = files::read(path, with_line_break).map_err(|error| match error {
        ReadError::TooLarge { .. } => SecretUnreadable::TooLong,
        error => SecretUnreadable::NoFile(error.to_string()),
    })?;
    Ok(trimmed(bytes))
}

/// A secret without the line break at its end.
#[must_use]
pub fn trimmed(mut bytes: Vec<u8>) -> Vec<u8> {
    while matches!(bytes.last(), Some(b'\n' | b'\r')) {
        bytes.pop();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Hidden, MAX_SECRET, Secret, SecretSource, SecretUnreadable};

    fn value(secret: &Secret) -> Option<String> {
        Some(secret.value()?.reveal().to_owned())
    }

    #[test]
    fn a_variable_is_what_it_was_at_the_start() {
        let source = SecretSource::Env("TOKEN".to_owned());
        let secret = Secret::new(
            source.clone(),
            Some(Hidden::new(b"hunter2").expect("a value")),
        );
        assert_eq!(value(&secret).as_deref(), Some("hunter2"));
        assert!(!secret.look());
        assert!(!format!("{secret:?} {:?}", secret.value()).contains("hunter2"));
        let missing = Secret::new(source, None);
        assert_eq!(value(&missing), None);
        let problem = missing.problem().expect("a reason").to_string();
        assert_eq!(
            problem,
            "the environment has no `TOKEN` that is text of up to 65536 bytes"
        );
    }

    #[test]
    fn a_file_is_read_again_when_it_changes_and_what_is_wrong_with_it_changes_nothing() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("token");
        let secret = Secret::new(SecretSource::File(path.clone()), None);
        assert!(secret.problem().is_some());

        fs::write(&path, "first\n").expect("written");
        assert!(secret.look());
        assert_eq!(value(&secret).as_deref(), Some("first"));
        assert!(!secret.look(), "nothing changed");

        let next = dir.path().join("next");
        fs::write(&next, "second").expect("written");
        fs::rename(&next, &path).expect("replaced");
        assert!(secret.look());
        assert_eq!(value(&secret).as_deref(), Some("second"));

        for (bad, problem) in [
            (Vec::new(), SecretUnreadable::Empty),
            (vec![0xff], SecretUnreadable::NotText),
            (vec![b'x'; MAX_SECRET + 1], SecretUnreadable::TooLong),
        ] {
            fs::write(&next, bad).expect("written");
            fs::rename(&next, &path).expect("replaced");
            assert!(secret.look());
            assert_eq!(secret.problem(), Some(problem));
            assert_eq!(value(&secret).as_deref(), Some("second"));
        }
        fs::remove_file(&path).expect("removed");
        assert!(secret.look());
        assert!(!secret.look(), "it is said once");
        assert_eq!(value(&secret).as_deref(), Some("second"));
        fs::write(&path, "second").expect("written");
        assert!(secret.look(), "nothing is wrong any more");
        assert_eq!(secret.problem(), None);
    }
}
