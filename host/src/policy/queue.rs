//! Loading in turns: as many policies at once as there are cores. Those whose code
//! is there already wait for no compiler, and those that take long give way, so that
//! none of them holds up another's.

mod turns;

use std::sync::Arc;

use super::folder::{Folder, Found};
use super::history::{History, HistoryError};
use super::load_error::LoadError;
use super::loader::{Loaded, Loader, failed};
use super::name::PolicyName;
use super::{Config, Configs, Digest, Policy};
use crate::sandbox::Patience;
pub(super) use turns::Turn;
use turns::Turns;

/// Where policies wait for their turn to be loaded. Clones share it.
#[derive(Clone)]
pub(super) struct Queue {
    loader: Loader,
    configs: Arc<Configs>,
    pub(super) history: Option<History>,
    /// These bound what is in memory, too: a turn begins with reading the files, and
    /// ends when they are not needed any more.
    cached: Turns,
    short: Turns,
    full: Turns,
}

/// Where a pair comes from.
enum Origin<'a> {
    LastGood,
    Revision(&'a Digest),
}

impl Queue {
    pub(super) fn new(loader: Loader, configs: Configs, history: Option<History>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        // Where it can be, there is a compiler left for what is quick.
        let slow = cores.min(loader.sandbox().compilers() - 1).max(1);
        Self {
            loader,
            configs: Arc::new(configs),
            history,
            cached: Turns::new(cores),
            short: Turns::new(cores),
            full: Turns::new(slow),
        }
    }

    async fn turn(&self, name: &PolicyName, patience: Patience) -> Turn {
        let turns = match patience {
            Patience::None => &self.cached,
            Patience::Short => &self.short,
            Patience::Full => &self.full,
        };
        turns.next(name).await
    }

    /// What the operator says about a policy.
    pub(super) fn config(&self, name: &PolicyName) -> Config {
        self.configs.get(name)
    }

    /// The folder that the operator wants a policy to come from, if any.
    pub(super) fn home(&self, name: &PolicyName) -> Option<String> {
        let home = self.config(name).folder;
        Some(home).filter(|home| !home.is_empty())
    }

    /// Whether a policy was not loaded for want of a secret, and it is there now.
    pub(super) fn is_unblocked(&self, policy: &Policy) -> bool {
        let wants_secret = matches!(policy.problem(), Some(LoadError::NoSecret { .. }));
        wants_secret && self.loader.grantor().has_all_secrets(&policy.name)
    }

    /// Loads a policy from its files. The pair is in memory as long as the turn.
    pub(super) async fn files(&self, found: &Found, patience: Patience) -> (Loaded, Turn) {
        let turn = self.turn(&found.name, patience).await;
        let config = self.config(&found.name);
        let loaded = self.loader.load(found.clone(), config, patience).await;
        (loaded, turn)
    }

    /// Loads the pair that served last, if there is a history and it has one.
    pub(super) async fn last_good(
        &self,
        name: &PolicyName,
        folder: &Folder,
        patience: Patience,
    ) -> Option<Policy> {
        let policy = self.kept(name, folder, &Origin::LastGood, patience).await?;
        match policy.problem() {
            Some(error) if !error.is_pending() => {
                tracing::error!(policy = %name, "the last good revision cannot be loaded: {error}");
                None
            }
            _ => Some(policy),
        }
    }

    /// Loads a revision that a policy is pinned to.
    pub(super) async fn pinned(
        &self,
        name: &PolicyName,
        folder: &Folder,
        digest: &Digest,
        patience: Patience,
    ) -> Policy {
        let origin = Origin::Revision(digest);
        let policy = self.kept(name, folder, &origin, patience).await;
        policy.expect("a revision is loaded or fails")
    }

    async fn kept(
        &self,
        name: &PolicyName,
        folder: &Folder,
        origin: &Origin<'_>,
        patience: Patience,
    ) -> Option<Policy> {
        let (history, config) = (self.history.clone()?, self.config(name));
        let digest = match *origin {
            Origin::LastGood => None,
            Origin::Revision(digest) => Some(digest.clone()),
        };
        let own_name = name.clone();
        let read = move || match digest {
            Some(digest) => history.pair(&own_name, &digest).map(Some),
            None => history.last_good(&own_name),
        };
        let _turn = self.turn(name, patience).await;
        let name = name.clone();
        let loaded = match tokio::task::spawn_blocking(read).await {
            Ok(Ok(None)) => return None,
            Ok(Ok(Some(pair))) => {
                let loader = &self.loader;
                loader.load_pair(name, config, folder, pair, patience).await
            }
            Ok(Err(error)) => failed(name, config, unavailable(origin, error)),
            Err(_) => failed(name, config, LoadError::Panicked),
        };
        Some(Policy {
            remembered: true,
            ..loaded.policy
        })
    }

    /// Removes what is no longer needed from the history.
    pub(super) fn sweep(&self) {
        if let Some(history) = self.history.clone() {
            let sandbox = self.loader.sandbox().clone();
            tokio::task::spawn_blocking(move || history.sweep(&sandbox));
        }
    }
}

fn unavailable(origin: &Origin<'_>, error: HistoryError) -> LoadError {
    match origin {
        Origin::Revision(_) => LoadError::Pinned(error),
        Origin::LastGood => LoadError::History(error),
    }
}
