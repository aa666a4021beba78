//! The folders that are followed: what is in them, and what is said about them, once.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use notify::RecursiveMode;

use crate::files::ReadError;
use crate::policy::PolicyName;
use crate::policy::folder::{self, Folder, Found, Ignored, Listing};
use crate::policy::hint::Hints;
use crate::policy::history::History;
use crate::telemetry::foreign;

/// The folders of policies.
pub(super) struct Folders {
    all: Vec<Arc<Folder>>,
    /// What their paths led to at the last look.
    identities: Vec<Option<(u64, u64)>>,
    hints: Hints,
    /// What was said and need not be said again.
    ignored: Vec<(PathBuf, Ignored)>,
    unreadable: Vec<PathBuf>,
}

/// Which folder the operator wants a policy to come from, if any.
pub(super) type Home<'a> = &'a dyn Fn(&PolicyName) -> Option<String>;

impl Folders {
    /// Follows these, and the pins of a history.
    ///
    /// # Errors
    ///
    /// One cannot be read.
    pub(super) fn open(
        all: Vec<Folder>,
        history: Option<&History>,
        home: Home<'_>,
    ) -> Result<(Self, Vec<Found>), ReadError> {
        let all: Vec<_> = all.into_iter().map(Arc::new).collect();
        let mut folders = Self {
            identities: identities(&all),
            hints: hints(&all, history),
            all,
            ignored: Vec::new(),
            unreadable: Vec::new(),
        };
        let listing = folders.list(home);
        if let Some((_, error)) = listing.unreadable.into_iter().next() {
            return Err(error);
        }
        folders.say_ignored(listing.ignored);
        Ok((folders, listing.policies))
    }

    /// What is in them.
    pub(super) fn list(&self, home: Home<'_>) -> Listing {
        folder::list(&self.all, home)
    }

    /// Looks at them, and says what there is to say.
    pub(super) fn look(&mut self, history: Option<&History>, home: Home<'_>) -> Vec<Found> {
        // A folder that was replaced reports nothing any more.
        let identities = identities(&self.all);
        let is_new = |(is, was): (&Option<_>, &Option<_>)| is.is_some() && is != was;
        if identities.iter().zip(&self.identities).any(is_new) {
            self.identities = identities;
            self.hints = hints(&self.all, history);
        }
        let listing = self.list(home);
        self.say_unreadable(listing.unreadable);
        self.say_ignored(listing.ignored);
        listing.policies
    }

    /// Waits for a reason to look, but no longer than this.
    pub(super) async fn wait(&self, longest: Duration) {
        self.hints.wait(longest).await;
    }

    /// Whether a folder could not be read at the last look: nobody knows what is in it.
    pub(super) fn is_unreadable(&self, folder: &Folder) -> bool {
        self.unreadable.contains(&folder.path)
    }

    /// One of them, for a policy of which nothing is known.
    pub(super) fn any(&self) -> &Arc<Folder> {
        self.all.first().expect("there is a folder")
    }

    fn say_ignored(&mut self, ignored: Vec<(PathBuf, Ignored)>) {
        // Both are sorted.
        let is_new = |it: &&(PathBuf, Ignored)| self.ignored.binary_search(it).is_err();
        for (path, why) in ignored.iter().filter(is_new) {
            let path = foreign(&path.to_string_lossy()).to_string();
            tracing::warn!(path, "not loaded: {why}");
        }
        self.ignored = ignored;
    }

    fn say_unreadable(&mut self, unreadable: Vec<(Arc<Folder>, ReadError)>) {
        for (folder, error) in &unreadable {
            if !self.unreadable.contains(&folder.path) {
                tracing::error!("{error}; its policies go on as they are");
            }
        }
        let paths = unreadable
            .into_iter()
            .map(|(folder, _)| folder.path.clone());
        let paths: Vec<_> = paths.collect();
        for path in self.unreadable.iter().filter(|path| !paths.contains(path)) {
            tracing::info!(path = %path.display(), "the policy folder can be read again");
        }
        self.unreadable = paths;
    }
}

fn identities(folders: &[Arc<Folder>]) -> Vec<Option<(u64, u64)>> {
    let paths = folders.iter().map(|folder| &folder.path);
    paths.map(|path| folder::identity(path)).collect()
}

/// Hints about the files, and about pins.
fn hints(folders: &[Arc<Folder>], history: Option<&History>) -> Hints {
    let pins = history.and_then(History::pin_folder);
    let folders = folders.iter().map(|folder| &*folder.path);
    Hints::about(folders.chain(pins.as_deref()), RecursiveMode::NonRecursive)
}
