//! Folders of policies: `<name>.wasm`, and beside it `<name>.toml` with the policy's
//! settings.
//!
//! A name is one policy, whichever folder it is in. Of two folders that have it neither
//! is loaded: who can write to one folder must not take a policy of another's place.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use super::grants::Ceiling;
use super::name::PolicyName;
use crate::files::{self, ReadError};

/// The largest component, in bytes. An interpreter with its library is 20 MB.
const MAX_COMPONENT: u64 = 64 * 1024 * 1024;

/// The largest settings file, in bytes.
const MAX_SETTINGS: u64 = 256 * 1024;

/// A folder that policies come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// What the configuration calls it; `None` for one that is the only one.
    pub name: Option<String>,
    /// Where it is.
    pub path: PathBuf,
    /// The most that its policies can be granted.
    pub ceiling: Ceiling,
}

impl Folder {
    /// The only folder, without a ceiling.
    #[must_use]
    pub fn only(path: PathBuf) -> Self {
        Self {
            name: None,
            path,
            ceiling: Ceiling::unlimited(),
        }
    }
}

/// A policy's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its name: the component's file name.
    pub name: PolicyName,
    /// The folder.
    pub folder: Arc<Folder>,
    /// The component.
    pub component: PathBuf,
    /// Where its settings are, if it has any.
    pub settings: PathBuf,
    /// Components of the same name in other folders: nobody knows which is meant.
    pub others: Vec<PathBuf>,
}

/// How a policy's files look from outside.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stamp {
    component: Option<files::Stamp>,
    settings: Option<files::Stamp>,
    others: usize,
}

/// Which folder a path leads to: another one has another identity, although its
/// path is the same.
pub(super) fn identity(folder: &Path) -> Option<(u64, u64)> {
    let metadata = fs::metadata(folder).ok()?;
    Some((metadata.dev(), metadata.ino()))
}

/// What was found in all folders.
#[derive(Debug, Default)]
pub struct Listing {
    /// In the order of the names.
    pub policies: Vec<Found>,
    /// Components that are not looked at, with what is wrong with them, in the order of
    /// their paths.
    pub ignored: Vec<(PathBuf, Ignored)>,
    /// Folders that cannot be read now.
    pub unreadable: Vec<(Arc<Folder>, ReadError)>,
}

/// Why a component is not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Ignored {
    /// Its file name is no policy's name.
    #[error(
        "a policy's file is named `<name>.wasm`, with 1 to 63 of a-z, 0-9 and `-`, not starting with `-`"
    )]
    Misnamed,
    /// The operator says that the policy comes from another folder.
    #[error("`policies.<name>.folder` says that it comes from another folder")]
    Elsewhere,
}

/// Reads a component, no larger than one in a folder of policies may be.
///
/// # Errors
///
/// See [`ReadError`].
pub fn read_component(file: &Path) -> Result<Vec<u8>, ReadError> {
    files::read(file, MAX_COMPONENT)
}

/// Reads the settings of a policy, likewise.
///
/// # Errors
///
/// See [`ReadError`].
pub fn read_settings(file: &Path) -> Result<String, ReadError> {
    files::read_text(file, MAX_SETTINGS)
}

/// Lists folders. Hidden files and files of other types are not looked at. `home` says
/// which folder the operator wants a policy to come from, if any.
pub fn list(folders: &[Arc<Folder>], home: impl Fn(&PolicyName) -> Option<String>) -> Listing {
    let mut listing = Listing::default();
    let mut found = BTreeMap::<PolicyName, Found>::new();
    for folder in folders {
        let components = match components(&folder.path) {
            Ok(components) => components,
            Err(error) => {
                listing.unreadable.push((Arc::clone(folder), error));
                continue;
            }
        };
        for (stem, component) in components {
            let Some(name) = PolicyName::new(&stem) else {
                listing.ignored.push((component, Ignored::Misnamed));
                continue;
            };
            if home(&name).is_some_and(|home| folder.name.as_ref() != Some(&home)) {
                listing.ignored.push((component, Ignored::Elsewhere));
                continue;
            }
            match found.entry(name.clone()) {
                Entry::Occupied(mut first) => first.get_mut().others.push(component),
                Entry::Vacant(free) => {
                    free.insert(Found {
                        name,
                        folder: Arc::clone(folder),
                        settings: component.with_extension("toml"),
                        component,
                        others: Vec::new(),
                    });
                }
            }
        }
    }
    listing.policies = found.into_values().collect();
    listing.ignored.sort_unstable();
    listing
}

/// The components of a folder, with their names as far as those are text.
fn components(folder: &Path) -> Result<Vec<(String, PathBuf)>, ReadError> {
    let failed = |error| ReadError::Io {
        path: folder.to_owned(),
        error,
    };
    let mut components = Vec::new();
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
            .unwrap_or_default()
            .to_owned();
        if !stem.starts_with('.') {
            components.push((stem, component));
        }
    }
    Ok(components)
}

impl Found {
    /// How its files look now.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        Stamp {
            component: files::Stamp::of(&self.component),
            settings: files::Stamp::of(&self.settings),
            others: self.others.len(),
        }
    }

    /// Reads the component.
    ///
    /// # Errors
    ///
    /// It cannot be read, or is too large.
    pub fn component(&self) -> Result<Vec<u8>, ReadError> {
        read_component(&self.component)
    }

    /// Reads the components of the same name in other folders, as far as they can be.
    pub fn other_components(&self) -> impl Iterator<Item = Vec<u8>> {
        let others = self.others.iter();
        others.filter_map(|other| read_component(other).ok())
    }

    /// Reads the settings; those that are not there are empty.
    ///
    /// # Errors
    ///
    /// They cannot be read, are too large, or are no text.
    pub fn settings(&self) -> Result<String, ReadError> {
        match read_settings(&self.settings) {
            Err(ReadError::Io { error, .. }) if error.kind() == io::ErrorKind::NotFound => {
                Ok(String::new())
            }
            read => read,
        }
    }
}
