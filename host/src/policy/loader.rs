//! Loading: from files to a policy that can be evaluated.
//!
//! Each step has its own error, for the author or the operator to act on. A
//! policy that cannot be loaded is returned all the same, with the reason in
//! place of its revision: it belongs to its chains, and fails there.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use sha2::{Digest as _, Sha256};
use tokio::task::JoinSet;

use super::contract::{self, Ask, Contract, ContractError, Reading};
use super::folder::{Folder, Found};
use super::grantor::Grantor;
use super::grants::Effective;
use super::load_error::LoadError;
use super::name::PolicyName;
use super::revision::Code;
use super::settings;
use super::ungranted::Whose;
use super::{Config, Digest, OnFailure, Pair, Policy, Revision};
use crate::capabilities::granted::Granted;
use crate::capabilities::log;
use crate::files::ReadError;
use crate::sandbox::{
    Component, Invocation, Limits, Links, Patience, Places, PrepareError, Prepared, Sandbox,
    hexadecimal,
};

/// How long a policy may take at each step while it is loaded, at least.
const LOADING: Duration = Duration::from_secs(1);

/// Makes policies.
#[derive(Debug, Clone)]
pub struct Loader {
    sandbox: Sandbox,
    grantor: Grantor,
}

/// A policy that was loaded, and the pair that it was made of.
#[derive(Debug)]
pub struct Loaded {
    /// The policy.
    pub policy: Policy,
    /// Its pair, if it can be evaluated.
    pub pair: Option<Pair>,
}

impl Loader {
    /// A loader for one sandbox.
    #[must_use]
    pub fn new(sandbox: Sandbox, grantor: Grantor) -> Self {
        Self { sandbox, grantor }
    }

    /// What its policies are granted from.
    #[must_use]
    pub fn grantor(&self) -> &Grantor {
        &self.grantor
    }

    /// The sandbox that its policies run in.
    #[must_use]
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// Loads a policy from its files.
    pub async fn load(&self, found: Found, config: Config, patience: Patience) -> Loaded {
        let (name, folder) = (found.name.clone(), Arc::clone(&found.folder));
        let read = move || {
            let component = Component::new(found.component()?);
            let mut reading = Reading::of(component.bytes());
            for other in found.other_components() {
                reading.add_hooks(&Reading::of(&other));
            }
            if let Some(other) = found.others.first() {
                let (policy, other) = (found.name.clone(), other.clone());
                return Ok((reading, Err(LoadError::Ambiguous { policy, other })));
            }
            let pair = found.settings().map(|settings| Pair {
                component,
                settings,
            });
            Ok((reading, pair.map_err(LoadError::from)))
        };
        self.load_read(name, config, &folder, patience, read).await
    }

    /// Loads a policy from a pair that was good before, as if it were in this folder.
    pub async fn load_pair(
        &self,
        name: PolicyName,
        config: Config,
        folder: &Folder,
        pair: Pair,
        patience: Patience,
    ) -> Loaded {
        let read = move || Ok((Reading::of(pair.component.bytes()), Ok(pair)));
        self.load_read(name, config, folder, patience, read).await
    }

    /// Whatever is wrong, the hooks that it means to serve are known if they could
    /// be read.
    async fn load_read<R>(
        &self,
        name: PolicyName,
        config: Config,
        folder: &Folder,
        patience: Patience,
        read: R,
    ) -> Loaded
    where
        R: FnOnce() -> Result<(Reading, Result<Pair, LoadError>), ReadError> + Send + 'static,
    {
        let sandbox = self.sandbox.clone();
        let own = Own {
            name: name.clone(),
            folder: folder.name.clone(),
            effective: config.effective(&folder.ceiling),
            config: config.clone(),
            grantor: self.grantor.clone(),
        };
        // In one go, because a host that starts does it for each policy.
        let read = move || {
            let (Reading { hooks, contract }, pair) = read()?;
            let contract = contract.map(Arc::new);
            let read = AssertUnwindSafe(|| Read::new(&sandbox, contract.clone(), own, pair));
            let read = catch_unwind(read).unwrap_or(Err(LoadError::Panicked));
            Ok::<_, ReadError>((hooks, contract, read))
        };
        let (hooks, contract, read) = match tokio::task::spawn_blocking(read).await {
            Ok(Ok(read)) => read,
            Ok(Err(error)) => return failed(name, config, error.into()),
            Err(_) => return failed(name, config, LoadError::Panicked),
        };
        let sandbox = self.sandbox.clone();
        let load = async move {
            let mut read = read?;
            let prepared = match read.kept.take() {
                Some(prepared) => prepared,
                None => read.prepare(&sandbox, patience).await?,
            };
            let prepared = Arc::new(prepared);
            try_out(&read, &prepared).await?;
            prepared.keep_code();
            let grants = read.own.effective.lines();
            let revision = Revision {
                digest: digest(&read.pair.component, &read.settings, &grants),
                component: read.pair.component.digest().to_owned(),
                contract: read.contract,
                settings: read.settings,
                grants,
                authority: read.own.effective.authority,
                granted: read.granted,
                code: Code::Sandboxed(prepared),
            };
            Ok((revision, read.pair))
        };
        // A panic is a bug, ours or wasmtime's; it costs this policy alone. In a set,
        // which ends it with this when nobody waits any more.
        let mut loading = JoinSet::new();
        loading.spawn(load);
        let loaded = loading.join_next().await.and_then(Result::ok);
        let (revision, pair) = match loaded.unwrap_or(Err(LoadError::Panicked)) {
            Ok((revision, pair)) => (Ok(revision), Some(pair)),
            Err(error) => (Err(error), None),
        };
        let policy = Policy {
            contract: contract.ok(),
            ..Policy::new(name, config, hooks, revision)
        };
        Loaded { policy, pair }
    }
}

/// A policy of which nothing is known but why.
pub(super) fn failed(name: PolicyName, config: Config, error: LoadError) -> Loaded {
    let policy = Policy::new(name, config, Vec::new(), Err(error));
    Loaded { policy, pair: None }
}

/// What the operator says about the policy that is loaded.
struct Own {
    name: PolicyName,
    folder: Option<String>,
    config: Config,
    effective: Effective,
    grantor: Grantor,
}

impl Own {
    fn grants(&self) -> Whose<'_> {
        Whose {
            policy: &self.name,
            folder: self.folder.as_deref(),
            said: &self.config.grants,
            effective: &self.effective,
        }
    }

    fn check_digest(&self, component: &Component) -> Result<(), LoadError> {
        let (wanted, found) = (&self.config.sha256, component.digest());
        if wanted.is_empty() || wanted.eq_ignore_ascii_case(found) {
            return Ok(());
        }
        Err(LoadError::OtherDigest {
            policy: self.name.clone(),
            found: found.to_owned(),
        })
    }

    fn check_secrets(&self, granted: &Granted) -> Result<(), LoadError> {
        for (name, secret) in granted.secrets.iter() {
            if let (None, Some(problem)) = (secret.value(), secret.problem()) {
                return Err(LoadError::NoSecret {
                    policy: self.name.clone(),
                    name: name.clone(),
                    problem,
                });
            }
        }
        Ok(())
    }
}

fn check_contract(contract: &Contract, config: &Config) -> Result<(), LoadError> {
    if !contract.hooks.iter().any(|hook| hook.is_served()) {
        return Err(LoadError::NotServed(quoted(&contract.hooks)));
    }
    let mut hooks = contract.hooks.iter();
    if config.on_failure == OnFailure::Deny && !hooks.any(|hook| hook.has_denial()) {
        return Err(LoadError::NothingToDeny(quoted(&contract.hooks)));
    }
    Ok(())
}

/// What was read of a policy that may be one.
struct Read {
    own: Own,
    contract: Arc<Contract>,
    granted: Arc<Granted>,
    pair: Pair,
    /// As JSON.
    settings: Arc<String>,
    /// Made of code that was kept, if there is any.
    kept: Option<Prepared>,
}

impl Read {
    fn new(
        sandbox: &Sandbox,
        contract: Result<Arc<Contract>, ContractError>,
        own: Own,
        pair: Result<Pair, LoadError>,
    ) -> Result<Self, LoadError> {
        let contract = contract?;
        check_contract(&contract, &own.config)?;
        let pair = pair?;
        own.check_digest(&pair.component)?;
        let grants = own.grants();
        let ungranted = grants.check_imports(&contract);
        ungranted.map_err(LoadError::Ungranted)?;
        let settings = settings::to_json(&pair.settings)?;
        if !contract.checks_settings && settings != "{}" {
            return Err(LoadError::SettingsNotTaken);
        }
        let ungranted = grants.check_settings(&settings);
        ungranted.map_err(LoadError::Ungranted)?;
        let granted = own.grantor.grant(&own.name, &own.effective, &own.config);
        own.check_secrets(&granted)?;
        let kept = sandbox.prepare_kept(&pair.component, &links(&contract))?;
        Ok(Self {
            own,
            contract,
            granted,
            pair,
            settings: Arc::new(settings),
            kept,
        })
    }

    async fn prepare(
        &self,
        sandbox: &Sandbox,
        patience: Patience,
    ) -> Result<Prepared, PrepareError> {
        let links = links(&self.contract);
        let prepared = sandbox.prepare(&self.pair.component, &links, patience);
        prepared.await
    }
}

/// What a component is linked to: what it asks for and was granted.
fn links(contract: &Contract) -> Links {
    let asks: Vec<_> = contract.asks().collect();
    Links {
        wasi: contract.imports_wasi || asks.contains(&Ask::Http),
        secrets: asks.contains(&Ask::Secrets),
        dataset: asks.contains(&Ask::Datasets),
        key_value: asks.contains(&Ask::KeyValue),
        http: asks.contains(&Ask::Http),
        hooks: contract.hooks.clone(),
        checks_settings: contract.checks_settings,
    }
}

/// Starts the policy and has it check its settings, each in an instance of its
/// own.
async fn try_out(read: &Read, prepared: &Arc<Prepared>) -> Result<(), LoadError> {
    let Own { name, config, .. } = &read.own;
    let mut limits = Limits::from(config.limits);
    // Fuel bounds what it does. By the clock there is time, so that a busy machine
    // refuses no policy that it could serve later.
    limits.deadline = limits.deadline.max(LOADING);
    let (no_call, places) = (Arc::default(), Places::of_policy(&limits));
    let invocation = || Invocation {
        call: &no_call,
        settings: &read.settings,
        source: log::Source {
            policy: Arc::clone(name.shared()),
            hook: Arc::default(),
            event_id: None,
            taken: None,
        },
        log_granted: config.log,
        granted: &read.granted,
        limits,
        places: &places,
        deadline: Instant::now() + limits.deadline,
        called: SystemTime::now(),
        seed: 0,
    };
    let started = prepared.start(invocation()).await.result;
    started
        .map_err(LoadError::NotStarted)?
        .map_err(PrepareError::from)?;
    if !read.contract.checks_settings {
        return Ok(());
    }
    match prepared.check_settings(invocation()).await.result {
        Ok(problems) if problems.is_empty() => Ok(()),
        Ok(problems) => Err(LoadError::SettingsRefused(problems)),
        Err(error) => Err(LoadError::SettingsUnchecked(error)),
    }
}

fn quoted<T: std::fmt::Display>(names: &[T]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

fn digest(component: &Component, settings: &str, grants: &[String]) -> Digest {
    let mut hash = Sha256::new();
    // All but the last have fixed lengths or end with what they cannot contain, so that
    // no two revisions run together.
    hash.update(contract::SERVED);
    hash.update(component.digest());
    for grant in grants {
        hash.update(grant);
        hash.update("\n");
    }
    hash.update("\n");
    hash.update(settings);
    Digest(hexadecimal(&hash.finalize()[..16]))
}
