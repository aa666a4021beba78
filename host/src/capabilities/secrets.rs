//! `secrets`: values that must not stand in settings.
//!
//! The author names a secret; the operator binds the name to an environment variable
//! or a file, for one policy alone. A file is read again when it changes.
//!
//! # What the guest controls
//!
//! The name that it asks for. A name that nobody bound has no value, whatever there is
//! under it elsewhere: the environment and the file system are never asked.

mod source;

use std::collections::BTreeMap;
use std::sync::Arc;

use wasmtime::component::{HasSelf, Linker};

use super::meter::Meter;
use crate::bindings::v0_1::capabilities::hookwarden::policy::secrets as contract;
pub use source::{Hidden, MAX_SECRET, Secret, SecretSource, SecretUnreadable, read, trimmed};

/// The secrets that are bound for a policy, by their names.
pub type Bound = BTreeMap<String, Arc<Secret>>;

/// The secrets of one evaluation.
pub struct Secrets {
    bound: Arc<Bound>,
    /// Within an evaluation a value does not change.
    seen: BTreeMap<String, Hidden>,
    meter: Meter,
}

impl Secrets {
    /// What an evaluation may ask for.
    #[must_use]
    pub fn new(bound: Arc<Bound>, meter: Meter) -> Self {
        Self {
            bound,
            seen: BTreeMap::new(),
            meter,
        }
    }

    fn value(&mut self, name: &str) -> Option<Hidden> {
        if let Some(value) = self.seen.get(name) {
            return Some(value.clone());
        }
        let value = self.bound.get(name)?.value()?;
        self.seen.insert(name.to_owned(), value.clone());
        Some(value)
    }
}

impl contract::Host for Secrets {
    async fn get(&mut self, name: String) -> wasmtime::Result<Option<String>> {
        let value = self.value(&name);
        let size = value.as_ref().map_or(0, |value| value.reveal().len());
        self.meter.charge(name.len() + size).await?;
        Ok(value.map(|value| value.reveal().to_owned()))
    }
}

/// Links `secrets` to those that `get` finds in a store's data.
///
/// # Errors
///
/// The linker already has it.
pub fn link<T: Send + 'static>(
    linker: &mut Linker<T>,
    get: fn(&mut T) -> &mut Secrets,
) -> wasmtime::Result<()> {
    contract::add_to_linker::<T, HasSelf<Secrets>>(linker, get)
}
