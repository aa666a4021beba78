//! The history of policies: which pairs were good, kept from one start to the
//! next, and to which of them the operator went back.
//!
//! In the host's own folder: `policies/<name>.json` is a policy's record, newest
//! first; `components/<sha-256>.wasm` are the components that records name;
//! `pins/<name>` holds the revision that a policy is pinned to. A host writes
//! records and components, `hookwarden rollback` writes pins.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::name::PolicyName;
use super::{Digest, Pair};
use crate::sandbox::{Component, Sandbox};
use crate::storage::{Storage, StorageError};

/// How many revisions of a policy are kept.
pub const KEPT: usize = 10;

/// How long the record of a policy is kept that is not in the folder any more.
const KEPT_AFTER_REMOVAL: Duration = Duration::from_secs(30 * 24 * 3600);

/// How long a file that no record names is left alone: a record may be about to.
const GRACE: Duration = Duration::from_secs(600);

/// The history of all policies of a folder. Clones share it.
#[derive(Debug, Clone)]
pub struct History {
    storage: Storage,
    /// Held while something is written that refers to something else, and while
    /// what nothing refers to is removed.
    writing: Arc<Mutex<()>>,
}

/// What is known about one policy.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Record {
    /// The revision that served last; `None` once its file was removed.
    pub serving: Option<Digest>,
    /// Good revisions, the newest first.
    pub revisions: Vec<Kept>,
}

/// A revision that was good.
#[derive(Debug, Serialize, Deserialize)]
pub struct Kept {
    /// Its digest.
    pub digest: Digest,
    /// The SHA-256 of its component, in hexadecimal.
    pub component: String,
    /// The text of its settings file.
    pub settings: String,
    /// When it was served first.
    #[serde(with = "humantime_serde")]
    pub since: SystemTime,
}

/// Why an earlier revision cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// It was never good, or that is too long ago.
    #[error("revision `{0}` is not kept")]
    NotKept(Digest),
    /// What is kept of it is not what was written.
    #[error("what is kept of revision `{0}` is damaged")]
    Damaged(Digest),
    /// A file of its cannot be read or written.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A record is not what a host writes.
    #[error("`{}` is damaged: {error}", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: serde_json::Error,
    },
}

impl History {
    /// The history that is kept there.
    #[must_use]
    pub fn new(storage: Storage) -> Self {
        Self {
            storage,
            writing: Arc::default(),
        }
    }

    /// Whether anything can be remembered.
    pub(super) fn is_writable(&self) -> bool {
        self.storage.is_writable()
    }

    /// Where pins are written; `None` if nothing was ever written.
    pub(super) fn pin_folder(&self) -> Option<PathBuf> {
        Some(self.storage.path("pins")).filter(|folder| folder.is_dir())
    }

    /// The record of a policy; an empty one if there is none.
    ///
    /// # Errors
    ///
    /// It cannot be read.
    pub fn record(&self, name: &PolicyName) -> Result<Record, HistoryError> {
        let path = record_path(name);
        let Some(text) = self.storage.read(&path)? else {
            return Ok(Record::default());
        };
        serde_json::from_slice(&text).map_err(|error| HistoryError::Record {
            path: self.storage.path(&path),
            error,
        })
    }

    /// The pair of a revision.
    ///
    /// # Errors
    ///
    /// See [`HistoryError`].
    pub fn pair(&self, name: &PolicyName, digest: &Digest) -> Result<Pair, HistoryError> {
        let record = self.record(name)?;
        let kept = record.revisions.into_iter().find(|it| it.digest == *digest);
        let kept = kept.ok_or_else(|| HistoryError::NotKept(digest.clone()))?;
        let bytes = self.storage.read(&component_path(&kept.component))?;
        let component = Component::new(bytes.unwrap_or_default());
        if component.digest() != kept.component {
            return Err(HistoryError::Damaged(digest.clone()));
        }
        Ok(Pair {
            component,
            settings: kept.settings,
        })
    }

    /// The pair that served last, if there was one.
    ///
    /// # Errors
    ///
    /// See [`HistoryError`].
    pub fn last_good(&self, name: &PolicyName) -> Result<Option<Pair>, HistoryError> {
        let serving = self.record(name)?.serving;
        serving.map(|digest| self.pair(name, &digest)).transpose()
    }

    /// Remembers that a pair is good and serves now; true if that was not known.
    ///
    /// # Errors
    ///
    /// See [`HistoryError`]. What was remembered before still is.
    pub fn remember(
        &self,
        name: &PolicyName,
        digest: &Digest,
        pair: &Pair,
    ) -> Result<bool, HistoryError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        // A record that cannot be read must not stop a new one.
        let mut record = self.record(name).unwrap_or_default();
        let path = component_path(pair.component.digest());
        let is_known = record.serving.as_ref() == Some(digest);
        if is_known && self.storage.path(&path).exists() {
            return Ok(false);
        }
        self.storage.write(&path, pair.component.bytes())?;
        record.revisions.retain(|kept| kept.digest != *digest);
        let newest = Kept {
            digest: digest.clone(),
            component: pair.component.digest().to_owned(),
            settings: pair.settings.clone(),
            since: SystemTime::now(),
        };
        record.revisions.insert(0, newest);
        let pinned = self.pin(name)?;
        let mut index = 0;
        record.revisions.retain(|kept| {
            index += 1;
            index <= KEPT || Some(&kept.digest) == pinned.as_ref()
        });
        record.serving = Some(digest.clone());
        self.write(name, &record)?;
        Ok(true)
    }

    /// Remembers that a policy's file was removed: its last pair does not come back
    /// by itself.
    ///
    /// # Errors
    ///
    /// See [`HistoryError`].
    pub fn forget_serving(&self, name: &PolicyName) -> Result<(), HistoryError> {
        let mut record = self.record(name)?;
        if record.serving.take().is_none() {
            return Ok(());
        }
        self.write(name, &record)
    }

    fn write(&self, name: &PolicyName, record: &Record) -> Result<(), HistoryError> {
        let text = serde_json::to_vec_pretty(record).expect("a record is text");
        Ok(self.storage.write(&record_path(name), &text)?)
    }

    /// The policies that are pinned, and to what.
    ///
    /// # Errors
    ///
    /// They cannot be read.
    pub fn pins(&self) -> Result<BTreeMap<PolicyName, Digest>, HistoryError> {
        let mut pins = BTreeMap::new();
        for entry in self.storage.list("pins")? {
            if let Some(name) = PolicyName::new(&entry.name)
                && let Some(digest) = self.pin(&name)?
            {
                pins.insert(name, digest);
            }
        }
        Ok(pins)
    }

    fn pin(&self, name: &PolicyName) -> Result<Option<Digest>, HistoryError> {
        let pin = self.storage.read(&pin_path(name))?;
        Ok(pin.map(|text| Digest::named(String::from_utf8_lossy(&text).trim())))
    }

    /// Pins a policy to a revision that is kept.
    ///
    /// # Errors
    ///
    /// See [`HistoryError`].
    pub fn set_pin(&self, name: &PolicyName, digest: &Digest) -> Result<(), HistoryError> {
        self.pair(name, digest)?;
        let text = digest.to_string();
        Ok(self.storage.write(&pin_path(name), text.as_bytes())?)
    }

    /// Lets a policy be what is in the folder again.
    ///
    /// # Errors
    ///
    /// The pin cannot be removed.
    pub fn remove_pin(&self, name: &PolicyName) -> Result<(), HistoryError> {
        Ok(self.storage.remove(&pin_path(name))?)
    }

    /// Removes what no record names, and records of policies that left the folder
    /// long ago. Failing to costs room, and is logged.
    pub(super) fn sweep(&self, sandbox: &Sandbox) {
        if !self.storage.is_writable() {
            return;
        }
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let removed = |name: &str| {
            let name = PolicyName::new(name.strip_suffix(".json")?)?;
            let record = self.record(&name).ok()?;
            Some(record.serving.is_none())
        };
        let keep = |name: &str| removed(name) != Some(true);
        self.storage.sweep("policies", KEPT_AFTER_REMOVAL, keep);
        match self.components() {
            Ok(components) => {
                let named = |name: &str| {
                    let digest = name.strip_suffix(".wasm");
                    digest.is_some_and(|digest| components.contains(digest))
                };
                self.storage.sweep("components", GRACE, named);
                sandbox.sweep_code(&components, GRACE);
            }
            // Nobody knows what that record needs.
            Err(error) => tracing::warn!("what is no longer needed stays: {error}"),
        }
    }

    /// The digests of all components that records name.
    fn components(&self) -> Result<BTreeSet<String>, HistoryError> {
        let mut components = BTreeSet::new();
        for name in self.names()? {
            let revisions = self.record(&name)?.revisions;
            components.extend(revisions.into_iter().map(|kept| kept.component));
        }
        Ok(components)
    }

    /// The policies that have a record.
    pub(super) fn names(&self) -> Result<Vec<PolicyName>, HistoryError> {
        let entries = self.storage.list("policies")?.into_iter();
        let name = |name: String| PolicyName::new(name.strip_suffix(".json")?);
        Ok(entries.filter_map(|entry| name(entry.name)).collect())
    }
}

fn record_path(name: &PolicyName) -> String {
    format!("policies/{name}.json")
}

fn component_path(digest: &str) -> String {
    format!("components/{digest}.wasm")
}

fn pin_path(name: &PolicyName) -> String {
    format!("pins/{name}")
}

#[cfg(test)]
mod tests {
    use super::{Component, Digest, History, KEPT, Pair, PolicyName, Storage};
    use crate::storage::As;

    fn pair(number: usize) -> Pair {
        Pair {
            component: Component::new(number.to_string().into_bytes()),
            settings: format!("n = {number}"),
        }
    }

    #[test]
    fn components_are_needed_as_long_as_a_revision_is_kept_or_pinned() {
        let dir = tempfile::tempdir().expect("a folder");
        let (storage, _) = Storage::open(dir.path(), As::Host).expect("a storage");
        let history = History::new(storage);
        let name = PolicyName::new("example").expect("a name");
        let digest = |number: usize| Digest::named(&format!("revision-{number}"));
        let remember = |number| history.remember(&name, &digest(number), &pair(number));

        assert!(remember(0).expect("kept"), "it was not known");
        assert!(!remember(0).expect("kept"), "it was");
        remember(1).expect("kept");
        history.set_pin(&name, &digest(1)).expect("pinned");
        for number in 2..KEPT + 3 {
            remember(number).expect("kept");
        }
        let components = history.components().expect("records");
        let needed = |number: usize| components.contains(pair(number).component.digest());
        assert_eq!(components.len(), KEPT + 1);
        assert!(!needed(0), "too many came after it");
        assert!(needed(1), "it is pinned");
        let last = history.last_good(&name).expect("a record").expect("one");
        assert_eq!(last.settings, format!("n = {}", KEPT + 2));
        let pinned = history.pair(&name, &digest(1)).expect("it is kept");
        assert_eq!(pinned.settings, "n = 1");
        assert!(history.pair(&name, &digest(0)).is_err());

        history.forget_serving(&name).expect("noted");
        assert!(history.last_good(&name).expect("a record").is_none());
        assert_eq!(history.components().expect("records").len(), KEPT + 1);
    }
}
