//! Files that somebody else writes: how they look from outside, and reading them
//! without waiting for anybody and no further than a limit.

use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

/// How a file looks from outside. Two looks that are alike saw the same content;
/// writing, replacing and swapping what a link points to all make a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    /// Of what the path leads to, through links; `None` if nothing is there.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }
}

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The system refuses.
    #[error("`{}` cannot be read: {error}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// It is a folder, a pipe or a device.
    #[error("`{}` is no regular file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// It is too large.
    #[error("`{}` has more than {limit} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most that is read.
        limit: u64,
    },
    /// It is text in another encoding.
    #[error("`{}` is not UTF-8", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
    },
}

/// Reads a file, and no more of it than the limit, however large it says it is.
///
/// # Errors
///
/// See [`ReadError`].
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    let path = || path.to_owned();
    let failed = |error| ReadError::Io {
        path: path(),
        error,
    };
    let is_file = |metadata: Metadata| match metadata.is_file() {
        true => Ok(metadata.len()),
        false => Err(ReadError::NotAFile { path: path() }),
    };
    // Before it is opened, too: opening a device can have effects.
    is_file(fs::metadata(path()).map_err(failed)?)?;
    // Opening a pipe would wait for somebody to write.
    let no_wait = OFlags::NONBLOCK.bits().cast_signed();
    let mut options = File::options();
    let file = options.read(true).custom_flags(no_wait).open(path());
    let file = file.map_err(failed)?;
    let length = is_file(file.metadata().map_err(failed)?)?;
    let expected = usize::try_from(length.min(limit)).unwrap_or_default();
    let mut bytes = Vec::with_capacity(expected + 1);
    file.take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > limit {
        return Err(ReadError::TooLarge {
            path: path(),
            limit,
        });
    }
    Ok(bytes)
}

/// Reads a file that is text.
///
/// # Errors
///
/// See [`ReadError`].
pub fn read_text(path: &Path, limit: u64) -> Result<String, ReadError> {
    let bytes = read(path, limit)?;
    String::from_utf8(bytes).map_err(|_| ReadError::NotText {
        path: path.to_owned(),
    })
}
