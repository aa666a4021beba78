//! The registry: every policy of a folder, as it is now.
//!
//! A policy's component and settings are one pair: the pair is loaded when both
//! have stopped changing, and it takes the place of the pair before only if it
//! can be loaded. A policy that is being loaded holds up none of the others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use notify::RecursiveMode;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::folder::{self, Found, ReadError, Stamp};
use super::hint::Hints;
use super::loader::Loader;
use super::name::PolicyName;
use super::{Configs, Policy};
use crate::telemetry::foreign;

/// Between two looks, when nothing is reported.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How long files must stay as they are before they are read.
const SETTLE: Duration = Duration::from_millis(200);

/// How long a file must be gone before its policy is.
const GONE: Duration = Duration::from_millis(500);

/// The policies of a folder.
pub struct Registry {
    folder: PathBuf,
    identity: Option<(u64, u64)>,
    hints: Hints,
    loader: Loader,
    configs: Configs,
    /// One for each core: compiling takes one, and a lot of memory.
    turns: Arc<Semaphore>,
    known: BTreeMap<PolicyName, Known>,
    /// Files that differ from what is known, and since when they look as they do.
    settling: BTreeMap<PolicyName, (Stamp, Instant)>,
    /// Policies whose files are not there, and since when.
    missing: BTreeMap<PolicyName, Instant>,
    loading: JoinSet<Loaded>,
    in_progress: BTreeSet<PolicyName>,
    /// What was said and need not be said again.
    misnamed: Vec<PathBuf>,
    unreadable: bool,
}

struct Known {
    stamp: Stamp,
    policy: Arc<Policy>,
}

struct Loaded {
    found: Found,
    stamp: Stamp,
    policy: Policy,
}

impl Registry {
    /// Loads every policy of a folder.
    ///
    /// # Errors
    ///
    /// The folder cannot be read.
    pub async fn open(loader: Loader, folder: &Path, configs: Configs) -> Result<Self, ReadError> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let mut registry = Self {
            hints: Hints::about([folder], RecursiveMode::NonRecursive),
            identity: folder::identity(folder),
            folder: folder.to_owned(),
            loader,
            configs,
            turns: Arc::new(Semaphore::new(cores)),
            known: BTreeMap::new(),
            settling: BTreeMap::new(),
            missing: BTreeMap::new(),
            loading: JoinSet::new(),
            in_progress: BTreeSet::new(),
            misnamed: Vec::new(),
            unreadable: false,
        };
        let listing = folder::list(folder)?;
        registry.say_misnamed(listing.misnamed);
        for found in listing.policies {
            let stamp = found.stamp();
            registry.load(found, stamp);
        }
        while let Some(loaded) = registry.loading.join_next().await {
            registry.take(loaded);
        }
        Ok(registry)
    }

    /// All policies, in the order of their names.
    #[must_use]
    pub fn policies(&self) -> Vec<Arc<Policy>> {
        self.known
            .values()
            .map(|known| Arc::clone(&known.policy))
            .collect()
    }

    /// Waits until a policy has come, gone or changed.
    pub async fn changed(&mut self) {
        loop {
            let waiting = !self.settling.is_empty() || !self.missing.is_empty();
            let pause = if waiting { SETTLE / 2 } else { LOOK_EVERY };
            let changed = tokio::select! {
                Some(loaded) = self.loading.join_next() => self.take(loaded),
                _ = self.hints.wait(pause) => self.look(Instant::now()),
            };
            if changed {
                return;
            }
        }
    }

    /// Looks at the folder: notes what changes, starts to load what has settled,
    /// and forgets what is gone. True if something is gone.
    fn look(&mut self, now: Instant) -> bool {
        // A folder that was replaced reports nothing any more.
        let identity = folder::identity(&self.folder);
        if identity.is_some() && identity != self.identity {
            self.identity = identity;
            self.hints = Hints::about([self.folder.as_path()], RecursiveMode::NonRecursive);
        }
        let listing = match folder::list(&self.folder) {
            Ok(listing) => listing,
            Err(error) => {
                if !std::mem::replace(&mut self.unreadable, true) {
                    tracing::error!("{error}; the policies go on as they are");
                }
                return false;
            }
        };
        if std::mem::replace(&mut self.unreadable, false) {
            tracing::info!("the policy folder can be read again");
        }
        self.say_misnamed(listing.misnamed);
        let gone = self.forget_all_but(&listing.policies, now);
        for found in listing.policies {
            self.look_at(found, now);
        }
        gone
    }

    fn look_at(&mut self, found: Found, now: Instant) {
        let stamp = found.stamp();
        let known = self.known.get(&found.name);
        if self.in_progress.contains(&found.name) {
            return;
        }
        if known.is_some_and(|known| known.stamp == stamp) {
            self.settling.remove(&found.name);
            return;
        }
        match self.settling.get(&found.name) {
            Some((seen, since)) if *seen == stamp => {
                if now.duration_since(*since) >= SETTLE {
                    self.settling.remove(&found.name);
                    self.load(found, stamp);
                }
            }
            _ => {
                self.settling.insert(found.name, (stamp, now));
            }
        }
    }

    fn load(&mut self, found: Found, stamp: Stamp) {
        self.in_progress.insert(found.name.clone());
        let (loader, turns) = (self.loader.clone(), Arc::clone(&self.turns));
        let config = self.configs.get(&found.name);
        self.loading.spawn(async move {
            let _turn = turns.acquire().await;
            let policy = loader.load(found.clone(), config).await;
            Loaded {
                found,
                stamp,
                policy,
            }
        });
    }

    /// Takes what was loaded, unless its files have changed meanwhile; true if
    /// that makes a difference.
    fn take(&mut self, loaded: Result<Loaded, tokio::task::JoinError>) -> bool {
        // A loader never panics outside the thread that it compiles on.
        let Ok(Loaded {
            found,
            stamp,
            policy,
        }) = loaded
        else {
            return false;
        };
        let name = found.name.clone();
        self.in_progress.remove(&name);
        if found.stamp() != stamp {
            // Not what is there any more: the next look sees to it.
            self.settling.insert(name, (found.stamp(), Instant::now()));
            return false;
        }
        let before = self.known.get(&name).map(|known| &*known.policy);
        let policy = policy.or_as_before(before);
        log_outcome(&policy);
        let policy = Arc::new(policy);
        self.known.insert(name, Known { stamp, policy });
        true
    }

    /// Forgets every policy that is not among these and has not been for a while:
    /// some ways of writing remove a file first. True if there was one.
    fn forget_all_but(&mut self, found: &[Found], now: Instant) -> bool {
        let listed =
            |name: &PolicyName| found.binary_search_by(|found| found.name.cmp(name)).is_ok();
        self.settling.retain(|name, _| listed(name));
        self.missing.retain(|name, _| !listed(name));
        let before = self.known.len();
        self.known.retain(|name, _| {
            if listed(name) {
                return true;
            }
            let since = *self.missing.entry(name.clone()).or_insert(now);
            if now.duration_since(since) < GONE {
                return true;
            }
            self.missing.remove(name);
            tracing::warn!(policy = %name, "policy removed");
            false
        });
        self.known.len() < before
    }

    fn say_misnamed(&mut self, misnamed: Vec<PathBuf>) {
        for path in misnamed.iter().filter(|path| !self.misnamed.contains(path)) {
            tracing::warn!(
                path = foreign(&path.to_string_lossy()).to_string(),
                "not loaded: a policy's file is named `<name>.wasm`, with 1 to 63 of a-z, 0-9 and `-`",
            );
        }
        self.misnamed = misnamed;
    }
}

/// Tells the operator how loading went.
pub fn log_outcome(policy: &Policy) {
    let name = &policy.name;
    match (&policy.revision, &policy.refused) {
        (Ok(revision), None) => {
            tracing::info!(policy = %name, revision = %revision.digest, "policy loaded");
        }
        (Ok(revision), Some(error)) => tracing::error!(
            policy = %name,
            revision = %revision.digest,
            "policy not loaded, and goes on as it was: {error}",
        ),
        (Err(error), _) => tracing::error!(policy = %name, "policy not loaded: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::{Registry, folder};
    use crate::policy::{Config, Configs, FileLimits, Loader, OnFailure};
    use crate::sandbox::{self, Sandbox};

    fn configs() -> Configs {
        let limits = FileLimits {
            fuel: 1_000_000,
            fuel_per_byte: 0,
            deadline: Duration::from_secs(1),
            memory: bytesize::ByteSize::mib(1),
        };
        let default = Config {
            on_failure: OnFailure::AsOkta,
            log: false,
            limits,
        };
        Configs {
            default,
            named: BTreeMap::new(),
        }
    }

    /// What was read while the files were changing may be half of one pair and half
    /// of the next.
    #[tokio::test]
    async fn what_changed_while_it_was_loaded_is_not_taken() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("policy.wasm");
        fs::write(&file, "first").expect("written");
        let small = sandbox::Config {
            concurrency: 1,
            memory: 1 << 20,
        };
        let sandbox = Sandbox::start(&small).expect("a sandbox");
        let registry = Registry::open(Loader::new(sandbox), dir.path(), configs()).await;
        let mut registry = registry.expect("a folder");
        let before = registry.policies().remove(0);

        let found = folder::list(dir.path())
            .expect("a folder")
            .policies
            .remove(0);
        let stamp = found.stamp();
        fs::write(&file, "second, and longer").expect("written");
        registry.load(found, stamp);
        let loaded = registry.loading.join_next().await.expect("it is loading");

        assert!(!registry.take(loaded), "it makes no difference");
        assert!(std::sync::Arc::ptr_eq(
            &before,
            &registry.policies().remove(0)
        ));
        assert_eq!(registry.settling.len(), 1, "it is looked at again");
    }
}
