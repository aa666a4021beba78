//! `hookwarden serve`: the policies of a folder, as they come and go.

use std::sync::Arc;

use super::serving::{Serving, open_storage, start_sandbox, told_to_stop};
use crate::config::Config;
use crate::hook::Hooks;
use crate::policy::{History, Loader, Registry};

pub(super) async fn run(config: Config) -> anyhow::Result<()> {
    let stop = told_to_stop();
    let storage = open_storage(&config.state_dir);
    let loader = Loader::new(start_sandbox(&config.sandbox, storage.clone())?);
    let history = storage.map(History::new);
    let (folder, configs) = (&config.policy_folder, config.policies.clone());
    let mut registry = Registry::open(loader, folder, configs, history).await?;
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
    say_unready(&hooks);
    let serving = Serving::bind(&config, hooks).await?;
    let state = serving.state();
    let (hook_configs, configs) = (config.hooks, config.policies);
    // On a task of its own: looking at a folder may take a while.
    let follow = tokio::spawn(async move {
        loop {
            registry.changed().await;
            // Calls in progress end with the hooks that they began with.
            let hooks = Hooks::new(registry.policies(), &hook_configs, &configs);
            say_unready(&hooks);
            state.hooks.store(Arc::new(hooks));
        }
    });
    tokio::select! {
        ended = serving.until(stop) => ended,
        ended = follow => Ok(ended?),
    }
}

fn say_unready(hooks: &Hooks) {
    for reason in hooks.unready() {
        tracing::error!("not ready: {reason}");
    }
}
