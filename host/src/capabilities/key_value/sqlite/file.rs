//! The file: one SQLite database in WAL mode, and what it looks like inside.
//!
//! A transaction that was committed is on disk (`synchronous=FULL`). What is deleted is
//! overwritten with zeros (`secure_delete`); in the file that SQLite keeps beside
//! it, for what was last written, it stays until that is written over or the store is
//! closed. The file is its user's alone.

use std::collections::BTreeMap;
use std::fs::{File as SystemFile, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::super::quota::Totals;
use super::fault::Fault;
use super::held::size;

/// The version of [`SCHEMA`], in `user_version`.
const VERSION: i64 = 1;

/// How long a transaction waits for another process before it fails, and everyone behind
/// it.
const LOCKED_FOR: Duration = Duration::from_millis(200);

/// Keys are bytes, so that they are compared as such and may hold any character. A
/// bucket's row has what all its entries come to and the last version given to one.
const SCHEMA: &str = "
    CREATE TABLE bucket (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        keys INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        version INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE entry (
        id INTEGER PRIMARY KEY,
        bucket INTEGER NOT NULL,
        key BLOB NOT NULL,
        version INTEGER NOT NULL,
        written_at INTEGER NOT NULL, -- milliseconds of the Unix epoch
        value BLOB NOT NULL,
        UNIQUE (bucket, key)
    ) STRICT;
    CREATE INDEX entry_by_age ON entry (bucket, written_at);
";

/// Why a store does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The system refuses.
    #[error("`{}`: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// It is something else, or damaged.
    #[error(
        "`{}` is not a database of key-values, or is damaged; move it away to begin with an empty one",
        path.display()
    )]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// A later version wrote it.
    #[error(
        "`{}` is of version {found}, and this host knows up to {known}; run the host that wrote it, or a later one",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The file's version.
        found: i64,
        /// The latest that is known.
        known: i64,
    },
    /// SQLite refuses.
    #[error("`{}`: {reason}", path.display())]
    Unavailable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

/// What each bucket holds.
type Holdings = BTreeMap<Arc<str>, Totals>;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// To read; it cannot write.
    Read,
    /// To write. There is one such.
    Write,
}

/// Where the database is and how it is opened.
#[derive(Debug, Clone)]
pub(super) struct File {
    /// Its path.
    pub(super) path: PathBuf,
    /// The most pages that it may have, if it is not the disk that says.
    pub(super) pages: Option<u32>,
}

impl File {
    /// Opens the database, and makes it if there is none: a connection that writes, one
    /// that reads, and what each bucket holds.
    pub(super) fn open(&self) -> Result<(Connection, Connection, Holdings), OpenError> {
        let path = || self.path.clone();
        create(&self.path).map_err(|error| OpenError::Io {
            path: path(),
            error,
        })?;
        let open = || {
            let mut writes = self.reopen(Access::Write)?;
            if let Some(strange) = prepare(&mut writes)? {
                return Ok(Err(strange));
            }
            let reads = self.reopen(Access::Read)?;
            let holdings = holdings(&reads)?;
            Ok(Ok((writes, reads, holdings)))
        };
        match open() {
            Ok(Ok(opened)) => Ok(opened),
            Ok(Err(Strange::Foreign)) => Err(OpenError::NotADatabase { path: path() }),
            Ok(Err(Strange::Newer(found))) => Err(OpenError::Newer {
                path: path(),
                found,
                known: VERSION,
            }),
            Err(error) => Err(failed(path(), &error)),
        }
    }

    /// Opens the database that was there before. It is not made: where a disk went
    /// away, an empty one would be a loss that nobody is told of.
    pub(super) fn reopen(&self, access: Access) -> rusqlite::Result<Connection> {
        // One thread has the connection, which needs no lock of its own then.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(LOCKED_FOR)?;
        connection.pragma_update(None, "trusted_schema", false)?;
        connection.pragma_update(None, "cell_size_check", true)?;
        connection.pragma_update(None, "secure_delete", true)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        // Statements that are undone leave nothing in a file elsewhere.
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.pragma_update(None, "query_only", access == Access::Read)?;
        if let Some(pages) = self.pages {
            connection.pragma_update(None, "max_page_count", pages)?;
        }
        Ok(connection)
    }
}

/// Makes an empty file, for this user alone, if there is none.
fn create(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true).mode(0o600);
    match options.open(path) {
        Ok(file) => file.sync_all()?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        Err(error) => return Err(error),
    }
    // The name of a file is in its folder.
    match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => SystemFile::open(".")?.sync_all(),
        Some(folder) => SystemFile::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// What a database is that is not this host's.
enum Strange {
    Foreign,
    Newer(i64),
}

/// Looks at a database, and fills an empty one.
fn prepare(connection: &mut Connection) -> rusqlite::Result<Option<Strange>> {
    let version = |connection: &Connection| {
        connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))
    };
    let found = version(connection)?;
    if found > VERSION {
        return Ok(Some(Strange::Newer(found)));
    }
    let tables = "SELECT count(*) FROM sqlite_schema WHERE name IN ('bucket', 'entry')";
    let anything = "SELECT count(*) FROM sqlite_schema";
    let count = |connection: &Connection, query| {
        connection.query_row(query, (), |row| row.get::<_, i64>(0))
    };
    let is_new = found == 0 && count(connection, anything)? == 0;
    let is_ours = found == VERSION && count(connection, tables)? == 2;
    if !is_new && !is_ours {
        return Ok(Some(Strange::Foreign));
    }
    connection.pragma_update(None, "journal_mode", "WAL")?;
    if is_new {
        let transaction = connection.transaction()?;
        transaction.execute_batch(SCHEMA)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
        transaction.commit()?;
    }
    Ok(None)
}

/// What each bucket holds.
fn holdings(connection: &Connection) -> rusqlite::Result<Holdings> {
    let mut statement = connection.prepare("SELECT name, keys, bytes FROM bucket")?;
    let rows = statement.query_map((), |row| {
        let (keys, bytes) = (size(row, 1)?, size(row, 2)?);
        Ok((row.get(0)?, Totals { keys, bytes }))
    })?;
    rows.collect()
}

fn failed(path: PathBuf, error: &rusqlite::Error) -> OpenError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            OpenError::NotADatabase { path }
        }
        _ => {
            let reason = Fault::from(error).reason;
            OpenError::Unavailable { path, reason }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::MetadataExt as _;

    use rusqlite::Connection;

    use super::{Access, File, OpenError};

    fn file(dir: &tempfile::TempDir) -> File {
        let path = dir.path().join("key-value.db");
        File { path, pages: None }
    }

    #[test]
    fn a_new_file_is_this_users_alone_and_syncs_every_commit() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = file(&dir);
        let (connection, ..) = file.open().expect("a database");
        for entry in fs::read_dir(dir.path()).expect("a folder") {
            let entry = entry.expect("an entry");
            let mode = entry.metadata().expect("it is there").mode();
            assert_eq!(mode & 0o777, 0o600, "{}", entry.path().display());
        }
        let pragma = |name| {
            let value = connection.pragma_query_value(None, name, |row| row.get(0));
            match value.expect("a value") {
                rusqlite::types::Value::Integer(number) => number.to_string(),
                rusqlite::types::Value::Text(text) => text,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(pragma("journal_mode"), "wal");
        assert_eq!(pragma("synchronous"), "2");
        assert_eq!(pragma("secure_delete"), "1");
    }

    #[test]
    fn a_file_that_is_no_database_is_said_to_be_none_and_left_alone() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = file(&dir);
        let content = "something else. ".repeat(1_000);
        fs::write(&file.path, &content).expect("written");
        let error = file.open().expect_err("no database");
        assert!(matches!(error, OpenError::NotADatabase { .. }), "{error}");
        assert!(error.to_string().contains("key-value.db"), "{error}");
        assert_eq!(fs::read_to_string(&file.path).expect("read"), content);
    }

    #[test]
    fn a_database_of_another_program_is_left_alone() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = file(&dir);
        let other = Connection::open(&file.path).expect("a database");
        other.execute_batch("CREATE TABLE t (x)").expect("a table");
        let error = file.open().expect_err("not ours");
        assert!(matches!(error, OpenError::NotADatabase { .. }), "{error}");
        other.pragma_update(None, "user_version", 1).expect("set");
        let error = file.open().expect_err("not ours");
        assert!(matches!(error, OpenError::NotADatabase { .. }), "{error}");
    }

    #[test]
    fn a_database_of_a_later_version_is_left_alone() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = file(&dir);
        drop(file.open().expect("a database"));
        let other = Connection::open(&file.path).expect("a database");
        other.pragma_update(None, "user_version", 7).expect("set");
        let error = file.open().expect_err("too new");
        assert!(
            matches!(
                error,
                OpenError::Newer {
                    found: 7,
                    known: 1,
                    ..
                }
            ),
            "{error}"
        );
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error_with_its_path() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("missing/key-value.db");
        let error = File { path, pages: None }.open().expect_err("no folder");
        assert!(
            error.to_string().contains("missing/key-value.db"),
            "{error}"
        );
    }

    #[test]
    fn a_file_that_went_away_is_not_made_again() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = file(&dir);
        drop(file.open().expect("a database"));
        fs::remove_file(&file.path).expect("removed");
        assert!(file.reopen(Access::Write).is_err());
        assert!(!file.path.exists());
    }
}
