//! The folder of policies: `<name>.wasm`, and beside it `<name>.toml` with the
//! policy's settings.

use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::{fs, io};

use rustix::fs::OFlags;

use super::name::PolicyName;

/// The largest component, in bytes. An interpreter with its library is 20 MB.
const MAX_COMPONENT: u64 = 64 * 1024 * 1024;

/// The largest settings file, in bytes.
const MAX_SETTINGS: u64 = 256 * 1024;

/// A policy's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its name: the component's file name.
    pub name: PolicyName,
    /// The component.
    pub component: PathBuf,
    /// Where its settings are, if it has any.
    pub settings: PathBuf,
}

/// How a policy's files look from outside. Two looks that are alike saw the same
/// content; writing, replacing and swapping what a link points to all make a
/// difference.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stamp {
    component: Option<FileStamp>,
    settings: Option<FileStamp>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct FileStamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl FileStamp {
    /// Of what the path leads to, through links; `None` if nothing is there.
    fn of(path: &Path) -> Option<Self> {
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

/// Which folder a path leads to: another one has another identity, although its
/// path is the same.
pub(super) fn identity(folder: &Path) -> Option<(u64, u64)> {
    let metadata = fs::metadata(folder).ok()?;
    Some((metadata.dev(), metadata.ino()))
}

/// What was found in a folder.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// In the order of the names.
    pub policies: Vec<Found>,
    /// Components whose file name is no policy's name.
    pub misnamed: Vec<PathBuf>,
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

/// Lists a folder. Hidden files and files of other types are not looked at.
///
/// # Errors
///
/// The folder cannot be read.
pub fn list(folder: &Path) -> Result<Listing, ReadError> {
    let failed = |error| ReadError::Io {
        path: folder.to_owned(),
        error,
    };
    let mut listing = Listing::default();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let component = entry.map_err(failed)?.path();
        if component
            .extension()
            .is_none_or(|extension| extension != "wasm")
        {
            continue;
        }
        let stem = component
            .file_stem()
            .and_then(|stem| stem.to_str())
            .unwrap_or_default();
        if stem.starts_with('.') {
            continue;
        }
        match PolicyName::new(stem) {
            Some(name) => listing.policies.push(Found {
                name,
                settings: component.with_extension("toml"),
                component,
            }),
            None => listing.misnamed.push(component),
        }
    }
    listing
        .policies
        .sort_unstable_by(|a, b| a.name.cmp(&b.name));
    listing.misnamed.sort_unstable();
    Ok(listing)
}

impl Found {
    /// How its files look now.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        Stamp {
            component: FileStamp::of(&self.component),
            settings: FileStamp::of(&self.settings),
        }
    }

    /// Reads the component.
    ///
    /// # Errors
    ///
    /// It cannot be read, or is too large.
    pub fn component(&self) -> Result<Vec<u8>, ReadError> {
        read(&self.component, MAX_COMPONENT)
    }

    /// Reads the settings; those that are not there are empty.
    ///
    /// # Errors
    ///
    /// They cannot be read, are too large, or are no text.
    pub fn settings(&self) -> Result<String, ReadError> {
        let path = &self.settings;
        match read(path, MAX_SETTINGS) {
            Ok(settings) => {
                String::from_utf8(settings).map_err(|_| ReadError::NotText { path: path.clone() })
            }
            Err(ReadError::Io { error, .. }) if error.kind() == io::ErrorKind::NotFound => {
                Ok(String::new())
            }
            Err(error) => Err(error),
        }
    }
}

/// Reads a file, and no more of it than the limit, however large it says it is.
fn read(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    let path = || path.to_owned();
    let failed = |error| ReadError::Io {
        path: path(),
        error,
    };
    // Opening a pipe would wait for somebody to write.
    let no_wait = OFlags::NONBLOCK.bits().cast_signed();
    let mut options = fs::File::options();
    let file = options.read(true).custom_flags(no_wait).open(path());
    let file = file.map_err(failed)?;
    if !file.metadata().map_err(failed)?.is_file() {
        return Err(ReadError::NotAFile { path: path() });
    }
    let mut bytes = Vec::new();
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
