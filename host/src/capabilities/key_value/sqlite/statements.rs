//! The statements: all SQL there is, but for what opens the file.

use rusqlite::{Connection, Result, Statement};

use super::file::Access;

const BEGIN_READING: &str = "BEGIN";
/// Locks at once, so that a transaction that has begun cannot find itself locked out.
const BEGIN_WRITING: &str = "BEGIN IMMEDIATE";
const COMMIT: &str = "COMMIT";
const ROLLBACK: &str = "ROLLBACK";

const SAVE: &str = "SAVEPOINT operation";
const KEEP: &str = "RELEASE operation";
const UNDO: &str = "ROLLBACK TO operation";

const BUCKET: &str = "SELECT id, keys, bytes, version FROM bucket WHERE name = ?1";
const NEW_BUCKET: &str =
    "INSERT INTO bucket (name, keys, bytes, version) VALUES (?1, 0, 0, 0) RETURNING id";
const KEEP_BUCKET: &str = "UPDATE bucket SET keys = ?2, bytes = ?3, version = ?4 WHERE id = ?1";

const FIND: &str =
    "SELECT version, written_at, length(value) FROM entry WHERE bucket = ?1 AND key = ?2";
const READ: &str = "SELECT version, written_at, value FROM entry WHERE bucket = ?1 AND key = ?2";
const LIST: &str = "
    SELECT key, written_at FROM entry
    WHERE bucket = ?1 AND key > ?2 ORDER BY key LIMIT ?3";
const WRITE: &str = "
    INSERT INTO entry (bucket, key, version, written_at, value) VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT (bucket, key) DO UPDATE SET
        version = excluded.version,
        written_at = excluded.written_at,
        value = excluded.value";
const DELETE: &str = "DELETE FROM entry WHERE bucket = ?1 AND key = ?2";
const PURGE: &str = "
    DELETE FROM entry WHERE id IN (
        SELECT id FROM entry
        WHERE bucket = ?1 AND written_at <= ?2 ORDER BY written_at LIMIT ?3
    ) RETURNING length(key) + length(value)";

/// The statements, prepared on one connection.
pub(super) struct Statements<'c> {
    connection: &'c Connection,
    pub(super) begin: Statement<'c>,
    pub(super) commit: Statement<'c>,
    pub(super) rollback: Statement<'c>,
    pub(super) save: Statement<'c>,
    pub(super) keep: Statement<'c>,
    pub(super) undo: Statement<'c>,
    pub(super) bucket: Statement<'c>,
    pub(super) new_bucket: Statement<'c>,
    pub(super) keep_bucket: Statement<'c>,
    pub(super) find: Statement<'c>,
    pub(super) read: Statement<'c>,
    pub(super) list: Statement<'c>,
    pub(super) write: Statement<'c>,
    pub(super) delete: Statement<'c>,
    pub(super) purge: Statement<'c>,
}

impl<'c> Statements<'c> {
    pub(super) fn prepare(connection: &'c Connection, access: Access) -> Result<Self> {
        let begin = match access {
            Access::Read => BEGIN_READING,
            Access::Write => BEGIN_WRITING,
        };
        Ok(Self {
            connection,
            begin: connection.prepare(begin)?,
            commit: connection.prepare(COMMIT)?,
            rollback: connection.prepare(ROLLBACK)?,
            save: connection.prepare(SAVE)?,
            keep: connection.prepare(KEEP)?,
            undo: connection.prepare(UNDO)?,
            bucket: connection.prepare(BUCKET)?,
            new_bucket: connection.prepare(NEW_BUCKET)?,
            keep_bucket: connection.prepare(KEEP_BUCKET)?,
            find: connection.prepare(FIND)?,
            read: connection.prepare(READ)?,
            list: connection.prepare(LIST)?,
            write: connection.prepare(WRITE)?,
            delete: connection.prepare(DELETE)?,
            purge: connection.prepare(PURGE)?,
        })
    }

    /// Whether a transaction has begun and not ended. Some errors end it.
    pub(super) fn is_in_transaction(&self) -> bool {
        !self.connection.is_autocommit()
    }
}
