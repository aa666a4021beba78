//! `hookwarden serve`: the policies of a folder, as they come and go.

use std::collections::BTreeSet;
use std::pin::pin;

use tokio::sync::oneshot;

use super::serving::{Serving, open_grantor, open_storage, start_sandbox, told_to_stop};
use crate::config::Config;
use crate::hook::Hooks;
use crate::policy::{History, Loader, Registry, Threads};

pub(super) async fn run(config: Config) -> anyhow::Result<()> {
    let mut stop = pin!(told_to_stop());
    let storage = open_storage(&config.state_dir);
    let sandbox = start_sandbox(&config.sandbox, storage.clone())?;
    let grantor = open_grantor(&config, storage.as_ref())?;
    let loader = Loader::new(sandbox, grantor);
    let own_loader = loader.clone();
    let history = storage.map(History::new);
    let (folders, configs) = (config.folders.clone(), config.policies.clone());
    let loading = Threads::start()?;
    let open = async move { Registry::open(own_loader, folders, configs, history).await };
    let mut registry = tokio::select! {
        opened = loading.spawn(open) => opened??,
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
    let mut said = Said::default();
    said.say(&hooks);
    let serving = Serving::bind(&config, hooks, &loader).await?;
    loading.spawn(loader.grantor().clone().keep_fresh());
    let state = serving.state();
    let (hook_configs, configs) = (config.hooks, config.policies);
    let (end, mut ended) = oneshot::channel::<()>();
    let follow = async move {
        loop {
            tokio::select! {
                () = registry.changed() => {}
                _ = &mut ended => return,
            }
            let hooks = Hooks::new(registry.policies(), &hook_configs, &configs);
            said.say(&hooks);
            state.serve(hooks);
        }
    };
    let follow = loading.spawn(follow);
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

/// What was said about the hooks and still holds: it is not said again.
#[derive(Default)]
struct Said {
    unready: BTreeSet<String>,
    warnings: BTreeSet<String>,
}

impl Said {
    /// Says why the host is not ready, and what the operator should know.
    fn say(&mut self, hooks: &Hooks) {
        for reason in news(&mut self.unready, hooks.unready()) {
            tracing::error!("not ready: {reason}");
        }
        for warning in news(&mut self.warnings, hooks.warnings()) {
            tracing::warn!("{warning}");
        }
    }
}

/// What holds now and was not said before. From now on it was.
fn news(said: &mut BTreeSet<String>, now: &[String]) -> Vec<String> {
    let now: BTreeSet<_> = now.iter().cloned().collect();
    let news = now.difference(said).cloned().collect();
    *said = now;
    news
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::news;

    #[test]
    fn what_still_holds_is_said_once_and_what_comes_back_again() {
        let (a, b) = ("a".to_owned(), "b".to_owned());
        let mut said = BTreeSet::new();
        assert_eq!(news(&mut said, &[a.clone(), b.clone()]), ["a", "b"]);
        assert_eq!(news(&mut said, &[b.clone(), a.clone()]), [""; 0]);
        assert_eq!(news(&mut said, std::slice::from_ref(&b)), [""; 0]);
        assert_eq!(news(&mut said, &[a, b]), ["a"]);
    }
}
