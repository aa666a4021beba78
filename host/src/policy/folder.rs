//! The folder of policies: `<name>.wasm`, and beside it `<name>.toml` with the
//! policy's settings.

use std::path::{Path, PathBuf};
use std::{fs, io};

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
    #[error("`{}` cannot be read: {}", path.display(), source)]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is too large.
    #[error("`{}` has {size} bytes, more than {limit}", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        size: u64,
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
    let failed = |source| ReadError::Io {
        path: folder.to_owned(),
        source,
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
    /// Reads component and settings; settings that are not there are empty.
    ///
    /// # Errors
    ///
    /// A file cannot be read, or is too large.
    pub fn read(&self) -> Result<(Vec<u8>, String), ReadError> {
        let component = read(&self.component, MAX_COMPONENT)?;
        let settings = match read(&self.settings, MAX_SETTINGS) {
            Ok(settings) => settings,
            Err(ReadError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Vec::new()
            }
            Err(error) => return Err(error),
        };
        let path = || self.settings.clone();
        let settings =
            String::from_utf8(settings).map_err(|_| ReadError::NotText { path: path() })?;
        Ok((component, settings))
    }
}

fn read(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    let failed = |source| ReadError::Io {
        path: path.to_owned(),
        source,
    };
    let size = fs::metadata(path).map_err(failed)?.len();
    if size > limit {
        let path = path.to_owned();
        return Err(ReadError::TooLarge { path, size, limit });
    }
    fs::read(path).map_err(failed)
}
