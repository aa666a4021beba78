//! What takes long, done beside the registry: it is told when that is done.

use crate::policy::folder::{Found, Stamp};
use crate::policy::history::{History, HistoryError};
use crate::policy::loader::Loaded;
use crate::policy::queue::Queue;
use crate::policy::{Digest, Pair, Policy, PolicyName};

/// What is in the folder; and, where there is nothing to go on with, what served
/// before or is pinned.
pub(super) struct FromFolder {
    pub(super) found: Found,
    pub(super) stamp: Stamp,
    pub(super) loaded: Loaded,
    pub(super) before: Option<Policy>,
    pub(super) pinned: Option<(Digest, Policy)>,
}

/// What a job has done.
pub(super) enum Done {
    /// Loaded what is in the folder.
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

/// Loads what is in the folder. Without something good that serves, what served
/// before is looked for; and what it is to be pinned to, so that it never serves
/// what it is pinned not to.
pub(super) async fn load(
    queue: Queue,
    found: Found,
    stamp: Stamp,
    has_good: bool,
    pin: Option<Digest>,
) -> Done {
    let name = found.name.clone();
    let loaded = queue.files(&found).await;
    let before = if loaded.pair.is_none() && !has_good {
        queue.last_good(&name).await
    } else {
        None
    };
    let pinned = match pin {
        Some(digest) => {
            let policy = queue.pinned(&name, &digest).await;
            Some((digest, policy))
        }
        None => None,
    };
    Done::Loaded(Box::new(FromFolder {
        found,
        stamp,
        loaded,
        before,
        pinned,
    }))
}

/// Loads what a policy is pinned to.
pub(super) async fn pin(queue: Queue, name: PolicyName, digest: Digest) -> Done {
    Done::Pinned {
        policy: queue.pinned(&name, &digest).await,
        name,
        digest,
    }
}

/// Keeps a good pair.
pub(super) async fn remember(
    history: History,
    name: PolicyName,
    digest: Digest,
    pair: Pair,
) -> Done {
    let (own_name, own_digest) = (name.clone(), digest.clone());
    let keep = move || history.remember(&own_name, &own_digest, &pair);
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
