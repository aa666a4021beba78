//! The host's key-value store.

use super::bucket::{KeyAndValue, Keys};
use super::error::Error;
use crate::bindings::key_value::wasi::keyvalue::{atomics, batch, store};

/// The name under which a policy's bucket is opened.
const STORE: &str = "default";

#[derive(Debug)]
pub(super) struct Bucket(store::Bucket);

#[derive(Debug)]
pub(super) struct Cas(atomics::Cas);

pub(super) fn open() -> Result<Bucket, Error> {
    store::open(STORE).map(Bucket).map_err(error)
}

impl Bucket {
    pub(super) fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        self.0.get(key).map_err(error)
    }

    pub(super) fn set(&self, key: &str, value: &[u8]) -> Result<(), Error> {
        self.0.set(key, value).map_err(error)
    }

    pub(super) fn delete(&self, key: &str) -> Result<(), Error> {
        self.0.delete(key).map_err(error)
    }

    pub(super) fn exists(&self, key: &str) -> Result<bool, Error> {
        self.0.exists(key).map_err(error)
    }

    pub(super) fn keys(&self, cursor: Option<&str>) -> Result<Keys, Error> {
        let page = self.0.list_keys(cursor).map_err(error)?;
        let (keys, cursor) = (page.keys, page.cursor);
        Ok(Keys { keys, cursor })
    }

    pub(super) fn increment(&self, key: &str, by: i64) -> Result<i64, Error> {
        atomics::increment(&self.0, key, by).map_err(error)
    }

    pub(super) fn get_many(&self, keys: &[&str]) -> Result<Vec<KeyAndValue>, Error> {
        batch::get_many(&self.0, &owned(keys)).map_err(error)
    }

    pub(super) fn set_many(&self, values: &[(&str, &[u8])]) -> Result<(), Error> {
        let values: Vec<_> = values
            .iter()
            .map(|(key, value)| ((*key).to_owned(), value.to_vec()))
            .collect();
        batch::set_many(&self.0, &values).map_err(error)
    }

    pub(super) fn delete_many(&self, keys: &[&str]) -> Result<(), Error> {
        batch::delete_many(&self.0, &owned(keys)).map_err(error)
    }
}

impl Cas {
    pub(super) fn new(bucket: &Bucket, key: &str) -> Result<Self, Error> {
        atomics::Cas::new(&bucket.0, key).map(Self).map_err(error)
    }

    pub(super) fn current(&self) -> Result<Option<Vec<u8>>, Error> {
        self.0.current().map_err(error)
    }
}

/// Swaps; if somebody else changed the key first, a swap that begins anew.
pub(super) fn swap(cas: Cas, value: &[u8]) -> Result<Option<Cas>, Error> {
    match atomics::swap(cas.0, value) {
        Ok(()) => Ok(None),
        Err(atomics::CasError::CasFailed(latest)) => Ok(Some(Cas(latest))),
        Err(atomics::CasError::StoreError(why)) => Err(error(why)),
    }
}

fn owned(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}

fn error(error: store::Error) -> Error {
    match error {
        store::Error::NoSuchStore => Error::NoSuchStore,
        store::Error::AccessDenied => Error::AccessDenied,
        store::Error::Other(text) => Error::other(text),
    }
}
