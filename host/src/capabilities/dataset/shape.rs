//! A shape: what the operator says about a dataset's file.

use std::path::Path;

use serde::Deserialize;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `.txt`: an entry a line. `#` at the start of a line or after whitespace
    /// begins a comment. A list.
    Text,
    /// `.csv`: a header and rows, as in RFC 4180, separated by commas. A table.
    Csv,
    /// `.json`: an array of texts, which is a list, or an object of records by
    /// their keys or an array of objects that contain theirs, which are tables.
    Json,
}

impl Format {
    /// The format that the file's extension says, if it says one.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?;
        [
            ("txt", Self::Text),
            ("csv", Self::Csv),
            ("json", Self::Json),
        ]
        .into_iter()
        .find_map(|(name, format)| extension.eq_ignore_ascii_case(name).then_some(format))
    }
}

/// When a value counts as being in the dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Matching {
    /// It is equal to an entry, byte for byte.
    Exact,
    /// It is equal when both are in lower case, each character by itself (Unicode's
    /// simple mapping). Accents and other ways to write a character are not the
    /// same.
    IgnoreCase,
    /// It is a domain that an entry names, or a sub-domain of one; the longest entry
    /// is the one that counts. Case and a dot at the end make no difference. Names
    /// are compared as they are written: `xn--…` is not its Unicode form. What is no
    /// domain is in nothing.
    Domain,
    /// It is an IPv4 or IPv6 address in a network that an entry names; the longest
    /// prefix is the one that counts. IPv4 addresses in IPv6 form (`::ffff:…`) are
    /// IPv4 addresses. What is no address is in nothing.
    Network,
}

/// How a dataset's file is to be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// How it is written.
    pub format: Format,
    /// What it is to contain.
    pub matching: Matching,
    /// Where a record has its key: the name of a CSV column (the first, if not said)
    /// or of a member of each object in a JSON array.
    pub key: Option<String>,
}

/// How much of a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadLimits {
    /// The most bytes. Nothing above 1 GiB is read, whatever stands here.
    pub bytes: u64,
    /// The most entries, repeated ones included.
    pub entries: usize,
}

impl ReadLimits {
    const MOST_BYTES: u64 = 1 << 30;

    /// The most bytes that are read.
    pub(super) fn bytes(self) -> u64 {
        self.bytes.min(Self::MOST_BYTES)
    }
}
