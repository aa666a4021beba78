//! A store in one SQLite file, for one host.
//!
//! Two threads have the database, one to write and one to read, and operations wait for
//! them in queues that are fair to the buckets; nothing here waits in any other way.
//! Callers are not blocked by a disk that is slow or a file that is locked: their
//! operations are unavailable, and work again when it does.

mod entries;
mod fault;
mod file;
mod held;
mod ledger;
mod queue;
mod statements;
mod task;
#[cfg(test)]
mod tests;
mod transaction;
mod worker;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use self::entries::{Entries, Failure};
pub use self::file::OpenError;
use self::file::{Access, File};
use self::ledger::Ledger;
use self::queue::Load;
use self::task::{Task, stopped};
use self::worker::{Means, Worker};
use super::quota::{self, Totals};
use super::store::{Answer, Bucket, Clock, Current, Error, Page, Store, Swap, Version};

/// How often the whole store is looked through for what has expired. A bucket that is
/// written to is each time.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// How long closing the store may take whoever drops it.
const CLOSING: Duration = Duration::from_millis(500);

/// A store in one SQLite file.
///
/// Dropping it ends its threads and closes the file; whoever drops it waits for that,
/// half a second at most. Everything that was answered is in the file before.
pub struct Sqlite {
    reader: Worker,
    writer: Worker,
    ledger: Arc<Ledger>,
}

impl Sqlite {
    /// Opens a file, and makes it if there is none. Its folder must be there, and
    /// of a file system on which processes can share memory. Blocks.
    ///
    /// The clock is asked once a batch.
    ///
    /// # Errors
    ///
    /// The file is none of this host's, or cannot be opened or made.
    pub fn open(path: &Path, clock: Clock) -> Result<Self, OpenError> {
        let (path, pages) = (path.to_owned(), None);
        Self::start(File { path, pages }, clock, SWEEP_EVERY)
    }

    fn start(file: File, clock: Clock, sweep_every: Duration) -> Result<Self, OpenError> {
        let (writes, reads, totals) = file.open()?;
        let ledger = Arc::new(Ledger::new(totals));
        let means = Means {
            file,
            clock,
            ledger: Arc::clone(&ledger),
            sweep_every,
        };
        let start = |access, connection| {
            let started = Worker::start(access, means.clone(), connection);
            started.map_err(|error| OpenError::Io {
                path: means.file.path.clone(),
                error,
            })
        };
        Ok(Self {
            reader: start(Access::Read, reads)?,
            writer: start(Access::Write, writes)?,
            ledger,
        })
    }

    /// What each bucket holds, for metrics: cheap, and current as of the last operation
    /// that was answered.
    #[must_use]
    pub fn totals(&self) -> Vec<(Arc<str>, Totals)> {
        self.ledger.totals()
    }

    fn submit<'a, T, F>(
        &'a self,
        bucket: Bucket<'a>,
        checked: Result<(), Error>,
        (access, load): (Access, Load),
        run: F,
    ) -> Answer<'a, T>
    where
        T: Send + 'static,
        F: FnMut(&mut Entries<'_, '_>) -> Result<T, Failure> + Send + 'static,
    {
        let worker = match access {
            Access::Read => &self.reader,
            Access::Write => &self.writer,
        };
        Box::pin(async move {
            checked?;
            let (task, reply) = Task::new(*bucket.quota, run);
            worker.submit(bucket.name, load, task)?;
            reply.await.unwrap_or_else(|_| Err(stopped()))
        })
    }
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sqlite").finish_non_exhaustive()
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        // The one that writes is the last, and leaves one file.
        let until = Instant::now() + CLOSING;
        self.reader.end(until);
        self.writer.end(until);
    }
}

/// Reading or deleting one entry.
fn one(key: &str) -> Load {
    Load::of(1, key.len())
}

/// The same of several.
fn several(keys: &[String]) -> Load {
    Load::of(keys.len(), keys.iter().map(String::len).sum())
}

/// Writing one entry.
fn entry(key: &str, value: &[u8]) -> Load {
    Load::of(1, key.len() + value.len())
}

impl Store for Sqlite {
    fn get<'a>(&'a self, bucket: Bucket<'a>, key: String) -> Answer<'a, Option<Vec<u8>>> {
        let (checked, how) = (quota::check_key(&key), (Access::Read, one(&key)));
        self.submit(bucket, checked, how, move |entries| entries.get(&key))
    }

    fn exists<'a>(&'a self, bucket: Bucket<'a>, key: String) -> Answer<'a, bool> {
        let (checked, how) = (quota::check_key(&key), (Access::Read, one(&key)));
        self.submit(bucket, checked, how, move |entries| entries.exists(&key))
    }

    fn set<'a>(&'a self, bucket: Bucket<'a>, key: String, value: Vec<u8>) -> Answer<'a, ()> {
        let checked = bucket.quota.check_entry(&key, value.len());
        let how = (Access::Write, entry(&key, &value));
        self.submit(bucket, checked, how, move |entries| {
            entries.set(&key, &value)
        })
    }

    fn delete<'a>(&'a self, bucket: Bucket<'a>, key: String) -> Answer<'a, ()> {
        let (checked, how) = (quota::check_key(&key), (Access::Write, one(&key)));
        self.submit(bucket, checked, how, move |entries| entries.delete(&key))
    }

    fn list<'a>(&'a self, bucket: Bucket<'a>, cursor: Option<String>) -> Answer<'a, Page> {
        let how = (Access::Read, Load::TURN);
        self.submit(bucket, Ok(()), how, move |entries| {
            entries.list(cursor.as_deref())
        })
    }

    fn increment<'a>(&'a self, bucket: Bucket<'a>, key: String, delta: i64) -> Answer<'a, i64> {
        let checked = bucket.quota.check_entry(&key, 0);
        let how = (Access::Write, one(&key));
        self.submit(bucket, checked, how, move |entries| {
            entries.increment(&key, delta)
        })
    }

    fn current<'a>(&'a self, bucket: Bucket<'a>, key: String) -> Answer<'a, Current> {
        let (checked, how) = (quota::check_key(&key), (Access::Read, one(&key)));
        self.submit(bucket, checked, how, move |entries| entries.current(&key))
    }

    fn swap<'a>(
        &'a self,
        bucket: Bucket<'a>,
        key: String,
        version: Version,
        value: Vec<u8>,
    ) -> Answer<'a, Swap> {
        let checked = bucket.quota.check_entry(&key, value.len());
        let how = (Access::Write, entry(&key, &value));
        self.submit(bucket, checked, how, move |entries| {
            entries.swap(&key, version, &value)
        })
    }

    fn get_many<'a>(
        &'a self,
        bucket: Bucket<'a>,
        keys: Vec<String>,
    ) -> Answer<'a, Vec<(String, Option<Vec<u8>>)>> {
        let (checked, how) = (quota::check_keys(&keys), (Access::Read, several(&keys)));
        self.submit(bucket, checked, how, move |entries| entries.get_many(&keys))
    }

    fn set_many<'a>(&'a self, bucket: Bucket<'a>, many: Vec<(String, Vec<u8>)>) -> Answer<'a, ()> {
        let checked = bucket.quota.check_entries(&many);
        let bytes = many
            .iter()
            .map(|(key, value)| key.len() + value.len())
            .sum();
        let how = (Access::Write, Load::of(many.len(), bytes));
        self.submit(bucket, checked, how, move |entries| entries.set_many(&many))
    }

    fn delete_many<'a>(&'a self, bucket: Bucket<'a>, keys: Vec<String>) -> Answer<'a, ()> {
        let (checked, how) = (quota::check_keys(&keys), (Access::Write, several(&keys)));
        self.submit(bucket, checked, how, move |entries| {
            entries.delete_many(&keys)
        })
    }
}
