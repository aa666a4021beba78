//! The bucket that an operator granted, in memory.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::rc::Rc;

use super::{Fake, Fakes, keep};
use crate::key_value::{Error, KeyAndValue, Keys};

/// How many keys are in a page.
const PAGE: usize = 100;

/// A bucket in memory, for as long as this is kept.
#[derive(Debug)]
#[must_use = "the bucket is there for as long as this is kept"]
pub struct KeyValue {
    store: Rc<Store>,
    _fake: Fake,
}

#[derive(Debug, Default)]
pub(crate) struct Store(RefCell<State>);

#[derive(Debug, Default)]
struct State {
    values: BTreeMap<String, Entry>,
    /// The version of the last write: none comes twice.
    version: u64,
    max_keys: Option<usize>,
    error: Option<Error>,
    /// What another evaluation writes just before the next swap.
    overtakes: Option<(String, Vec<u8>)>,
}

#[derive(Debug, Clone)]
struct Entry {
    value: Vec<u8>,
    version: u64,
}

thread_local! {
    static BUCKETS: Fakes<Store> = const { Fakes::new() };
}

/// Grants an empty bucket. Without it, access is denied.
///
/// ```
/// use hookwarden_sdk::key_value::{Bucket, Claim, Error};
/// use hookwarden_sdk::testing;
///
/// let values = testing::key_value();
/// values.set("code", "another");
/// let bucket = Bucket::open()?;
/// assert_eq!(bucket.claim("code", "event"), Ok(Claim::Taken));
///
/// values.fail(Some(Error::Unavailable("locked".to_owned())));
/// assert!(bucket.claim("code", "event").is_err());
/// # Ok::<(), Error>(())
/// ```
pub fn key_value() -> KeyValue {
    let store = Rc::<Store>::default();
    let fake = keep(&BUCKETS, Rc::clone(&store));
    KeyValue { store, _fake: fake }
}

impl KeyValue {
    /// Refuses keys beyond so many: [`Error::QuotaExceeded`].
    pub fn limit_keys(&self, keys: usize) {
        self.store.0.borrow_mut().max_keys = Some(keys);
    }

    /// Lets every operation fail with this error; none of them any more with `None`.
    pub fn fail(&self, error: Option<Error>) {
        self.store.0.borrow_mut().error = error;
    }

    /// Lets another evaluation write this value just before the next swap of any key,
    /// which is lost then if it is of the same key.
    pub fn overtake(&self, key: impl Into<String>, value: impl Into<Vec<u8>>) {
        self.store.0.borrow_mut().overtakes = Some((key.into(), value.into()));
    }

    /// Writes a value, whatever limit there is.
    pub fn set(&self, key: impl Into<String>, value: impl Into<Vec<u8>>) {
        let mut state = self.store.0.borrow_mut();
        state.write(key.into(), value.into());
    }

    /// The value of a key, whatever fails otherwise.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Vec<u8>> {
        let state = self.store.0.borrow();
        state.values.get(key).map(|entry| entry.value.clone())
    }

    /// Deletes a key, as when it expires.
    pub fn expire(&self, key: &str) {
        self.store.0.borrow_mut().values.remove(key);
    }

    /// All keys, in order.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        self.store.0.borrow().values.keys().cloned().collect()
    }
}

impl State {
    fn write(&mut self, key: String, value: Vec<u8>) {
        self.version += 1;
        let version = self.version;
        self.values.insert(key, Entry { value, version });
    }

    fn has_room_for(&self, key: &str) -> Result<(), Error> {
        let is_full = |max: usize| !self.values.contains_key(key) && self.values.len() >= max;
        match self.max_keys {
            Some(max) if is_full(max) => Err(Error::QuotaExceeded(format!("{max} keys"))),
            _ => Ok(()),
        }
    }
}

/// An opened bucket.
#[derive(Debug)]
pub(crate) struct Bucket(Rc<Store>);

#[derive(Debug)]
pub(crate) struct Cas {
    store: Rc<Store>,
    key: String,
    began_with: Option<Entry>,
}

pub(crate) fn open() -> Result<Bucket, Error> {
    let bucket = BUCKETS.with(|buckets| buckets.latest(|_| true));
    let bucket = Bucket(bucket.ok_or(Error::AccessDenied)?);
    bucket.with(|_| Ok(()))?;
    Ok(bucket)
}

impl Store {
    fn with<T>(&self, operation: impl FnOnce(&mut State) -> Result<T, Error>) -> Result<T, Error> {
        let mut state = self.0.borrow_mut();
        match &state.error {
            Some(error) => Err(error.clone()),
            None => operation(&mut state),
        }
    }
}

impl Bucket {
    fn with<T>(&self, operation: impl FnOnce(&mut State) -> Result<T, Error>) -> Result<T, Error> {
        self.0.with(operation)
    }

    pub(crate) fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        self.with(|state| Ok(state.values.get(key).map(|entry| entry.value.clone())))
    }

    pub(crate) fn set(&self, key: &str, value: &[u8]) -> Result<(), Error> {
        self.set_many(&[(key, value)])
    }

    pub(crate) fn delete(&self, key: &str) -> Result<(), Error> {
        self.delete_many(&[key])
    }

    pub(crate) fn exists(&self, key: &str) -> Result<bool, Error> {
        self.with(|state| Ok(state.values.contains_key(key)))
    }

    pub(crate) fn keys(&self, cursor: Option<&str>) -> Result<Keys, Error> {
        self.with(|state| {
            let after = cursor.map_or(Bound::Unbounded, Bound::Excluded);
            let mut rest = state.values.range::<str, _>((after, Bound::Unbounded));
            let page = rest.by_ref().take(PAGE);
            let keys: Vec<_> = page.map(|(key, _)| key.clone()).collect();
            let cursor = rest.next().and(keys.last()).cloned();
            Ok(Keys { keys, cursor })
        })
    }

    pub(crate) fn increment(&self, key: &str, by: i64) -> Result<i64, Error> {
        self.with(|state| {
            state.has_room_for(key)?;
            let number = match state.values.get(key) {
                None => Some(0),
                Some(entry) => std::str::from_utf8(&entry.value)
                    .ok()
                    .and_then(|digits| digits.parse::<i64>().ok()),
            };
            let number = number.ok_or_else(|| Error::Other("not a number".to_owned()))?;
            let sum = number.checked_add(by);
            let sum = sum.ok_or_else(|| Error::Other("the number overflows".to_owned()))?;
            state.write(key.to_owned(), sum.to_string().into_bytes());
            Ok(sum)
        })
    }

    pub(crate) fn get_many(&self, keys: &[&str]) -> Result<Vec<KeyAndValue>, Error> {
        let pair = |key: &&str| Ok(((*key).to_owned(), self.get(key)?));
        keys.iter().map(pair).collect()
    }

    pub(crate) fn set_many(&self, values: &[(&str, &[u8])]) -> Result<(), Error> {
        self.with(|state| {
            for (key, value) in values {
                state.has_room_for(key)?;
                state.write((*key).to_owned(), value.to_vec());
            }
            Ok(())
        })
    }

    pub(crate) fn delete_many(&self, keys: &[&str]) -> Result<(), Error> {
        self.with(|state| {
            state.values.retain(|key, _| !keys.contains(&key.as_str()));
            Ok(())
        })
    }
}

impl Cas {
    pub(crate) fn new(bucket: &Bucket, key: &str) -> Result<Self, Error> {
        let began_with = bucket.with(|state| Ok(state.values.get(key).cloned()))?;
        Ok(Self {
            store: Rc::clone(&bucket.0),
            key: key.to_owned(),
            began_with,
        })
    }

    pub(crate) fn current(&self) -> Result<Option<Vec<u8>>, Error> {
        let current = self.began_with.as_ref().map(|entry| entry.value.clone());
        self.store.with(|_| Ok(current))
    }
}

/// Swaps; if somebody else changed the key first, a swap that begins anew.
pub(crate) fn swap(mut cas: Cas, value: &[u8]) -> Result<Option<Cas>, Error> {
    let store = Rc::clone(&cas.store);
    store.with(|state| {
        if let Some((key, value)) = state.overtakes.take() {
            state.write(key, value);
        }
        let version = |entry: Option<&Entry>| entry.map(|entry| entry.version);
        let now = state.values.get(&cas.key);
        if version(now) != version(cas.began_with.as_ref()) {
            cas.began_with = now.cloned();
            return Ok(Some(cas));
        }
        state.has_room_for(&cas.key)?;
        state.write(cas.key, value.to_vec());
        Ok(None)
    })
}

#[cfg(test)]
mod tests {
    use super::{PAGE, key_value, open};
    use crate::key_value::Error;

    #[test]
    fn a_new_key_needs_room() {
        let values = key_value();
        values.limit_keys(1);
        let bucket = open().expect("a bucket");
        bucket.set("a", b"1").expect("room");
        bucket.set("a", b"2").expect("no new key");
        let full = Err(Error::QuotaExceeded("1 keys".to_owned()));
        assert_eq!(bucket.set("b", b"1"), full);
        assert_eq!(bucket.increment("b", 1).map(drop), full);
        assert_eq!(values.keys(), ["a"]);
        values.expire("a");
        bucket.set("b", b"1").expect("room again");
    }

    #[test]
    fn every_operation_fails_as_was_said() {
        let values = key_value();
        let bucket = open().expect("a bucket");
        let error = Error::Unavailable("locked".to_owned());
        values.fail(Some(error.clone()));
        assert_eq!(bucket.get("a"), Err(error.clone()));
        assert_eq!(bucket.set("a", b"1"), Err(error.clone()));
        assert_eq!(bucket.increment("a", 1), Err(error.clone()));
        assert_eq!(bucket.keys(None).map(drop), Err(error.clone()));
        assert_eq!(open().map(drop), Err(error));
        values.fail(None);
        assert_eq!(bucket.get("a"), Ok(None));
    }

    #[test]
    fn pages_follow_each_other_and_end() {
        let values = key_value();
        let names = 0..2 * PAGE;
        for name in names.clone() {
            values.set(format!("{name:04}"), "");
        }
        let bucket = open().expect("a bucket");
        let (mut found, mut cursor, mut pages) = (Vec::new(), None, 0);
        loop {
            let page = bucket.keys(cursor.as_deref()).expect("a page");
            found.extend(page.keys);
            (cursor, pages) = (page.cursor, pages + 1);
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!((found, pages), (values.keys(), 2));
    }
}
