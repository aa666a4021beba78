//! A fault: what SQLite cannot do, in words for the operator.
//!
//! SQLite's own message is never among them: it may quote what was stored.

use rusqlite::ErrorCode;

/// Why the database did not do something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// In words, with SQLite's code.
    pub(super) reason: String,
    /// What is to be done about it.
    pub(super) remedy: Remedy,
}

/// What makes the database work again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remedy {
    /// To try again.
    Wait,
    /// To open the file anew.
    Reopen,
}

impl From<&rusqlite::Error> for Fault {
    fn from(error: &rusqlite::Error) -> Self {
        let Some(code) = error.sqlite_error_code() else {
            // A column of another type: written by somebody else, or damaged.
            let reason = "the database holds what this host does not write".to_owned();
            let remedy = Remedy::Reopen;
            return Self { reason, remedy };
        };
        let (what, remedy) = match code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
                ("the database is locked by another process", Remedy::Wait)
            }
            ErrorCode::DiskFull => ("the disk is full", Remedy::Wait),
            ErrorCode::TooBig => ("a value is too large for the database", Remedy::Wait),
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
                ("the database is damaged", Remedy::Reopen)
            }
            ErrorCode::SystemIoFailure => ("the disk does not read or write", Remedy::Reopen),
            ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
                ("the database may not be written", Remedy::Reopen)
            }
            ErrorCode::CannotOpen => ("the database cannot be opened", Remedy::Reopen),
            _ => ("the database failed", Remedy::Reopen),
        };
        let code = error.sqlite_error().map_or(0, |error| error.extended_code);
        let reason = format!("{what} (SQLite code {code})");
        Self { reason, remedy }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::from(&error)
    }
}
