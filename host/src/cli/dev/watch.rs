//! Watching sources.
//!
//! What the file system reports is only a hint; a look every two seconds covers
//! what was missed, and what counts is whether a file's name, size or time
//! differs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use notify::RecursiveMode;

use crate::policy::Hints;

/// Between two looks, when nothing is reported.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// From a report to the look: a save is several steps.
const SETTLE: Duration = Duration::from_millis(150);

/// What building and installing write, and what others wrote.
const NOT_SOURCES: [&str; 7] = [
    "Cargo.lock",
    "__pycache__",
    "build",
    "dist",
    "node_modules",
    "target",
    "vendor",
];

/// The sources of several packages.
pub(super) struct Watch {
    dirs: Vec<PathBuf>,
    seen: Vec<Files>,
    hints: Hints,
}

/// Each file's size and time of change.
type Files = BTreeMap<PathBuf, (u64, Option<SystemTime>)>;

impl Watch {
    /// Notes how the sources are now.
    pub(super) fn start<'a>(dirs: impl Iterator<Item = &'a Path>) -> Self {
        let dirs: Vec<_> = dirs.map(Path::to_owned).collect();
        Self {
            hints: {
                // One by one: to watch all below would be to watch what is installed. A
                // folder that is made later is covered by the look.
                let folders: Vec<_> = dirs.iter().flat_map(|dir| sources(dir).0).collect();
                let folders = folders.iter().map(PathBuf::as_path);
                Hints::about(folders, RecursiveMode::NonRecursive)
            },
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

fn files(dir: &Path) -> Files {
    sources(dir).1
}

/// The folders and the files from a folder on, without what is hidden and what is no
/// source.
fn sources(dir: &Path) -> (Vec<PathBuf>, Files) {
    let mut files = Files::new();
    let mut folders = vec![dir.to_owned()];
    let mut at = 0;
    while let Some(folder) = folders.get(at) {
        at += 1;
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        for entry in entries {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with('.') || NOT_SOURCES.contains(&&*name) {
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
    (folders, files)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::sources;

    #[test]
    fn what_is_built_installed_or_vendored_is_not_watched() {
        let dir = tempfile::tempdir().expect("a folder");
        for file in [
            "src/policy.ts",
            "policy.py",
            "admit.toml",
            "cases/one.toml",
            "node_modules/a/index.js",
            ".venv/bin/python",
            "target/policies/admit.wasm",
            "vendor/wit/worlds.wit",
            "__pycache__/policy.pyc",
            "Cargo.lock",
        ] {
            let path = dir.path().join(file);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, "").expect("a file");
        }
        let (mut folders, files) = sources(dir.path());
        let watched: Vec<_> = files.into_keys().collect();
        let sources = ["admit.toml", "cases/one.toml", "policy.py", "src/policy.ts"];
        let sources: Vec<PathBuf> = sources.map(|file| dir.path().join(file)).into();
        assert_eq!(watched, sources);
        folders.sort();
        let expected = ["", "cases", "src"].map(|folder| dir.path().join(folder));
        assert_eq!(folders, expected);
    }
}
