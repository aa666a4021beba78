//! The cache of compiled code, in the host's own folder.
//!
//! Keyed by the component and by everything of the engine that code depends on.
//! Code is run as it is read, so that what is read must be what was written: the
//! folder belongs to the host's user alone, and each file ends with a checksum of
//! the rest. That finds what a disk damages; nobody else can write there, and whoever
//! could would write the checksum, too. Whatever is wrong with a file, the component is
//! compiled again.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use wasmtime::Engine;
use xxhash_rust::xxh3::xxh3_128;

use super::component::Component;
use crate::storage::Storage;

/// The checksum that a file ends with.
fn checksum(code: &[u8]) -> [u8; 16] {
    xxh3_128(code).to_le_bytes()
}

/// A cache for one engine's code.
#[derive(Debug, Clone)]
pub(super) struct Cache {
    storage: Storage,
    engine: String,
}

impl Cache {
    pub(super) fn new(storage: Storage, engine: &Engine) -> Self {
        let mut hash = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hash);
        Self {
            storage,
            engine: format!("{:016x}", hash.finish()),
        }
    }

    fn path(&self, component: &Component) -> String {
        format!("code/{}-{}", component.digest(), self.engine)
    }

    /// The file with the code of a component, if it is here and whole.
    pub(super) fn get(&self, component: &Component) -> Option<PathBuf> {
        let path = self.storage.path(&self.path(component));
        match is_whole(&path) {
            Ok(true) => Some(path),
            Ok(false) => {
                tracing::warn!(
                    "compiled code is damaged and is made again: `{}`",
                    path.display()
                );
                None
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                tracing::warn!(
                    "compiled code cannot be read and is made again: `{}`: {error}",
                    path.display()
                );
                None
            }
        }
    }

    /// Writes the code of a component. Where that fails it is compiled again another
    /// time.
    pub(super) fn put(&self, component: &Component, code: &[u8]) -> Option<Fresh> {
        if !self.storage.is_writable() {
            return None;
        }
        let path = self.path(component);
        match self.storage.cache(&path, &[code, &checksum(code)]) {
            Ok(()) => Some(Fresh {
                cache: self.clone(),
                path,
                is_kept: false,
            }),
            Err(error) => {
                tracing::warn!("compiled code is not kept: {error}");
                None
            }
        }
    }

    /// Removes the code of all components but these, and of other engines, except
    /// what was written within the last while.
    pub(super) fn sweep(&self, components: &BTreeSet<String>, grace: Duration) {
        self.storage.sweep("code", grace, |name| {
            let (component, engine) = name.split_once('-').unwrap_or((name, ""));
            engine == self.engine && components.contains(component)
        });
    }
}

/// Code that was just written. Unless it is kept, it is removed again: what turns
/// out to be no policy must not fill the disk.
#[derive(Debug)]
pub(super) struct Fresh {
    cache: Cache,
    path: String,
    is_kept: bool,
}

impl Fresh {
    /// The file.
    pub(super) fn file(&self) -> PathBuf {
        self.cache.storage.path(&self.path)
    }

    /// Leaves it there, for the next start.
    pub(super) fn keep(mut self) {
        self.is_kept = true;
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        if let Err(error) = self.cache.storage.remove(&self.path) {
            tracing::warn!("compiled code that nobody needs stays: {error}");
        }
    }
}

/// Whether a file ends with the checksum of the rest.
fn is_whole(path: &Path) -> io::Result<bool> {
    let file = fs::read(path)?;
    let parts = file.split_last_chunk();
    Ok(parts.is_some_and(|(code, sum)| checksum(code) == *sum))
}
