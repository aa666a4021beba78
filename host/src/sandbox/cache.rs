//! The cache of compiled code, in the host's own folder.
//!
//! Keyed by the component and by everything of the engine that code depends on.
//! Code is run as it is read, so that what is read must be what was written: the
//! folder belongs to the host's user alone, and each file begins with the digest
//! of the rest. Whatever is wrong with a file, the component is compiled again.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use wasmtime::Engine;

use super::component::Component;
use crate::storage::Storage;

/// The size of the digest that a file begins with, in bytes.
const DIGEST: usize = 32;

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

    /// The code of a component, if it is here and whole.
    pub(super) fn get(&self, component: &Component) -> Option<Vec<u8>> {
        let path = self.path(component);
        let mut file = match self.storage.read(&path) {
            Ok(file) => file?,
            Err(error) => {
                tracing::warn!("compiled code cannot be read and is made again: {error}");
                return None;
            }
        };
        let code = file.get(DIGEST..)?;
        if *Sha256::digest(code) != file[..DIGEST] {
            tracing::warn!("compiled code is damaged and is made again: `{path}`");
            return None;
        }
        file.drain(..DIGEST);
        Some(file)
    }

    /// Keeps the code of a component. Where that fails it is compiled again another
    /// time.
    pub(super) fn put(&self, component: &Component, code: &[u8]) {
        let digest = Sha256::digest(code);
        let path = self.path(component);
        if self.storage.is_writable()
            && let Err(error) = self.storage.cache(&path, &[&digest, code])
        {
            tracing::warn!("compiled code is not kept: {error}");
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
