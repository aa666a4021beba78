//! A dataset and its file, which somebody replaces while the host runs.
//!
//! The content is that of the file when it was last whole and at rest. A file that
//! is broken, unreadable or gone takes nothing away: the content stays, and the
//! problem is told.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwapOption;

use super::content::Content;
use super::fault::ContentError;
use super::shape::{ReadLimits, Shape};
use crate::files::{self, ReadError, Stamp};

/// A dataset, to be shared.
#[derive(Debug)]
pub struct Dataset {
    name: Box<str>,
    path: PathBuf,
    shape: Shape,
    limits: ReadLimits,
    current: ArcSwapOption<Content>,
    problem: ArcSwapOption<String>,
    /// Held while the file is looked at.
    seen: Mutex<Seen>,
}

/// How the file looked.
#[derive(Debug, Default)]
struct Seen {
    /// When it was last read; `None` until it is.
    read: Option<Option<Stamp>>,
    /// At the last look, if it differed from that.
    changed: Option<Option<Stamp>>,
    /// Reading it failed for a reason that may pass although it looks the same.
    again: bool,
}

/// What a look at the file came to.
#[derive(Debug)]
pub enum Look {
    /// The file is as it was, whole or broken.
    Same,
    /// It has changed since the last look, and may be changing still.
    Settling,
    /// It was read, and is the content now.
    Read {
        /// How many different keys there are.
        entries: usize,
        /// See [`Content::revision`].
        revision: Box<str>,
    },
    /// It could not be read: told once for each change of the file.
    Broken(DatasetError),
}

/// Why a dataset's file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// There is nothing to read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Something is wrong with what it says.
    #[error("`{}`: {error}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What.
        error: ContentError,
    },
}

impl Dataset {
    /// A dataset whose file has not been looked at.
    #[must_use]
    pub fn new(name: &str, path: PathBuf, shape: Shape, limits: ReadLimits) -> Self {
        Self {
            name: name.into(),
            path,
            shape,
            limits,
            current: ArcSwapOption::empty(),
            problem: ArcSwapOption::empty(),
            seen: Mutex::default(),
        }
    }

    /// A dataset of content that is there, and that no file replaces.
    #[must_use]
    pub fn of_content(name: &str, content: Content, shape: Shape, limits: ReadLimits) -> Self {
        let dataset = Self::new(name, PathBuf::new(), shape, limits);
        dataset.current.store(Some(Arc::new(content)));
        dataset
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where its file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How its file is to be understood.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Looks at the file, and reads it if it has changed and is at rest, that is, looks
    /// as it did at the last look. At the first look it is read at once. Blocks.
    pub fn look(&self) -> Look {
        self.look_with(|| self.read())
    }

    fn look_with(&self, read: impl FnOnce() -> Result<Content, DatasetError>) -> Look {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Stamp::of(&self.path);
        let same = seen.read.as_ref() == Some(&now);
        if same {
            seen.changed = None;
        }
        if same && !seen.again {
            return Look::Same;
        }
        let first = seen.read.is_none() && seen.changed.is_none();
        if !same && !first && seen.changed.as_ref() != Some(&now) {
            seen.changed = Some(now);
            return Look::Settling;
        }
        let read = read();
        let after = Stamp::of(&self.path);
        if after != now {
            seen.changed = Some(after);
            return Look::Settling;
        }
        seen.read = Some(now);
        seen.changed = None;
        seen.again = matches!(read, Err(DatasetError::Read(ReadError::Io { .. })));
        match read {
            Ok(content) => self.take(content),
            Err(error) => self.refuse(error, same),
        }
    }

    fn read(&self) -> Result<Content, DatasetError> {
        let bytes = files::read(&self.path, self.limits.bytes())?;
        let content = Content::read(bytes, &self.shape, self.limits);
        content.map_err(|error| DatasetError::Content {
            path: self.path.clone(),
            error,
        })
    }

    fn take(&self, content: Content) -> Look {
        let (entries, revision) = (content.len(), content.revision().into());
        self.current.store(Some(Arc::new(content)));
        self.problem.store(None);
        Look::Read { entries, revision }
    }

    /// Keeps the content, and tells what is wrong unless the file looks the same as
    /// when that was told.
    fn refuse(&self, error: DatasetError, same: bool) -> Look {
        let problem = error.to_string();
        let told = self.problem.load().as_deref() == Some(&problem);
        self.problem.store(Some(Arc::new(problem)));
        if same && told {
            return Look::Same;
        }
        Look::Broken(error)
    }

    /// The content; `None` until the file has been read.
    #[must_use]
    pub fn snapshot(&self) -> Option<Arc<Content>> {
        self.current.load_full()
    }

    /// Why the content is not that of the file, while that is so.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        self.problem.load().as_deref().cloned()
    }
}

#[cfg(test)]
mod tests;
