//! What a bucket holds, as its row says.

use rusqlite::Row;

use super::super::quota::Totals;

/// A bucket's row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Held {
    /// Its number; `None` for a bucket that nothing was ever written to.
    pub(super) id: Option<i64>,
    /// What all entries come to.
    pub(super) totals: Totals,
    /// The last version that was given to an entry. It only grows, so that none is
    /// given twice.
    pub(super) version: i64,
}

impl Held {
    pub(super) fn more(&mut self, Totals { keys, bytes }: Totals) {
        self.totals.keys += keys;
        self.totals.bytes += bytes;
    }

    /// A database that was tampered with may say less than it holds.
    pub(super) fn less(&mut self, Totals { keys, bytes }: Totals) {
        self.totals.keys = self.totals.keys.saturating_sub(keys);
        self.totals.bytes = self.totals.bytes.saturating_sub(bytes);
    }
}

impl Totals {
    /// What one entry comes to.
    pub(super) fn of(key: &str, value_bytes: u64) -> Self {
        let bytes = key.len() as u64 + value_bytes;
        Self { keys: 1, bytes }
    }
}

/// A number for SQLite, which has none that are larger.
pub(super) fn integer(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

/// A number that is not negative unless somebody else wrote it.
pub(super) fn size(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}
