//! `hookwarden dev`: the author's inner loop.
//!
//! Builds each policy, serves them all, and does so again whenever a source
//! changes. A build or a policy that fails changes nothing: what was served
//! before goes on serving.

mod curl;
mod watch;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::serving::{Serving, open_grantor, open_storage, start_sandbox, told_to_stop};
use super::trying::CodeCache;
use crate::config::Config;
use crate::hook::{HookConfigs, Hooks};
use crate::package::Package;
use crate::policy::{Configs, Loaded, Loader, Policy, PolicyName, log_outcome};
use crate::sandbox::{Patience, Priority};
use watch::Watch;

pub(super) async fn run(dirs: Vec<PathBuf>, mut config: Config) -> anyhow::Result<()> {
    let stop = told_to_stop();
    let mut out = std::io::stdout();
    let mut packages = Vec::new();
    for dir in dirs {
        let package = Package::open(&dir).await?;
        let named = |other: &Package| other.name == package.name;
        if let Some(other) = packages.iter().find(|other| named(other)) {
            let (name, one, two) = (&package.name, other.dir.display(), package.dir.display());
            anyhow::bail!("`{one}` and `{two}` are both named `{name}`");
        }
        packages.push(package);
    }

    // Whoever writes a policy wants to see what it does with the same call again, and
    // to read what it says; the call is their own.
    config.reply_cache.keep = Duration::ZERO;
    config.policies.default.log = true;
    for policy in config.policies.named.values_mut() {
        policy.log = true;
    }
    // Nobody wants to wait for their own policy until the machine has nothing else to do.
    config.sandbox.priority = Priority::Normal;
    let keeps = config
        .policies
        .named
        .values()
        .any(|policy| policy.grants.key_value);
    let storage = keeps.then(|| open_storage(&config.state_dir)).flatten();
    let grantor = open_grantor(&config, storage.as_ref())?;
    let cache = CodeCache::open();
    let mut dev = Dev {
        loader: Loader::new(
            start_sandbox(&config.sandbox, cache.storage.clone())?,
            grantor,
        ),
        hooks: config.hooks.clone(),
        configs: config.policies.clone(),
        policies: BTreeMap::new(),
    };
    let serving = Serving::bind(&config, Hooks::default(), &dev.loader).await?;
    let (state, address) = (serving.state(), serving.okta_address()?);
    tokio::spawn(dev.loader.grantor().clone().keep_fresh());
    let mut watch = Watch::start(packages.iter().map(|package| &*package.dir));
    for package in &packages {
        dev.renew(package, &mut out).await?;
    }
    state.serve(dev.served());
    let invite = |out: &mut dyn Write, hooks: &Hooks| -> std::io::Result<()> {
        for hook in hooks.iter() {
            let secret_header = config.authentication.header(&hook.name);
            let line = curl::line(address, hook, secret_header);
            writeln!(out, "\nTry it:\n\n{line}\n")?;
        }
        writeln!(out, "Watching for changes. Ctrl-C ends it.\n")
    };
    invite(&mut out, &state.hooks())?;

    let rebuild = async {
        loop {
            let mut renewed = false;
            for index in watch.changed().await {
                renewed |= dev.renew(&packages[index], &mut out).await?;
            }
            if renewed {
                state.serve(dev.served());
                invite(&mut out, &state.hooks())?;
            }
        }
    };
    tokio::select! {
        ended = serving.until(stop) => ended,
        failed = rebuild => failed,
    }
}

struct Dev {
    loader: Loader,
    hooks: HookConfigs,
    configs: Configs,
    policies: BTreeMap<PolicyName, Arc<Policy>>,
}

impl Dev {
    /// Builds and loads a package; false if that failed and nothing changed.
    async fn renew(&mut self, package: &Package, out: &mut dyn Write) -> anyhow::Result<bool> {
        let name = &package.name;
        writeln!(out, "Building {name}. The first build takes a minute.")?;
        if !package.build(out).await? {
            writeln!(
                out,
                "{name} does not build; see above. Waiting for the next change."
            )?;
            return Ok(false);
        }
        let (found, config) = (package.found(), self.configs.get(name));
        writeln!(out, "Built {}", found.component.display())?;
        let Loaded { policy, .. } = self.loader.load(found, config, Patience::Full).await;
        let before = self.policies.get(name).map(|before| &**before);
        let policy = policy.or_as_before(before);
        log_outcome(&policy);
        let renewed = policy.refused.is_none();
        self.policies.insert(name.clone(), Arc::new(policy));
        Ok(renewed)
    }

    fn served(&self) -> Hooks {
        let policies = self.policies.values().cloned().collect();
        Hooks::new(policies, &self.hooks, &self.configs)
    }
}
