//! All policies of a folder.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::folder::{self, ReadError};
use super::loader::Loader;
use super::{Configs, Policy};
use crate::telemetry::foreign;

/// Loads every policy of a folder; returns them in the order of their names. One
/// that cannot be loaded holds up none of the others.
///
/// # Errors
///
/// The folder itself cannot be read.
pub async fn load_folder(
    loader: &Loader,
    folder: &Path,
    configs: &Configs,
) -> Result<Vec<Arc<Policy>>, ReadError> {
    let listing = folder::list(folder)?;
    for path in listing.misnamed {
        tracing::warn!(
            path = foreign(&path.to_string_lossy()).to_string(),
            "not loaded: a policy's file is named `<name>.wasm`, with 1 to 63 of a-z, 0-9 and `-`",
        );
    }
    // Compiling takes a core and a lot of memory each.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let turns = Arc::new(Semaphore::new(cores));
    let mut loading = JoinSet::new();
    for found in listing.policies {
        let (loader, turns) = (loader.clone(), Arc::clone(&turns));
        let config = configs.get(&found.name);
        loading.spawn(async move {
            let _turn = turns.acquire().await;
            let policy = loader.load(found, config).await;
            log_outcome(&policy);
            Arc::new(policy)
        });
    }
    let mut policies = loading.join_all().await;
    policies.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok(policies)
}

/// Tells the operator how loading went.
pub fn log_outcome(policy: &Policy) {
    let name = &policy.name;
    match &policy.revision {
        Ok(revision) => {
            tracing::info!(policy = %name, revision = %revision.digest, "policy loaded")
        }
        Err(error) => tracing::error!(policy = %name, "policy not loaded: {error}"),
    }
}
