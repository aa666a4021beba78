//! Content: what a dataset's file says, read whole and never changed.

use std::borrow::Cow;
use std::fmt;

use sha2::{Digest as _, Sha256};

use super::arena::Arena;
use super::builder::{Builder, Built};
use super::fault::{ContentError, Fault};
use super::keys::Keys;
use super::records::Records;
use super::shape::{Format, ReadLimits, Shape};
use super::{csv, json, text};

/// What a file says.
pub struct Content {
    arena: Arena,
    keys: Keys,
    records: Records,
    len: usize,
    revision: Box<str>,
}

/// The dataset is a list: it has no records to look up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is a list, which has no records; ask whether it contains the value")]
pub struct NoRecords;

impl Content {
    /// Reads the bytes of a file.
    ///
    /// A byte order mark at the start is skipped, and lines may end in CRLF. Entries
    /// that say the same are one.
    ///
    /// # Errors
    ///
    /// There are too many bytes or entries, or something is wrong with one.
    pub fn read(bytes: Vec<u8>, shape: &Shape, limits: ReadLimits) -> Result<Self, ContentError> {
        let limit = limits.bytes();
        if bytes.len() as u64 > limit {
            return Err(ContentError::TooLarge { limit });
        }
        let (revision, seed) = revision(&bytes);
        let text = text_of(&bytes)?;
        let key = shape.key.as_deref();
        let mut builder = Builder::new(text, shape.matching, limits);
        let records = match shape.format {
            Format::Text if key.is_some() => return Err(ContentError::NoColumns),
            Format::Text => {
                text::read(text, &mut builder)?;
                Records::None
            }
            Format::Csv => Records::Csv(csv::read(text, key, &mut builder)?),
            Format::Json => json::read(text, key, &mut builder)?,
        };
        let Built { arena, keys, len } = builder.finish(&records, seed)?;
        Ok(Self {
            arena,
            keys,
            records,
            len,
            revision,
        })
    }

    /// Whether a value is in the dataset.
    #[must_use]
    pub fn contains(&self, value: &str) -> bool {
        self.keys.contain(&self.arena, value)
    }

    /// The record that a key leads to, as JSON. It keeps the contract's promise: no
    /// object in it names a member twice, and so on.
    ///
    /// A CSV row is an object of all its columns, its values as strings. A JSON record
    /// is byte for byte what stands in the file.
    ///
    /// # Errors
    ///
    /// The dataset is a list.
    pub fn lookup(&self, key: &str) -> Result<Option<Cow<'_, str>>, NoRecords> {
        if matches!(self.records, Records::None) {
            return Err(NoRecords);
        }
        let record = self.keys.record(&self.arena, key);
        Ok(record.and_then(|record| self.records.render(record)))
    }

    /// How many different keys it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The first 64 bits of the SHA-256 of the file, in hexadecimal.
    #[must_use]
    pub fn revision(&self) -> &str {
        &self.revision
    }

    /// The bytes of memory it holds.
    #[must_use]
    pub fn memory(&self) -> usize {
        let parts = [
            size_of::<Self>(),
            self.arena.memory(),
            self.keys.memory(),
            self.records.memory(),
            self.revision.len(),
        ];
        parts.into_iter().sum()
    }
}

impl fmt::Debug for Content {
    /// Says nothing of what is in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Content")
            .field("len", &self.len)
            .field("revision", &self.revision)
            .finish_non_exhaustive()
    }
}

/// The revision, and the same as the seed of an index: whoever writes the file cannot
/// choose its hash, and so not its keys' either.
fn revision(bytes: &[u8]) -> (Box<str>, u64) {
    let digest = Sha256::digest(bytes);
    let first = digest.first_chunk().copied().unwrap_or_default();
    let seed = u64::from_be_bytes(first);
    (format!("{seed:016x}").into(), seed)
}

fn text_of(bytes: &[u8]) -> Result<&str, ContentError> {
    match str::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let (text, _) = bytes.split_at(error.valid_up_to());
            let lines = text.iter().filter(|byte| **byte == b'\n').count();
            Err(ContentError::Line {
                line: lines + 1,
                fault: Fault::NotUtf8,
            })
        }
    }
}
