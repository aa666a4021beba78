//! What is wrong with a file. Says where and what to do, and never what stands
//! there.

/// Why a file is no content of a dataset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// It is too large.
    #[error("has more than {limit} bytes; shorten it, or raise the limit")]
    TooLarge {
        /// The most that is read.
        limit: u64,
    },
    /// It has too many entries.
    #[error("has more than {limit} entries; shorten it, or raise the limit")]
    TooMany {
        /// The most that are kept.
        limit: usize,
    },
    /// Nothing in it says what its columns are.
    #[error("has no header; let its first line name the columns")]
    NoHeader,
    /// A key is to be found in a file without columns.
    #[error("is a text file, which has no columns; leave out `key`")]
    NoColumns,
    /// Something in it is wrong.
    #[error("line {line}: {fault}")]
    Line {
        /// From 1.
        line: usize,
        /// What.
        fault: Fault,
    },
}

/// What is wrong on a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Bytes that are no text.
    #[error("not UTF-8; save the file in that encoding")]
    NotUtf8,
    /// A character that no text has, or a CR that does not belong to the end of a
    /// line.
    #[error(
        "a control character; save the file as plain text in UTF-8, with lines that end in LF or CRLF"
    )]
    ControlCharacter,
    /// A quote in an unquoted value, or something after a quoted one.
    #[error("a quote in the middle of a value; quote the whole value and double the quotes in it")]
    StrayQuote,
    /// The file ends within a value.
    #[error("a quote that is opened here is not closed")]
    UnclosedQuote,
    /// A row that does not fit the header.
    #[error("{found} columns where the header has {expected}; quote values that contain commas")]
    Columns {
        /// In the header.
        expected: usize,
        /// In the row.
        found: usize,
    },
    /// A column without a name.
    #[error("column {column} of the header has no name")]
    UnnamedColumn {
        /// From 1.
        column: usize,
    },
    /// Two columns with one name.
    #[error("column {column} of the header has the name of an earlier one")]
    RepeatedColumn {
        /// The later one, from 1.
        column: usize,
    },
    /// The operator's key is no column.
    #[error("the header has no column `{key}`; let `key` name one that it has")]
    NoKeyColumn {
        /// As configured.
        key: String,
    },
    /// Text that is no JSON.
    #[error("not JSON, or nested more than 127 deep, at column {column}")]
    NotJson {
        /// In bytes from 1; 0 is the end of the line before.
        column: usize,
    },
    /// JSON that no two readers read alike.
    #[error("an object names a member twice; keep one of them")]
    RepeatedMember,
    /// JSON of another kind.
    #[error("neither an array nor an object; make it one")]
    NeitherArrayNorObject,
    /// An object by keys, although its records contain theirs.
    #[error(
        "an object, where the names of the members are the keys; leave out `key`, or make it an array"
    )]
    KeyNotUsed,
    /// A list's entry that is no text.
    #[error(
        "an entry that is no string; if it is a record, let `key` name the member that is its key"
    )]
    EntryNotText,
    /// A table's entry that is no object.
    #[error(
        "an entry that is no object with a member `{key}`; add it, or leave out `key` if this is a list"
    )]
    EntryNotObject {
        /// As configured.
        key: String,
    },
    /// A record without a key.
    #[error("a record without a member `{key}`; add it, or let `key` name another")]
    NoKeyMember {
        /// As configured.
        key: String,
    },
    /// A record with a key that is no text.
    #[error("the member `{key}` of a record is no string; put it in quotes")]
    KeyNotText {
        /// As configured.
        key: String,
    },
    /// A key of no characters.
    #[error("an empty key; fill it in, or remove the entry")]
    EmptyKey,
    /// A key that an earlier entry has, with another record.
    #[error("the key of an earlier entry with another record; keep one of them")]
    RepeatedKey,
    /// No domain, with matching by domain.
    #[error("no domain; write it like `example.com`, without `*.`, scheme, port or path")]
    NotADomain,
    /// No network, with matching by network.
    #[error("no network; write it like `192.0.2.0/24`, `192.0.2.1` or `2001:db8::/32`")]
    NotANetwork,
}

impl Fault {
    /// At a place in the text, in bytes from its start.
    pub(super) fn at(self, text: &str, place: usize) -> ContentError {
        let (line, _) = position(text, place);
        ContentError::Line { line, fault: self }
    }
}

/// The line of a place in the text, from 1, and how many bytes of the line are before
/// it.
pub(super) fn position(text: &str, place: usize) -> (usize, usize) {
    let before = &text.as_bytes()[..place];
    let lines = before.split(|byte| *byte == b'\n');
    lines.fold((0, 0), |(line, _), last| (line + 1, last.len()))
}
