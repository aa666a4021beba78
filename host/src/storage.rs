//! The host's own folder: what it keeps from one start to the next.
//!
//! Everything in it is written beside its place and then renamed, so that a host
//! that is killed leaves the old or the new and never a half. One host writes
//! at a time; the folder is its user's alone, because compiled code is run from
//! it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// The folders in it.
const FOLDERS: [&str; 4] = ["code", "components", "pins", "policies"];

/// Held by the host that writes.
const LOCK: &str = "lock";

/// The host's own folder. Clones share it.
#[derive(Debug, Clone)]
pub struct Storage(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    root: PathBuf,
    /// Held while the host runs; `None` if nothing may be written.
    lock: Option<File>,
    written: AtomicU64,
}

/// Who opens the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum As {
    /// A host, which may be the only one that writes.
    Host,
    /// A command beside a host, which writes what no host does.
    Command,
}

/// Why something was not kept or found.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The system refuses.
    #[error("`{}`: {error}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// It belongs to another user, who could put code into it.
    #[error(
        "`{}` belongs to user {owner}, and this is user {user}; run as that user, or let `state_dir` be a folder that this host makes",
        path.display()
    )]
    NotOurs {
        /// The folder.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
        /// Whose the process is.
        user: u32,
    },
    /// Others may reach it, and it is not this host's to close.
    #[error(
        "`{}` is open to other users and holds more than a host's files; let `state_dir` be a folder that this host makes",
        path.display()
    )]
    NotPrivate {
        /// The folder.
        path: PathBuf,
    },
    /// Another process writes there.
    #[error("`{}` is in use by another host; each needs a `state_dir` of its own", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// It can be read, and not written.
    #[error("`{}` is not written, as was said at the start", path.display())]
    ReadOnly {
        /// The folder.
        path: PathBuf,
    },
}

/// Whether a file must outlast a crash of the machine.
#[derive(PartialEq)]
enum Lasting {
    Yes,
    No,
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> StorageError {
    move |error| StorageError::Io {
        path: path.to_owned(),
        error,
    }
}

/// A file in a folder of the storage.
#[derive(Debug)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// When it was last written.
    pub modified: SystemTime,
}

impl Storage {
    /// Opens a folder, and makes it if there is none. Where it can be read and not
    /// written, there is a storage and the reason why nothing will be kept.
    ///
    /// # Errors
    ///
    /// It can be neither made nor read, or is another user's.
    pub fn open(root: &Path, who: As) -> Result<(Self, Option<StorageError>), StorageError> {
        let writable = prepare(root);
        let metadata = match (fs::metadata(root), &writable) {
            (Ok(metadata), _) if metadata.is_dir() => metadata,
            (Err(error), Ok(())) => return Err(failed(root)(error)),
            (_, Err(_)) => return Err(writable.expect_err("just matched")),
            (Ok(_), Ok(())) => unreachable!("folders were made in it"),
        };
        let (owner, user) = (metadata.uid(), user());
        if owner != user {
            let path = root.to_owned();
            return Err(StorageError::NotOurs { path, owner, user });
        }
        if let Err(error @ StorageError::NotPrivate { .. }) = writable {
            return Err(error);
        }
        let lock = writable.and_then(|()| lock(root, who));
        let (lock, problem) = match lock {
            Ok(lock) => (Some(lock), None),
            Err(error) => (None, Some(error)),
        };
        let inner = Inner {
            root: root.to_owned(),
            lock,
            written: AtomicU64::new(0),
        };
        Ok((Self(Arc::new(inner)), problem))
    }

    /// Whether anything can be kept in it.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        self.0.lock.is_some()
    }

    /// The path of a file or folder in it.
    #[must_use]
    pub fn path(&self, relative: &str) -> PathBuf {
        self.0.root.join(relative)
    }

    /// Reads a file; `None` if there is none.
    ///
    /// # Errors
    ///
    /// It cannot be read.
    pub fn read(&self, relative: &str) -> Result<Option<Vec<u8>>, StorageError> {
        let path = self.path(relative);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(&path)(error)),
        }
    }

    /// Writes a file whole: whoever reads it, now or after a crash of the machine,
    /// finds the old content or the new.
    ///
    /// # Errors
    ///
    /// It cannot be written. The old content is still there.
    pub fn write(&self, relative: &str, content: &[u8]) -> Result<(), StorageError> {
        self.put(relative, &[content], Lasting::Yes)
    }

    /// Writes a file whole, in parts. It is there at once for whoever reads it, and a
    /// crash of the machine may lose or damage it.
    ///
    /// # Errors
    ///
    /// It cannot be written. The old content is still there.
    pub fn cache(&self, relative: &str, parts: &[&[u8]]) -> Result<(), StorageError> {
        self.put(relative, parts, Lasting::No)
    }

    fn put(&self, relative: &str, parts: &[&[u8]], lasting: Lasting) -> Result<(), StorageError> {
        if self.0.lock.is_none() {
            let path = self.0.root.clone();
            return Err(StorageError::ReadOnly { path });
        }
        let path = self.path(relative);
        let folder = path.parent().unwrap_or(&self.0.root).to_owned();
        let count = self.0.written.fetch_add(1, Ordering::Relaxed);
        let beside = folder.join(format!(".{}-{count}.new", std::process::id()));
        let write = || {
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(true).mode(0o600);
            let mut file = options.open(&beside)?;
            for part in parts {
                file.write_all(part)?;
            }
            if lasting == Lasting::No {
                return fs::rename(&beside, &path);
            }
            file.sync_all()?;
            fs::rename(&beside, &path)?;
            File::open(&folder)?.sync_all()
        };
        write().map_err(|error| {
            // What is left of it takes room that may be what is missing.
            let _ = fs::remove_file(&beside);
            failed(&path)(error)
        })
    }

    /// Removes a file, if it is there.
    ///
    /// # Errors
    ///
    /// It cannot be removed.
    pub fn remove(&self, relative: &str) -> Result<(), StorageError> {
        let path = self.path(relative);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(&path)(error)),
            _ => Ok(()),
        }
    }

    /// Lists a folder, in no order; nothing if there is none. What a killed host left half written is listed
    /// too; its name begins with a dot.
    ///
    /// # Errors
    ///
    /// It cannot be read.
    pub fn list(&self, folder: &str) -> Result<Vec<Entry>, StorageError> {
        let path = self.path(folder);
        let mut entries = Vec::new();
        let listing = match fs::read_dir(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(entries),
            listing => listing.map_err(failed(&path))?,
        };
        for entry in listing {
            let entry = entry.map_err(failed(&path))?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            // One that was just replaced is not missed.
            if let Ok(modified) = entry.metadata().and_then(|metadata| metadata.modified()) {
                entries.push(Entry { name, modified });
            }
        }
        Ok(entries)
    }

    /// Removes the files of a folder that are not to be kept, except those written
    /// within the last while: somebody may be about to refer to them.
    pub fn sweep(&self, folder: &str, grace: Duration, keep: impl Fn(&str) -> bool) {
        let removed = self.list(folder).and_then(|entries| {
            for Entry { name, modified } in entries {
                let is_new = modified.elapsed().is_ok_and(|age| age < grace);
                if !is_new && !keep(&name) {
                    self.remove(&format!("{folder}/{name}"))?;
                }
            }
            Ok(())
        });
        if let Err(error) = removed {
            tracing::warn!("what is no longer needed stays: {error}");
        }
    }
}

/// Makes the folder and those in it, for this user alone.
fn prepare(root: &Path) -> Result<(), StorageError> {
    let mut private = fs::DirBuilder::new();
    private.recursive(true).mode(0o700);
    private.create(root).map_err(failed(root))?;
    close(root)?;
    for folder in FOLDERS {
        let folder = root.join(folder);
        private.create(&folder).map_err(failed(&folder))?;
    }
    Ok(())
}

/// Closes a folder to other users: one that is empty, or was this host's before. A
/// slip of the pen must not close a folder that others live in.
fn close(root: &Path) -> Result<(), StorageError> {
    let metadata = fs::metadata(root).map_err(failed(root))?;
    if metadata.mode() & 0o077 == 0 || metadata.uid() != user() {
        return Ok(());
    }
    let is_empty = || fs::read_dir(root).is_ok_and(|mut entries| entries.next().is_none());
    if !root.join(LOCK).exists() && !is_empty() {
        let path = root.to_owned();
        return Err(StorageError::NotPrivate { path });
    }
    let only_ours = fs::Permissions::from_mode(0o700);
    fs::set_permissions(root, only_ours).map_err(failed(root))
}

fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Also finds out whether files can be written at all.
fn lock(root: &Path, who: As) -> Result<File, StorageError> {
    let path = root.join(LOCK);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(0o600);
    let file = options.open(&path).map_err(failed(&path))?;
    if who == As::Command {
        return Ok(file);
    }
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StorageError::InUse {
            path: root.to_owned(),
        }),
        Err(TryLockError::Error(error)) => Err(failed(&path)(error)),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    use std::time::Duration;

    use super::{As, Storage, StorageError};

    #[test]
    fn what_is_written_is_read_and_nobody_else_reads_it() {
        let dir = tempfile::tempdir().expect("a folder");
        let root = dir.path().join("state");
        let (storage, problem) = Storage::open(&root, As::Host).expect("a storage");
        assert!(problem.is_none());
        storage.cache("pins/a", &[b"one, ", b"two"]).expect("kept");
        let read = storage.read("pins/a").expect("read");
        assert_eq!(read.as_deref(), Some(b"one, two".as_slice()));
        assert_eq!(storage.list("pins").expect("a list").len(), 1, "no rests");
        let mode = |path: &str| fs::metadata(root.join(path)).expect("it is there").mode() & 0o777;
        assert_eq!(
            (mode(""), mode("pins"), mode("pins/a")),
            (0o700, 0o700, 0o600)
        );
    }

    #[test]
    fn a_folder_that_is_open_to_others_is_closed() {
        let dir = tempfile::tempdir().expect("a folder");
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).expect("set");
        Storage::open(dir.path(), As::Host).expect("a storage");
        let mode = fs::metadata(dir.path()).expect("a folder").mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn a_folder_that_others_live_in_is_left_alone() {
        let dir = tempfile::tempdir().expect("a folder");
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).expect("set");
        fs::write(dir.path().join("file"), "of somebody").expect("written");
        let error = Storage::open(dir.path(), As::Host).expect_err("not ours to close");
        assert!(matches!(error, StorageError::NotPrivate { .. }), "{error}");
        let mode = fs::metadata(dir.path()).expect("a folder").mode();
        assert_eq!(mode & 0o777, 0o755);
        assert_eq!(fs::read_dir(dir.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn of_two_hosts_the_second_only_reads() {
        let dir = tempfile::tempdir().expect("a folder");
        let (first, _) = Storage::open(dir.path(), As::Host).expect("a storage");
        first.write("pins/a", b"x").expect("kept");
        let (second, problem) = Storage::open(dir.path(), As::Host).expect("a storage");
        assert!(matches!(problem, Some(StorageError::InUse { .. })));
        assert!(second.write("pins/a", b"y").is_err());
        let read = second.read("pins/a").expect("read");
        assert_eq!(read.as_deref(), Some(b"x".as_slice()));
        drop((first, second));
        let (_, problem) = Storage::open(dir.path(), As::Host).expect("a storage");
        assert!(problem.is_none());
    }

    #[test]
    fn what_nobody_needs_is_removed_unless_it_is_new() {
        let dir = tempfile::tempdir().expect("a folder");
        let (storage, _) = Storage::open(dir.path(), As::Host).expect("a storage");
        for file in ["code/needed", "code/old", "code/.1-0.new"] {
            storage.cache(file, &[b"x"]).expect("kept");
        }
        let names = || {
            let entries = storage.list("code").expect("a list").into_iter();
            let mut names: Vec<_> = entries.map(|entry| entry.name).collect();
            names.sort_unstable();
            names
        };
        let hour = Duration::from_secs(3600);
        storage.sweep("code", hour, |_| false);
        assert_eq!(names(), [".1-0.new", "needed", "old"]);
        storage.sweep("code", Duration::ZERO, |name| name == "needed");
        assert_eq!(names(), ["needed"]);
    }

    #[test]
    fn what_cannot_be_written_is_an_error_with_its_path_and_loses_nothing() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("file");
        fs::write(&file, "").expect("written");
        let error = Storage::open(&file, As::Host).expect_err("it is a file");
        assert!(error.to_string().contains("file"), "{error}");

        let (storage, _) = Storage::open(&dir.path().join("state"), As::Host).expect("a storage");
        fs::remove_dir(storage.path("pins")).expect("removed");
        fs::write(storage.path("pins"), "in the way").expect("written");
        let error = storage.write("pins/a", b"x").expect_err("no folder");
        assert!(error.to_string().contains("pins/a"), "{error}");
    }
}
