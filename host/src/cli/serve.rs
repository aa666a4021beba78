//! `hookwarden serve`: the policies of a folder, as they come and go.

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::serving::{Serving, open_storage, start_sandbox, told_to_stop};
use crate::config::Config;
use crate::hook::Hooks;
use crate::policy::{History, Loader, Registry};

pub(super) async fn run(config: Config) -> anyhow::Result<()> {
    let mut stop = pin!(told_to_stop());
    let storage = open_storage(&config.state_dir);
    let sandbox = start_sandbox(&config.sandbox, storage.clone())?;
    let loader = Loader::new(sandbox.clone());
    let history = storage.map(History::new);
    let (folder, configs) = (&config.policy_folder, config.policies.clone());
    let mut registry = tokio::select! {
        opened = Registry::open(loader, folder, configs, history) => opened?,
        // Compiling may take long.
        () = &mut stop => return Ok(()),
    };
    let policies = registry.policies();
    for name in config.policies.named.keys() {
        if !policies.iter().any(|policy| policy.name == *name) {
            tracing::warn!("`policies.{name}` is configured, and there is no `{name}.wasm`");
        }
    }
    let hooks = Hooks::new(policies, &config.hooks, &config.policies);
    for hook in hooks.iter() {
        let chain: Vec<_> = hook
            .chain
            .iter()
            .map(|policy| policy.name.as_str())
            .collect();
        tracing::info!(
            path = format!("/hooks/{}", hook.name),
            chain = chain.join(" "),
            "hook"
        );
    }
    let mut unready = BTreeSet::new();
    say_unready(&hooks, &mut unready);
    let serving = Serving::bind(&config, hooks, sandbox).await?;
    let state = serving.state();
    let (hook_configs, configs) = (config.hooks, config.policies);
    let (end, mut ended) = oneshot::channel::<()>();
    let follow = async move {
        loop {
            tokio::select! {
                () = registry.changed() => {}
                _ = &mut ended => return,
            }
            // Calls in progress end with the hooks that they began with.
            let hooks = Hooks::new(registry.policies(), &hook_configs, &configs);
            say_unready(&hooks, &mut unready);
            state.hooks.store(Arc::new(hooks));
        }
    };
    // On a thread of its own: looking at a folder takes as long as it is large.
    let runtime = Handle::current();
    let follow = tokio::task::spawn_blocking(move || runtime.block_on(follow));
    let follow = tokio::spawn(async move {
        if follow.await.is_err() {
            tracing::error!("the policy folder is not followed any more; restart the host");
        }
    });
    let served = serving.until(stop).await;
    drop(end);
    follow.await?;
    served
}

/// Says why the host is not ready, as far as that was not said before.
fn say_unready(hooks: &Hooks, said: &mut BTreeSet<String>) {
    let reasons: BTreeSet<_> = hooks.unready().iter().cloned().collect();
    for reason in reasons.difference(said) {
        tracing::error!("not ready: {reason}");
    }
    *said = reasons;
}
