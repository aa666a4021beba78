//! `wasi:keyvalue`, draft 2 of 0.2.0: small values that a policy keeps between calls.
//!
//! The only way for one evaluation to leave something for another of the same policy.
//! Each policy has one bucket, under the name `default`; it cannot name another's. What
//! is stored and where is a [`Store`]'s; [`Sqlite`] is one, in a file.
//!
//! # What the guest controls
//!
//! Keys, values, cursors and how often it asks. The operator's quota bounds how much
//! is kept, the meter how much passes.

#[cfg(test)]
mod conformance;
mod quota;
mod sqlite;
mod store;

use std::sync::Arc;

use wasmtime::component::{HasData, Linker, Resource, ResourceTable};

use super::meter::{Meter, Overdrawn};
use crate::bindings::v0_1::key_value::wasi::keyvalue as contract;
use contract::atomics::{Cas, CasError};
use contract::store::{Bucket as Handle, Error as Told, KeyResponse};
pub use quota::{LIST_BYTES, LIST_KEYS, Limit, MANY_BYTES, MANY_KEYS, Quota, Totals};
pub use sqlite::{OpenError, Sqlite};
pub use store::{Answer, Bucket, Clock, Current, Error, Page, Store, Swap, Version};

/// The name of the only bucket that a policy can open.
const DEFAULT: &str = "default";

/// A policy's own bucket.
#[derive(Debug, Clone)]
pub struct Own {
    /// Where it is; `None` if there is nowhere to keep anything.
    pub store: Option<Arc<dyn Store>>,
    /// Its name there: the policy's.
    pub name: Arc<str>,
    /// What it may hold.
    pub quota: Quota,
}

/// What one evaluation may do with its policy's values.
pub struct KeyValue {
    own: Own,
    meter: Meter,
}

impl KeyValue {
    /// What an evaluation may do with this bucket.
    #[must_use]
    pub fn new(own: Own, meter: Meter) -> Self {
        Self { own, meter }
    }

    fn store(&self) -> Result<(&dyn Store, Bucket<'_>), Told> {
        let Own { store, name, quota } = &self.own;
        let nowhere = || Error::Unavailable("the host has no folder to keep it in".to_owned());
        let store = store.as_deref().ok_or_else(|| told(nowhere()))?;
        Ok((store, Bucket { name, quota }))
    }

    /// Counts what the guest handed over.
    async fn charge(&self, bytes: usize) -> Result<(), Overdrawn> {
        self.meter.charge(bytes).await
    }

    /// Counts what it is given.
    async fn give(&self, bytes: usize) -> Result<(), Overdrawn> {
        self.meter.pass(bytes);
        self.meter.settle().await
    }
}

/// A key, and the value that a swap is to find under it.
struct Seen {
    key: String,
    current: Current,
}

/// View of a store's data that implements the interfaces (see [`link`]).
pub struct View<'a> {
    /// What may be done.
    pub key_value: &'a mut KeyValue,
    /// Where handles are.
    pub table: &'a mut ResourceTable,
}

struct Views;

impl HasData for Views {
    type Data<'a> = View<'a>;
}

fn told(error: Error) -> Told {
    Told::Other(error.to_string())
}

/// Awaits an operation on the bucket; what went wrong is the guest's to know.
macro_rules! ask {
    ($view:expr, |$store:ident, $bucket:ident| $operation:expr) => {
        match $view.key_value.store() {
            Ok(($store, $bucket)) => $operation.await.map_err(told),
            Err(error) => Err(error),
        }
    };
}

impl contract::store::Host for View<'_> {
    async fn open(
        &mut self,
        identifier: String,
    ) -> wasmtime::Result<Result<Resource<Handle>, Told>> {
        self.key_value.charge(identifier.len()).await?;
        if identifier != DEFAULT {
            return Ok(Err(Told::NoSuchStore));
        }
        let handle = self.table.push(Opened)?;
        Ok(Ok(Resource::new_own(handle.rep())))
    }
}

/// A handle to the bucket. There is only one, so that it holds nothing.
struct Opened;

impl contract::store::HostBucket for View<'_> {
    async fn get(
        &mut self,
        _: Resource<Handle>,
        key: String,
    ) -> wasmtime::Result<Result<Option<Vec<u8>>, Told>> {
        self.key_value.charge(key.len()).await?;
        let value = ask!(self, |store, bucket| store.get(bucket, key));
        let size = value
            .as_ref()
            .ok()
            .and_then(Option::as_ref)
            .map_or(0, Vec::len);
        self.key_value.give(size).await?;
        Ok(value)
    }

    async fn set(
        &mut self,
        _: Resource<Handle>,
        key: String,
        value: Vec<u8>,
    ) -> wasmtime::Result<Result<(), Told>> {
        self.key_value.charge(key.len() + value.len()).await?;
        Ok(ask!(self, |store, bucket| store.set(bucket, key, value)))
    }

    async fn delete(
        &mut self,
        _: Resource<Handle>,
        key: String,
    ) -> wasmtime::Result<Result<(), Told>> {
        self.key_value.charge(key.len()).await?;
        Ok(ask!(self, |store, bucket| store.delete(bucket, key)))
    }

    async fn exists(
        &mut self,
        _: Resource<Handle>,
        key: String,
    ) -> wasmtime::Result<Result<bool, Told>> {
        self.key_value.charge(key.len()).await?;
        Ok(ask!(self, |store, bucket| store.exists(bucket, key)))
    }

    async fn list_keys(
        &mut self,
        _: Resource<Handle>,
        cursor: Option<String>,
    ) -> wasmtime::Result<Result<KeyResponse, Told>> {
        let size = cursor.as_ref().map_or(0, String::len);
        self.key_value.charge(size).await?;
        let page = ask!(self, |store, bucket| store.list(bucket, cursor));
        let keys = page.as_ref().map_or(&[][..], |page| &page.keys);
        self.key_value
            .give(keys.iter().map(String::len).sum())
            .await?;
        Ok(page.map(|page| KeyResponse {
            keys: page.keys,
            cursor: page.cursor,
        }))
    }

    async fn drop(&mut self, handle: Resource<Handle>) -> wasmtime::Result<()> {
        self.table
            .delete(Resource::<Opened>::new_own(handle.rep()))?;
        Ok(())
    }
}

impl contract::atomics::Host for View<'_> {
    async fn increment(
        &mut self,
        _: Resource<Handle>,
        key: String,
        delta: i64,
    ) -> wasmtime::Result<Result<i64, Told>> {
        self.key_value.charge(key.len()).await?;
        Ok(ask!(self, |store, bucket| store.increment(bucket, key, delta)))
    }

    async fn swap(
        &mut self,
        cas: Resource<Cas>,
        value: Vec<u8>,
    ) -> wasmtime::Result<Result<(), CasError>> {
        self.key_value.charge(value.len()).await?;
        let Seen { key, current } = self.table.delete(Resource::new_own(cas.rep()))?;
        let Current { version, .. } = current;
        let swapped = ask!(self, |store, bucket| {
            store.swap(bucket, key.clone(), version, value)
        });
        Ok(match swapped {
            Ok(Swap::Done) => Ok(()),
            Ok(Swap::Stale(current)) => {
                let again = self.table.push(Seen { key, current })?;
                Err(CasError::CasFailed(Resource::new_own(again.rep())))
            }
            Err(error) => Err(CasError::StoreError(error)),
        })
    }
}

impl contract::atomics::HostCas for View<'_> {
    async fn new(
        &mut self,
        _: Resource<Handle>,
        key: String,
    ) -> wasmtime::Result<Result<Resource<Cas>, Told>> {
        self.key_value.charge(key.len()).await?;
        let current = ask!(self, |store, bucket| store.current(bucket, key.clone()));
        Ok(match current {
            Ok(current) => {
                let seen = self.table.push(Seen { key, current })?;
                Ok(Resource::new_own(seen.rep()))
            }
            Err(error) => Err(error),
        })
    }

    async fn current(
        &mut self,
        cas: Resource<Cas>,
    ) -> wasmtime::Result<Result<Option<Vec<u8>>, Told>> {
        let seen: &Seen = self.table.get(&Resource::new_borrow(cas.rep()))?;
        let value = seen.current.value.clone();
        self.key_value
            .charge(value.as_ref().map_or(0, Vec::len))
            .await?;
        Ok(Ok(value))
    }

    async fn drop(&mut self, cas: Resource<Cas>) -> wasmtime::Result<()> {
        self.table.delete(Resource::<Seen>::new_own(cas.rep()))?;
        Ok(())
    }
}

/// A key and its value, as a batch has them.
type Entry = (String, Vec<u8>);

impl contract::batch::Host for View<'_> {
    async fn get_many(
        &mut self,
        _: Resource<Handle>,
        keys: Vec<String>,
    ) -> wasmtime::Result<Result<Vec<(String, Option<Vec<u8>>)>, Told>> {
        self.key_value
            .charge(keys.iter().map(String::len).sum())
            .await?;
        let found = ask!(self, |store, bucket| store.get_many(bucket, keys));
        let entries = found.as_deref().unwrap_or_default().iter();
        let size = entries.map(|(key, value)| key.len() + value.as_ref().map_or(0, Vec::len));
        let size = size.sum();
        self.key_value.give(size).await?;
        Ok(found)
    }

    async fn set_many(
        &mut self,
        _: Resource<Handle>,
        entries: Vec<Entry>,
    ) -> wasmtime::Result<Result<(), Told>> {
        let size = entries.iter().map(|(key, value)| key.len() + value.len());
        self.key_value.charge(size.sum()).await?;
        Ok(ask!(self, |store, bucket| store.set_many(bucket, entries)))
    }

    async fn delete_many(
        &mut self,
        _: Resource<Handle>,
        keys: Vec<String>,
    ) -> wasmtime::Result<Result<(), Told>> {
        self.key_value
            .charge(keys.iter().map(String::len).sum())
            .await?;
        Ok(ask!(self, |store, bucket| store.delete_many(bucket, keys)))
    }
}

/// Links `wasi:keyvalue` to those that `get` finds in a store's data.
///
/// # Errors
///
/// The linker already has it.
pub fn link<T: Send + 'static>(
    linker: &mut Linker<T>,
    get: fn(&mut T) -> View<'_>,
) -> wasmtime::Result<()> {
    contract::store::add_to_linker::<T, Views>(linker, get)?;
    contract::atomics::add_to_linker::<T, Views>(linker, get)?;
    contract::batch::add_to_linker::<T, Views>(linker, get)
}
