//! A store: entries in buckets, each a key and a value.
//!
//! A bucket is one policy's and bears its name; what is in one cannot be seen or
//! changed through another. What every store promises, and `conformance` asks of it:
//!
//! - An operation that was answered outlasts a crash of the machine, and every
//!   operation that begins after it sees it, whoever makes it.
//! - An operation happens whole or not at all, those on many keys too. One that was
//!   answered with [`Error::Unavailable`] or whose caller went away may have happened;
//!   one that was answered with another error did not.
//! - An entry that has expired is not there, for any operation.
//! - No error says anything of a key or a value.
//!
//! The caller bounds nothing itself: keys, values, cursors and how many there are come
//! from a guest, and are checked against the bucket's [`Quota`] here.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::SystemTime;

use super::quota::{Limit, Quota};

/// Where a store has the time from.
pub type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// What an operation comes to. Nothing happens before it is polled; if it is dropped
/// before the store came to it, nothing happens at all.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// Whose entries an operation is about, and how much they may be.
#[derive(Debug, Clone, Copy)]
pub struct Bucket<'a> {
    /// The bucket's name. One that does not exist is empty.
    pub name: &'a str,
    /// What it may hold.
    pub quota: &'a Quota,
}

/// Entries in buckets.
///
/// Every operation can fail with [`Error::BadKey`] and [`Error::Unavailable`]; each says
/// what else it fails with.
pub trait Store: fmt::Debug + Send + Sync {
    /// The value of a key, if it has one.
    fn get<'a>(&'a self, bucket: Bucket<'a>, key: String) -> Answer<'a, Option<Vec<u8>>>;

    /// Whether a key has a value.
    fn exists<'a>(&'a self, bucket: Bucket<'a>, key: String) -> Answer<'a, bool>;

    /// Gives a key a value, and a new life if entries expire.
    ///
    /// Fails with [`Error::QuotaExceeded`].
    fn set<'a>(&'a self, bucket: Bucket<'a>, key: String, value: Vec<u8>) -> Answer<'a, ()>;

    /// Takes a key's value away, if it has one.
    fn delete<'a>(&'a self, bucket: Bucket<'a>, key: String) -> Answer<'a, ()>;

    /// One page of the keys, in the order of their bytes: those after a cursor, which is
    /// that of the page before. A key that is there all the time is on exactly one page.
    fn list<'a>(&'a self, bucket: Bucket<'a>, cursor: Option<String>) -> Answer<'a, Page>;

    /// Adds to the number that a key's value is, and answers with the sum. A key without
    /// a value counts as zero. The value is the number's decimal text.
    ///
    /// If entries expire, this gives a key no new life: a counter counts from its first
    /// write until that has expired, and then begins again, so that it is the count of
    /// one window of time.
    ///
    /// Fails with [`Error::NotANumber`], [`Error::Overflow`], [`Error::QuotaExceeded`].
    fn increment<'a>(&'a self, bucket: Bucket<'a>, key: String, delta: i64) -> Answer<'a, i64>;

    /// The value of a key, if it has one, and what [`swap`](Self::swap) needs.
    fn current<'a>(&'a self, bucket: Bucket<'a>, key: String) -> Answer<'a, Current>;

    /// Gives a key a value as [`set`](Self::set) does, if nobody wrote to it since.
    ///
    /// Fails with [`Error::QuotaExceeded`].
    fn swap<'a>(
        &'a self,
        bucket: Bucket<'a>,
        key: String,
        version: Version,
        value: Vec<u8>,
    ) -> Answer<'a, Swap>;

    /// The values of several keys, in their order and as they were at one time.
    ///
    /// Fails with [`Error::QuotaExceeded`] if the keys or their values are too many.
    fn get_many<'a>(
        &'a self,
        bucket: Bucket<'a>,
        keys: Vec<String>,
    ) -> Answer<'a, Vec<(String, Option<Vec<u8>>)>>;

    /// Gives several keys values. Of one that is named twice, the last counts.
    ///
    /// Fails with [`Error::QuotaExceeded`].
    fn set_many<'a>(
        &'a self,
        bucket: Bucket<'a>,
        entries: Vec<(String, Vec<u8>)>,
    ) -> Answer<'a, ()>;

    /// Takes the values of several keys away.
    ///
    /// Fails with [`Error::QuotaExceeded`] if the keys are too many.
    fn delete_many<'a>(&'a self, bucket: Bucket<'a>, keys: Vec<String>) -> Answer<'a, ()>;
}

/// Some keys of a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The keys; there may be none although more pages follow.
    pub keys: Vec<String>,
    /// Where the next page begins; `None` if this is the last.
    pub cursor: Option<String>,
}

/// What a key's value was at some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    /// The value; `None` if there was none.
    pub value: Option<Vec<u8>>,
    /// Which it was.
    pub version: Version,
}

/// Which of a key's values, one after the other, was meant. Every write makes another,
/// also one of the same bytes or to a key that had been deleted. A key without a value is
/// always the same to it, whatever was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version(pub(super) Option<i64>);

/// What came of a swap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Swap {
    /// The key has the new value.
    Done,
    /// Somebody wrote to it before; it has the value that is here.
    Stale(Current),
}

/// Why an operation did not happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It would take more than the operator allows, or than any may take at once.
    #[error("quota exceeded: at most {limit} {what}")]
    QuotaExceeded {
        /// Of what.
        what: Limit,
        /// How many there may be.
        limit: u64,
    },
    /// What is to be incremented is something else.
    #[error("the value is not the decimal text of a whole number of 64 bits")]
    NotANumber,
    /// The sum is too large, or too small.
    #[error("the sum is not a whole number of 64 bits")]
    Overflow,
    /// It is empty.
    #[error("the key is empty")]
    BadKey,
    /// The store could not do it, and may be able to later.
    #[error("unavailable: {0}")]
    Unavailable(
        /// Why, in words that hold no key and no value.
        String,
    ),
}

/// The number that a value is, if it is one. In one place, so that all stores agree.
pub(super) fn number(value: &[u8]) -> Result<i64, Error> {
    let text = std::str::from_utf8(value).map_err(|_| Error::NotANumber)?;
    text.parse().map_err(|_| Error::NotANumber)
}

#[cfg(test)]
mod tests {
    use super::{Error, Limit, number};

    #[test]
    fn a_number_is_all_of_the_value() {
        for (text, is) in [("0", 0), ("-7", -7), ("9223372036854775807", i64::MAX)] {
            assert_eq!(number(text.as_bytes()), Ok(is));
        }
        for text in ["", " 1", "1 ", "1.0", "one", "9223372036854775808"] {
            assert_eq!(number(text.as_bytes()), Err(Error::NotANumber), "{text:?}");
        }
        assert_eq!(number(b"\xff"), Err(Error::NotANumber));
    }

    #[test]
    fn errors_begin_as_the_contract_says() {
        let what = Limit::Keys;
        let error = Error::QuotaExceeded { what, limit: 3 };
        assert_eq!(error.to_string(), "quota exceeded: at most 3 keys");
        let error = Error::Unavailable("the disk is full".to_owned());
        assert_eq!(error.to_string(), "unavailable: the disk is full");
    }
}
