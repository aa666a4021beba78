//! Loading in turns: as many policies at once as there are cores, and those that
//! take long give way, so that none of them holds up another's.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::folder::Found;
use super::history::{History, HistoryError};
use super::loader::{LoadError, Loaded, Loader, failed};
use super::name::PolicyName;
use super::{Config, Configs, Digest, Policy};
use crate::sandbox::Patience;

/// Where policies wait for their turn to be loaded. Clones share it.
#[derive(Clone)]
pub(super) struct Queue {
    loader: Loader,
    configs: Arc<Configs>,
    pub(super) history: Option<History>,
    /// Bounds what is in memory, too: a turn begins with reading the files.
    short: Arc<Semaphore>,
    full: Arc<Semaphore>,
}

/// Where a pair comes from.
enum Origin<'a> {
    Files(&'a Found),
    LastGood(&'a PolicyName),
    Revision(&'a PolicyName, &'a Digest),
}

impl Queue {
    pub(super) fn new(loader: Loader, configs: Configs, history: Option<History>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            loader,
            configs: Arc::new(configs),
            history,
            short: Arc::new(Semaphore::new(cores)),
            full: Arc::new(Semaphore::new(cores)),
        }
    }

    /// Loads a policy from its files.
    pub(super) async fn files(&self, found: &Found) -> Loaded {
        let loaded = self.in_turn(Origin::Files(found)).await;
        loaded.expect("files are loaded or fail")
    }

    /// Loads the pair that served last, if there is a history and it has one that
    /// can still be loaded.
    pub(super) async fn last_good(&self, name: &PolicyName) -> Option<Policy> {
        let policy = self.in_turn(Origin::LastGood(name)).await?.policy;
        match policy.problem() {
            None => Some(Policy {
                remembered: true,
                ..policy
            }),
            Some(error) => {
                tracing::error!(policy = %name, "the last good revision cannot be loaded: {error}");
                None
            }
        }
    }

    /// Loads a revision that a policy is pinned to.
    pub(super) async fn pinned(&self, name: &PolicyName, digest: &Digest) -> Policy {
        let loaded = self.in_turn(Origin::Revision(name, digest)).await;
        Policy {
            remembered: true,
            ..loaded.expect("a revision is loaded or fails").policy
        }
    }

    async fn in_turn(&self, origin: Origin<'_>) -> Option<Loaded> {
        {
            let _turn = self.short.acquire().await;
            let loaded = self.load(&origin, Patience::Short).await?;
            let problem = loaded.policy.problem();
            if !problem.is_some_and(LoadError::wants_patience) {
                return Some(loaded);
            }
        }
        let _turn = self.full.acquire().await;
        self.load(&origin, Patience::Full).await
    }

    async fn load(&self, origin: &Origin<'_>, patience: Patience) -> Option<Loaded> {
        let (name, digest) = match *origin {
            Origin::Files(found) => {
                let config = self.configs.get(&found.name);
                return Some(self.loader.load(found.clone(), config, patience).await);
            }
            Origin::LastGood(name) => (name.clone(), None),
            Origin::Revision(name, digest) => (name.clone(), Some(digest.clone())),
        };
        let config = self.configs.get(&name);
        let (history, own_name) = (self.history.clone()?, name.clone());
        let read = move || match digest {
            Some(digest) => history.pair(&own_name, &digest).map(Some),
            None => history.last_good(&own_name),
        };
        match tokio::task::spawn_blocking(read).await {
            Ok(Ok(Some(pair))) => {
                let loaded = self.loader.load_pair(name, config, pair, patience);
                Some(loaded.await)
            }
            Ok(Ok(None)) => None,
            Ok(Err(error)) => Some(self.unavailable(origin, name, config, error)),
            Err(_) => Some(failed(name, config, LoadError::Panicked)),
        }
    }

    fn unavailable(
        &self,
        origin: &Origin<'_>,
        name: PolicyName,
        config: Config,
        error: HistoryError,
    ) -> Loaded {
        let error = match origin {
            Origin::Revision(..) => LoadError::Pinned(error),
            Origin::Files(_) | Origin::LastGood(_) => LoadError::History(error),
        };
        failed(name, config, error)
    }

    /// Removes what is no longer needed from the history.
    pub(super) fn sweep(&self) {
        if let Some(history) = self.history.clone() {
            let sandbox = self.loader.sandbox().clone();
            tokio::task::spawn_blocking(move || history.sweep(&sandbox));
        }
    }
}
