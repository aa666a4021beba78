//! Watching sources.
//!
//! What the file system reports is only a hint to look again: some editors and
//! many mounts report nothing, and a report says little. A look every two
//! seconds covers what was missed, and what counts is whether a file's name,
//! size or time differs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::Notify;

use super::project::Project;

/// Between two looks, when nothing is reported.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// From a report to the look: a save is several steps.
const SETTLE: Duration = Duration::from_millis(150);

/// The sources of several projects.
pub(super) struct Watch {
    dirs: Vec<PathBuf>,
    seen: Vec<Files>,
    hint: Arc<Notify>,
    /// Reports as long as it lives.
    _watcher: Option<RecommendedWatcher>,
}

/// Each file's size and time of change.
type Files = BTreeMap<PathBuf, (u64, Option<SystemTime>)>;

impl Watch {
    /// Notes how the sources are now.
    pub(super) fn start(projects: &[Project]) -> anyhow::Result<Self> {
        let dirs: Vec<_> = projects.iter().map(|project| project.dir.clone()).collect();
        let hint = Arc::new(Notify::new());
        let notified = Arc::clone(&hint);
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // Looking opens and reads, and that is reported too.
            let looked = event.is_ok_and(|event| event.kind.is_access());
            if !looked {
                notified.notify_one();
            }
        });
        let watcher = watcher.and_then(|mut watcher: RecommendedWatcher| {
            for dir in &dirs {
                watcher.watch(dir, RecursiveMode::Recursive)?;
            }
            Ok(watcher)
        });
        let watcher = watcher.inspect_err(|error| {
            tracing::warn!(%error, "changes are not reported here; looking for them instead");
        });
        Ok(Self {
            seen: dirs.iter().map(|dir| files(dir)).collect(),
            dirs,
            hint,
            _watcher: watcher.ok(),
        })
    }

    /// Waits until sources have changed; returns whose.
    pub(super) async fn changed(&mut self) -> Vec<usize> {
        loop {
            if tokio::time::timeout(LOOK_EVERY, self.hint.notified())
                .await
                .is_ok()
            {
                tokio::time::sleep(SETTLE).await;
            }
            let mut changed = Vec::new();
            for (index, (dir, seen)) in self.dirs.iter().zip(&mut self.seen).enumerate() {
                let now = files(dir);
                if now != *seen {
                    *seen = now;
                    changed.push(index);
                }
            }
            if !changed.is_empty() {
                return changed;
            }
        }
    }
}

/// The files below a folder, without what is hidden and what building writes.
fn files(dir: &Path) -> Files {
    let mut files = Files::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        for entry in entries {
            let name = entry.file_name();
            let built = name == "target" || name == "Cargo.lock";
            if built || name.to_string_lossy().starts_with('.') {
                continue;
            }
            match entry.metadata() {
                Ok(metadata) if metadata.is_dir() => folders.push(entry.path()),
                Ok(metadata) => {
                    let state = (metadata.len(), metadata.modified().ok());
                    files.insert(entry.path(), state);
                }
                Err(_) => {}
            }
        }
    }
    files
}
