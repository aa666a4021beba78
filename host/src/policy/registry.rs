//! All policies of a folder.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::folder::{self, ReadError};
use super::loader::{LoadError, Loader, Source};
use super::{Configs, Policy};

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
            path = %path.display(),
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
            let source = Source {
                files: found.read().map_err(LoadError::from),
                name: found.name,
                config,
            };
            let policy = loader.load(source).await;
            say(&policy);
            Arc::new(policy)
        });
    }
    let mut policies = loading.join_all().await;
    policies.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok(policies)
}

/// Tells the operator how loading went.
pub fn say(policy: &Policy) {
    let name = &policy.name;
    match &policy.revision {
        Ok(revision) => {
            tracing::info!(policy = %name, revision = %revision.digest, "policy loaded")
        }
        Err(error) => tracing::error!(policy = %name, "policy not loaded: {error}"),
    }
}
