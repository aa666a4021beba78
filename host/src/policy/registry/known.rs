//! What is known of a policy: what is in the folder, and what serves.

use std::sync::Arc;

use crate::policy::folder::{Folder, Stamp};
use crate::policy::{Digest, Pinned, Policy};

/// A policy, as it is known.
pub(super) struct Known {
    /// How its files looked.
    pub(super) stamp: Stamp,
    /// Where it was found.
    pub(super) folder: Arc<Folder>,
    /// What is in the folder; or was, if that cannot be loaded.
    pub(super) in_folder: Policy,
    /// What the operator went back to.
    pub(super) pinned: Option<(Digest, Policy)>,
}

impl Known {
    /// What serves.
    pub(super) fn served(&self) -> Policy {
        let Some((digest, pinned)) = &self.pinned else {
            return self.in_folder.clone();
        };
        let in_folder = &self.in_folder;
        let refused = [
            pinned.refused.as_ref(),
            in_folder.revision.as_ref().err(),
            in_folder.refused.as_ref(),
        ];
        // One that cannot be had belongs to its chains all the same.
        let known = if pinned.hooks.is_empty() {
            in_folder
        } else {
            pinned
        };
        Policy {
            hooks: known.hooks.clone(),
            refused: refused.into_iter().flatten().next().cloned(),
            pinned: Some(Pinned {
                to: digest.clone(),
                in_folder: in_folder.digest().cloned(),
            }),
            ..pinned.clone()
        }
    }
}

/// Tells the operator how loading went.
pub fn log_outcome(policy: &Policy) {
    let name = &policy.name;
    match (&policy.revision, &policy.refused) {
        (Ok(revision), _) if policy.pinned.is_some() => {
            tracing::warn!(policy = %name, revision = %revision.digest, "policy pinned");
        }
        (Ok(revision), None) => {
            tracing::info!(policy = %name, revision = %revision.digest, "policy loaded");
        }
        (Ok(revision), Some(error)) if error.is_pending() => tracing::warn!(
            policy = %name,
            revision = %revision.digest,
            "policy not loaded yet, and goes on as it was: {error}",
        ),
        (Ok(revision), Some(error)) => tracing::error!(
            policy = %name,
            revision = %revision.digest,
            "policy not loaded, and goes on as it was: {error}",
        ),
        (Err(error), _) if error.is_pending() => {
            tracing::warn!(policy = %name, "policy not loaded yet, and fails its calls: {error}");
        }
        (Err(error), _) => tracing::error!(policy = %name, "policy not loaded: {error}"),
    }
}
