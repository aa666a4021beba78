//! A quota: what a bucket may hold, set by the operator; and what one operation may
//! take, which is the same for all.

use std::fmt;
use std::time::Duration;

use super::store::Error;

/// The most keys on a page of a listing.
pub const LIST_KEYS: usize = 1_000;

/// The most bytes that the keys on a page have together. A page has at least one key.
pub const LIST_BYTES: usize = 256 * 1024;

/// The most keys that one operation names.
pub const MANY_KEYS: usize = 1_000;

/// The most bytes of keys and values in one operation or its answer.
pub const MANY_BYTES: usize = 4 * 1024 * 1024;

/// What a bucket may hold.
///
/// A bucket that holds more, because the operator lowered a limit, keeps it; what does
/// not make it larger still works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// How many keys.
    pub keys: u64,
    /// How many bytes a key has.
    pub key_bytes: usize,
    /// How many bytes a value has.
    pub value_bytes: usize,
    /// How many bytes all keys and values have together.
    pub bytes: u64,
    /// How long after it was written an entry is there; for a counter, after it was
    /// first written. It holds for entries that were written before it was changed.
    pub expire_after: Option<Duration>,
}

/// What there can be too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Keys in a bucket.
    Keys,
    /// Bytes of a key.
    KeyBytes,
    /// Bytes of a value.
    ValueBytes,
    /// Bytes of all keys and values in a bucket.
    Bytes,
    /// Keys in an operation, see [`MANY_KEYS`].
    ManyKeys,
    /// Bytes in an operation, see [`MANY_BYTES`].
    ManyBytes,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Keys => "keys",
            Self::KeyBytes => "bytes in a key",
            Self::ValueBytes => "bytes in a value",
            Self::Bytes => "bytes of keys and values",
            Self::ManyKeys => "keys in one operation",
            Self::ManyBytes => "bytes in one operation",
        })
    }
}

impl Quota {
    /// Checks the size of an entry that is to be written.
    pub(super) fn check_entry(&self, key: &str, value: usize) -> Result<(), Error> {
        check_key(key)?;
        at_most(key.len(), self.key_bytes, Limit::KeyBytes)?;
        at_most(value, self.value_bytes, Limit::ValueBytes)
    }

    /// Checks entries that are to be written at once.
    pub(super) fn check_entries(&self, entries: &[(String, Vec<u8>)]) -> Result<(), Error> {
        at_most(entries.len(), MANY_KEYS, Limit::ManyKeys)?;
        for (key, value) in entries {
            self.check_entry(key, value.len())?;
        }
        let sizes = entries.iter().map(|(key, value)| key.len() + value.len());
        at_most(sizes.sum(), MANY_BYTES, Limit::ManyBytes)
    }

    /// Checks what a bucket comes to hold. What does not grow may be over its limit.
    pub(super) fn check_growth(&self, before: Totals, after: Totals) -> Result<(), Error> {
        for (what, limit, before, after) in [
            (Limit::Keys, self.keys, before.keys, after.keys),
            (Limit::Bytes, self.bytes, before.bytes, after.bytes),
        ] {
            if after > limit && after > before {
                return Err(Error::QuotaExceeded { what, limit });
            }
        }
        Ok(())
    }
}

/// What a bucket holds, with what has expired and was not removed yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// How many keys.
    pub keys: u64,
    /// How many bytes keys and values have together.
    pub bytes: u64,
}

/// Checks a key that is to be read or deleted. It may be longer than one that is written:
/// the operator may have lowered that limit.
pub(super) fn check_key(key: &str) -> Result<(), Error> {
    if key.is_empty() {
        return Err(Error::BadKey);
    }
    Ok(())
}

/// Checks keys that are to be read or deleted at once.
pub(super) fn check_keys(keys: &[String]) -> Result<(), Error> {
    at_most(keys.len(), MANY_KEYS, Limit::ManyKeys)?;
    keys.iter().try_for_each(|key| check_key(key))?;
    check_many_bytes(keys.iter().map(String::len).sum())
}

/// Checks how many bytes an operation comes to.
pub(super) fn check_many_bytes(bytes: usize) -> Result<(), Error> {
    at_most(bytes, MANY_BYTES, Limit::ManyBytes)
}

fn at_most(is: usize, limit: usize, what: Limit) -> Result<(), Error> {
    if is > limit {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        return Err(Error::QuotaExceeded { what, limit });
    }
    Ok(())
}
