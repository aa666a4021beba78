//! Hints that something in a folder may have changed.
//!
//! What a file system reports is a reason to look again and nothing more: some
//! ways of writing are reported as something else, some mounts report nothing,
//! and a folder that was replaced reports nothing any more. Whoever waits here
//! looks again after a while in any case.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::Notify;

/// Hints about one folder or several.
pub struct Hints {
    hint: Arc<Notify>,
    /// Reports as long as it lives.
    _watcher: Option<RecommendedWatcher>,
}

impl Hints {
    /// Hints about these folders. Where the system reports nothing, it is said
    /// once, and looking again has to do.
    #[must_use]
    pub fn about<'a>(folders: impl IntoIterator<Item = &'a Path>, mode: RecursiveMode) -> Self {
        let hint = Arc::new(Notify::new());
        let notified = Arc::clone(&hint);
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            // Looking opens and reads, and that is reported too.
            let looked = event.is_ok_and(|event| event.kind.is_access());
            if !looked {
                notified.notify_one();
            }
        });
        let watcher = watcher.and_then(|mut watcher: RecommendedWatcher| {
            for folder in folders {
                watcher.watch(folder, mode)?;
            }
            Ok(watcher)
        });
        let watcher = watcher.inspect_err(|error| {
            tracing::warn!(%error, "changes are not reported here; looking for them instead");
        });
        Self {
            hint,
            _watcher: watcher.ok(),
        }
    }

    /// Waits for a hint, but no longer than this; true if there was one.
    pub async fn wait(&self, longest: Duration) -> bool {
        let hinted = tokio::time::timeout(longest, self.hint.notified());
        hinted.await.is_ok()
    }
}
