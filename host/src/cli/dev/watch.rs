//! Watching sources.
//!
//! What the file system reports is only a hint; a look every two seconds covers
//! what was missed, and what counts is whether a file's name, size or time
//! differs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use notify::RecursiveMode;

use super::project::Project;
use crate::policy::Hints;

/// Between two looks, when nothing is reported.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// From a report to the look: a save is several steps.
const SETTLE: Duration = Duration::from_millis(150);

/// The sources of several projects.
pub(super) struct Watch {
    dirs: Vec<PathBuf>,
    seen: Vec<Files>,
    hints: Hints,
}

/// Each file's size and time of change.
type Files = BTreeMap<PathBuf, (u64, Option<SystemTime>)>;

impl Watch {
    /// Notes how the sources are now.
    pub(super) fn start(projects: &[Project]) -> Self {
        let dirs: Vec<_> = projects.iter().map(|project| project.dir.clone()).collect();
        Self {
            hints: Hints::about(dirs.iter().map(PathBuf::as_path), RecursiveMode::Recursive),
            seen: dirs.iter().map(|dir| files(dir)).collect(),
            dirs,
        }
    }

    /// Waits until sources have changed; returns whose.
    pub(super) async fn changed(&mut self) -> Vec<usize> {
        loop {
            if self.hints.wait(LOOK_EVERY).await {
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
