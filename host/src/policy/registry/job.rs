//! What takes long, done beside the registry: it is told when that is done.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::task::{AbortHandle, Id};

use crate::policy::folder::{Folder, Found, Stamp};
use crate::policy::history::{History, HistoryError};
use crate::policy::loader::Loaded;
use crate::policy::queue::{Queue, Turn};
use crate::policy::{Digest, Pair, Policy, PolicyName};
use crate::sandbox::Patience;

/// A job that is under way.
pub(super) enum Job {
    /// Loads something, and may be ended at any time.
    Load {
        patience: Patience,
        /// How the files looked, if it loads files.
        stamp: Option<Stamp>,
        abort: AbortHandle,
    },
    /// Writes something down.
    Write(Id),
}

impl Job {
    /// Whether it is this task.
    pub(super) fn is(&self, id: Id) -> bool {
        match self {
            Self::Load { abort, .. } => abort.id() == id,
            Self::Write(own) => *own == id,
        }
    }

    /// Whether it loads files that look like this.
    pub(super) fn loads(&self, files: &Stamp) -> bool {
        matches!(self, Self::Load { stamp: Some(stamp), .. } if stamp == files)
    }

    /// Whether it waits for none of the slow compilations.
    pub(super) fn is_quick(&self) -> bool {
        let full = Patience::Full;
        !matches!(self, Self::Load { patience, .. } if *patience == full)
    }
}

/// Ends what is being loaded of a policy, because its files are not what they were.
/// False if something is being written down, which must come to its end.
pub(super) fn stop(jobs: &mut BTreeMap<PolicyName, Job>, name: &PolicyName) -> bool {
    match jobs.get(name) {
        None => true,
        Some(Job::Write(_)) => false,
        Some(Job::Load { abort, .. }) => {
            abort.abort();
            jobs.remove(name);
            true
        }
    }
}

/// What is to be loaded.
#[derive(Clone)]
pub(super) struct Wanted {
    pub(super) found: Found,
    pub(super) stamp: Stamp,
    /// Without something good that serves, what served before is looked for.
    pub(super) has_good: bool,
    /// What it is to be pinned to, so that it never serves what it is pinned not to.
    pub(super) pin: Option<Digest>,
}

/// What is in the folder; and, where there is nothing to go on with, what served
/// before or is pinned.
pub(super) struct FromFolder {
    pub(super) wanted: Wanted,
    pub(super) patience: Patience,
    pub(super) loaded: Loaded,
    pub(super) before: Option<Policy>,
    pub(super) pinned: Option<(Digest, Policy)>,
    /// The pair's, if there is one.
    pub(super) turn: Option<Turn>,
}

impl FromFolder {
    /// Whether there would be more of it with more patience.
    pub(super) fn is_pending(&self) -> bool {
        let pinned = self.pinned.as_ref().map(|(_, policy)| policy);
        let parts = [Some(&self.loaded.policy), self.before.as_ref(), pinned];
        parts.into_iter().flatten().any(Policy::is_pending)
    }
}

/// What a job has done.
pub(super) enum Done {
    /// Loaded what is in the folder, as far as the patience allowed.
    Loaded(Box<FromFolder>),
    /// Loaded what is pinned.
    Pinned {
        name: PolicyName,
        digest: Digest,
        policy: Policy,
    },
    /// Kept a good pair.
    Remembered {
        name: PolicyName,
        digest: Digest,
        kept: Result<bool, HistoryError>,
    },
    /// Noted that a policy was removed.
    Removed {
        name: PolicyName,
        kept: Result<(), HistoryError>,
    },
}

impl Done {
    /// The policy's.
    pub(super) fn name(&self) -> &PolicyName {
        match self {
            Self::Loaded(from_folder) => &from_folder.wanted.found.name,
            Self::Pinned { name, .. }
            | Self::Remembered { name, .. }
            | Self::Removed { name, .. } => name,
        }
    }
}

/// Loads what is in the folder.
pub(super) async fn load(queue: Queue, wanted: Wanted, patience: Patience) -> Done {
    let name = &wanted.found.name;
    // One turn at a time: that of the files goes on if they are good.
    let pinned = match &wanted.pin {
        Some(digest) => {
            let policy = queue
                .pinned(name, &wanted.found.folder, digest, patience)
                .await;
            Some((digest.clone(), policy))
        }
        None => None,
    };
    let (loaded, turn) = queue.files(&wanted.found, patience).await;
    let turn = loaded.pair.is_some().then_some(turn);
    let before = if turn.is_none() && !wanted.has_good {
        queue.last_good(name, &wanted.found.folder, patience).await
    } else {
        None
    };
    Done::Loaded(Box::new(FromFolder {
        wanted,
        patience,
        loaded,
        before,
        pinned,
        turn,
    }))
}

/// Loads what a policy is pinned to.
pub(super) async fn pin(
    queue: Queue,
    name: PolicyName,
    digest: Digest,
    folder: Arc<Folder>,
) -> Done {
    let mut patience = Patience::None;
    let policy = loop {
        let policy = queue.pinned(&name, &folder, &digest, patience).await;
        match patience.more() {
            Some(more) if policy.is_pending() => patience = more,
            _ => break policy,
        }
    };
    Done::Pinned {
        name,
        digest,
        policy,
    }
}

/// Keeps a good pair. Its turn goes on until then.
pub(super) async fn remember(
    history: History,
    name: PolicyName,
    digest: Digest,
    pair: Pair,
    turn: Turn,
) -> Done {
    let (own_name, own_digest) = (name.clone(), digest.clone());
    let keep = move || {
        let kept = history.remember(&own_name, &own_digest, &pair);
        drop((pair, turn));
        kept
    };
    let kept = tokio::task::spawn_blocking(keep).await;
    Done::Remembered {
        // It panicked; nobody knows how far it came.
        kept: kept.unwrap_or_else(|_| Err(HistoryError::NotKept(digest.clone()))),
        name,
        digest,
    }
}

/// Notes that a policy was removed.
pub(super) async fn forget(history: History, name: PolicyName) -> Done {
    let own_name = name.clone();
    let forget = move || history.forget_serving(&own_name);
    let kept = tokio::task::spawn_blocking(forget).await;
    Done::Removed {
        kept: kept.unwrap_or(Ok(())),
        name,
    }
}
