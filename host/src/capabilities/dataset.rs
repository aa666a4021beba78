//! `dataset`: lists and tables that somebody else edits, looked up by the host.
//!
//! A dataset is read once and shared by all who are granted it; an evaluation sees
//! each as it was when it first asked.
//!
//! # What the guest controls
//!
//! The name of the dataset, and the value that is looked up. A name that is not
//! granted is refused, whether there is such a dataset or not.

mod content;
mod fault;
mod shape;
mod source;

mod csv;
mod json;
mod text;

mod builder;
mod keys;
mod records;

mod domain;
mod fold;
mod network;
mod ranges;

mod arena;
mod index;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use wasmtime::component::{HasSelf, Linker};

use super::meter::Meter;
use crate::bindings::v0_1::capabilities::hookwarden::policy::dataset as contract;
pub use content::{Content, NoRecords};
pub use fault::{ContentError, Fault};
pub use shape::{Format, Matching, ReadLimits, Shape};
pub use source::{Dataset, DatasetError, Look};

/// The datasets that a policy is granted, by their names.
pub type Granted = BTreeMap<String, Arc<Dataset>>;

/// The datasets of one evaluation.
pub struct Datasets {
    granted: Arc<Granted>,
    used: Used,
    meter: Meter,
}

/// The datasets that an evaluation has asked, as they were then. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Used(Arc<Mutex<BTreeMap<String, Arc<Content>>>>);

impl Used {
    /// Their names and revisions.
    #[must_use]
    pub fn revisions(&self) -> Vec<(String, String)> {
        let used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let revision = |(name, content): (&String, &Arc<Content>)| {
            (name.clone(), content.revision().to_owned())
        };
        used.iter().map(revision).collect()
    }
}

impl Datasets {
    /// What an evaluation may ask; what it has asked is noted in `used`.
    #[must_use]
    pub fn new(granted: Arc<Granted>, used: Used, meter: Meter) -> Self {
        Self {
            granted,
            used,
            meter,
        }
    }

    fn content(&self, name: &str) -> Result<Arc<Content>, contract::Error> {
        let mut used = self.used.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(content) = used.get(name) {
            return Ok(Arc::clone(content));
        }
        let dataset = self.granted.get(name);
        let dataset = dataset.ok_or(contract::Error::AccessDenied)?;
        let content = dataset.snapshot().ok_or(contract::Error::Unavailable)?;
        used.insert(name.to_owned(), Arc::clone(&content));
        Ok(content)
    }
}

impl contract::Host for Datasets {
    async fn contains(
        &mut self,
        dataset: String,
        value: String,
    ) -> wasmtime::Result<Result<bool, contract::Error>> {
        self.meter.charge(dataset.len() + value.len()).await?;
        Ok(self
            .content(&dataset)
            .map(|content| content.contains(&value)))
    }

    async fn lookup(
        &mut self,
        dataset: String,
        key: String,
    ) -> wasmtime::Result<Result<Option<String>, contract::Error>> {
        let found = self.content(&dataset).and_then(|content| {
            let found = content.lookup(&key);
            let found = found.map_err(|_| contract::Error::NotSupported)?;
            Ok(found.map(std::borrow::Cow::into_owned))
        });
        let size = match &found {
            Ok(Some(record)) => record.len(),
            Ok(None) | Err(_) => 0,
        };
        self.meter.charge(dataset.len() + key.len() + size).await?;
        Ok(found)
    }
}

/// Links `dataset` to those that `get` finds in a store's data.
///
/// # Errors
///
/// The linker already has it.
pub fn link<T: Send + 'static>(
    linker: &mut Linker<T>,
    get: fn(&mut T) -> &mut Datasets,
) -> wasmtime::Result<()> {
    contract::add_to_linker::<T, HasSelf<Datasets>>(linker, get)
}
