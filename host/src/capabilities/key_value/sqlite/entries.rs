//! The entries of one bucket, as one transaction sees them.
//!
//! What a bucket holds is counted with every change, in the same transaction, so that
//! a quota is one comparison. A change that goes over it is undone; what has expired
//! is removed then, in steps, and it is tried again.

use rusqlite::{OptionalExtension as _, Row, params};

use super::super::quota::{self, LIST_BYTES, LIST_KEYS, Quota, Totals};
use super::super::store::{self, Current, Error, Page, Swap, Version};
use super::held::{Held, integer, size};
use super::statements::Statements;

/// The most expired entries that are removed in one step.
pub(super) const PURGE_STEP: usize = 100;

/// The most that are removed to make room for one operation. An operation makes no more
/// new keys than that, so that expired keys never make one fail; expired bytes may, if
/// they are those of very many small entries, until they are removed.
const PURGED_FOR_ONE: usize = 1_000;

/// The entries of a bucket.
pub(super) struct Entries<'t, 'c> {
    pub(super) statements: &'t mut Statements<'c>,
    pub(super) name: &'t str,
    pub(super) held: &'t mut Held,
    pub(super) quota: Quota,
    /// When this is, in milliseconds of the Unix epoch.
    pub(super) now: i64,
}

/// Why an operation did not happen.
#[derive(Debug)]
pub(super) enum Failure {
    /// It may not; everything is as before.
    Refused(Error),
    /// The database cannot. If there still is a transaction, everything is as before.
    Broken(rusqlite::Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Broken(error)
    }
}

type Result<T> = std::result::Result<T, Failure>;

/// An entry, expired or not, without its value.
struct Found {
    version: i64,
    written_at: i64,
    value_bytes: u64,
}

/// An entry that has not expired.
struct Live {
    version: i64,
    written_at: i64,
    value: Vec<u8>,
}

impl Entries<'_, '_> {
    pub(super) fn get(&mut self, key: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.read(key)?.map(|entry| entry.value))
    }

    pub(super) fn exists(&mut self, key: &str) -> Result<bool> {
        Ok(self.live_version(key)?.is_some())
    }

    pub(super) fn current(&mut self, key: &str) -> Result<Current> {
        let entry = self.read(key)?;
        let version = Version(entry.as_ref().map(|entry| entry.version));
        let value = entry.map(|entry| entry.value);
        Ok(Current { value, version })
    }

    pub(super) fn get_many(&mut self, keys: &[String]) -> Result<Vec<(String, Option<Vec<u8>>)>> {
        let mut entries = Vec::with_capacity(keys.len());
        let mut bytes = 0;
        for key in keys {
            let value = self.get(key)?;
            bytes += key.len() + value.as_ref().map_or(0, Vec::len);
            quota::check_many_bytes(bytes)?;
            entries.push((key.clone(), value));
        }
        Ok(entries)
    }

    /// What has expired counts towards a page, so that no page is long to make.
    pub(super) fn list(&mut self, cursor: Option<&str>) -> Result<Page> {
        let expired = self.expired_until();
        // No key is empty, so all are after it.
        let after = cursor.unwrap_or_default().as_bytes();
        let most = integer(LIST_KEYS + 1);
        let mut rows = self
            .statements
            .list
            .query(params![self.held.id, after, most])?;
        let (mut keys, mut bytes) = (Vec::new(), 0);
        let (mut seen, mut cursor) = (0, None);
        while let Some(row) = rows.next()? {
            let (key, written_at) = (key(row)?, row.get(1)?);
            let is_too_much = !keys.is_empty() && bytes + key.len() > LIST_BYTES;
            if seen == LIST_KEYS || is_too_much {
                return Ok(Page { keys, cursor });
            }
            seen += 1;
            cursor = Some(key.clone());
            if expired.is_none_or(|expired| expired < written_at) {
                bytes += key.len();
                keys.push(key);
            }
        }
        Ok(Page { keys, cursor: None })
    }

    pub(super) fn set(&mut self, key: &str, value: &[u8]) -> Result<()> {
        self.atomically(|entries| entries.write(key, value, entries.now))
    }

    pub(super) fn set_many(&mut self, entries: &[(String, Vec<u8>)]) -> Result<()> {
        self.atomically(|all| {
            entries
                .iter()
                .try_for_each(|(key, value)| all.write(key, value, all.now))
        })
    }

    pub(super) fn delete_many(&mut self, keys: &[String]) -> Result<()> {
        self.atomically(|entries| keys.iter().try_for_each(|key| entries.remove(key)))
    }

    pub(super) fn delete(&mut self, key: &str) -> Result<()> {
        self.atomically(|entries| entries.remove(key))
    }

    pub(super) fn increment(&mut self, key: &str, delta: i64) -> Result<i64> {
        let (number, written_at) = match self.read(key)? {
            Some(entry) => (store::number(&entry.value)?, entry.written_at),
            None => (0, self.now),
        };
        let sum = number.checked_add(delta).ok_or(Error::Overflow)?;
        let text = sum.to_string();
        self.quota.check_entry(key, text.len())?;
        self.atomically(|entries| entries.write(key, text.as_bytes(), written_at))?;
        Ok(sum)
    }

    pub(super) fn swap(&mut self, key: &str, version: Version, value: &[u8]) -> Result<Swap> {
        if Version(self.live_version(key)?) != version {
            return Ok(Swap::Stale(self.current(key)?));
        }
        self.set(key, value)?;
        Ok(Swap::Done)
    }

    /// Removes expired entries, the oldest first and at most so many; says how many.
    pub(super) fn purge(&mut self, most: usize) -> Result<usize> {
        let Some(expired) = self.expired_until() else {
            return Ok(0);
        };
        let mut purged = Totals::default();
        let mut rows =
            self.statements
                .purge
                .query(params![self.held.id, expired, integer(most)])?;
        while let Some(row) = rows.next()? {
            purged.keys += 1;
            purged.bytes += size(row, 0)?;
        }
        self.held.less(purged);
        Ok(usize::try_from(purged.keys).unwrap_or(usize::MAX))
    }

    /// Makes a change that is undone whole if it fails or goes over the quota.
    fn atomically(&mut self, mut change: impl FnMut(&mut Self) -> Result<()>) -> Result<()> {
        let mut purged = 0;
        loop {
            let failure = match self.attempt(&mut change) {
                Err(failure @ Failure::Refused(Error::QuotaExceeded { .. })) => failure,
                done => return done,
            };
            if purged >= PURGED_FOR_ONE {
                return Err(failure);
            }
            match self.purge(PURGE_STEP)? {
                0 => return Err(failure),
                some => purged += some,
            }
        }
    }

    fn attempt(&mut self, change: &mut impl FnMut(&mut Self) -> Result<()>) -> Result<()> {
        let before = *self.held;
        self.statements.save.execute(())?;
        let changed = change(self).and_then(|()| {
            let (before, after) = (before.totals, self.held.totals);
            Ok(self.quota.check_growth(before, after)?)
        });
        let Err(failure) = changed else {
            self.statements.keep.execute(())?;
            return Ok(());
        };
        *self.held = before;
        // After some errors there is no transaction any more, and nothing to undo.
        if self.statements.is_in_transaction() {
            self.statements.undo.execute(())?;
            self.statements.keep.execute(())?;
        }
        Err(failure)
    }

    fn write(&mut self, key: &str, value: &[u8], written_at: i64) -> Result<()> {
        let id = self.id()?;
        if let Some(before) = self.find(key)? {
            self.held.less(Totals::of(key, before.value_bytes));
        }
        self.held.version += 1;
        let version = self.held.version;
        let write = &mut self.statements.write;
        write.execute(params![id, key.as_bytes(), version, written_at, value])?;
        self.held.more(Totals::of(key, value.len() as u64));
        Ok(())
    }

    fn remove(&mut self, key: &str) -> Result<()> {
        if let Some(before) = self.find(key)? {
            let delete = &mut self.statements.delete;
            delete.execute(params![self.held.id, key.as_bytes()])?;
            self.held.less(Totals::of(key, before.value_bytes));
        }
        Ok(())
    }

    /// The bucket's number; it gets one if it has none.
    fn id(&mut self) -> Result<i64> {
        if let Some(id) = self.held.id {
            return Ok(id);
        }
        let new = &mut self.statements.new_bucket;
        let id = new.query_row(params![self.name], |row| row.get(0))?;
        self.held.id = Some(id);
        Ok(id)
    }

    fn find(&mut self, key: &str) -> Result<Option<Found>> {
        let params = params![self.held.id, key.as_bytes()];
        let found = self.statements.find.query_row(params, |row| {
            Ok(Found {
                version: row.get(0)?,
                written_at: row.get(1)?,
                value_bytes: size(row, 2)?,
            })
        });
        Ok(found.optional()?)
    }

    fn live_version(&mut self, key: &str) -> Result<Option<i64>> {
        let found = self.find(key)?;
        let live = found.filter(|entry| self.is_live(entry.written_at));
        Ok(live.map(|entry| entry.version))
    }

    fn read(&mut self, key: &str) -> Result<Option<Live>> {
        let params = params![self.held.id, key.as_bytes()];
        let read = self.statements.read.query_row(params, |row| {
            Ok(Live {
                version: row.get(0)?,
                written_at: row.get(1)?,
                value: row.get(2)?,
            })
        });
        Ok(read
            .optional()?
            .filter(|entry| self.is_live(entry.written_at)))
    }

    fn is_live(&self, written_at: i64) -> bool {
        self.expired_until()
            .is_none_or(|expired| expired < written_at)
    }

    /// What was written then or before has expired.
    fn expired_until(&self) -> Option<i64> {
        let after = self.quota.expire_after?.as_millis();
        Some(self.now.saturating_sub(integer(after)))
    }
}

/// A key, of the first column.
fn key(row: &Row<'_>) -> rusqlite::Result<String> {
    let key = row.get_ref(0)?.as_blob()?;
    let text = std::str::from_utf8(key).map_err(|error| rusqlite::Error::Utf8Error(0, error))?;
    Ok(text.to_owned())
}
