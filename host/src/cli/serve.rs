//! `hookwarden serve`: the policies of a folder, read at the start.

use super::serving::{Serving, start_sandbox, told_to_stop};
use crate::config::Config;
use crate::hook::Hooks;
use crate::policy::{Loader, load_folder};

pub(super) async fn run(config: Config) -> anyhow::Result<()> {
    let loader = Loader::new(start_sandbox(&config.sandbox)?);
    let policies = load_folder(&loader, &config.policy_folder, &config.policies).await?;
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
    for reason in hooks.unready() {
        tracing::error!("not ready: {reason}");
    }
    Serving::bind(&config, hooks)
        .await?
        .until(told_to_stop())
        .await
}
