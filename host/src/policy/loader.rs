//! Loading: from files to a policy that can be evaluated.
//!
//! Each step has its own error, for the author or the operator to act on. A
//! policy that cannot be loaded is returned all the same, with the reason in
//! place of its revision: it belongs to its chains, and fails there.

use std::fmt::Write as _;
use std::time::{Instant, SystemTime};

use sha2::{Digest as _, Sha256};

use super::contract::{Contract, ContractError};
use super::folder::ReadError;
use super::name::PolicyName;
use super::settings::{self, SettingsError};
use super::{Config, Digest, Policy, Revision};
use crate::capabilities::log;
use crate::okta::HookType;
use crate::sandbox::{
    Invocation, InvokeError, Limits, PrepareError, Prepared, Problem, Sandbox, Wasi,
};
use crate::telemetry::foreign;

/// The most problems of settings that are kept; the contract says so.
const MAX_PROBLEMS: usize = 64;

/// Makes policies.
#[derive(Debug, Clone)]
pub struct Loader {
    sandbox: Sandbox,
}

/// What a policy is made of.
#[derive(Debug)]
pub struct Source {
    /// Its name.
    pub name: PolicyName,
    /// What the operator says about it.
    pub config: Config,
    /// Component and settings, or why they could not be read.
    pub files: Result<(Vec<u8>, String), LoadError>,
}

/// Why a policy has no revision.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A configured chain names it, and it has no file.
    #[error("there is no file `{0}.wasm` in the policy folder")]
    Missing(PolicyName),
    /// Its files cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It is no policy of the contract.
    #[error(transparent)]
    Contract(#[from] ContractError),
    /// It serves hooks that this version of the host does not.
    #[error("it serves {0}, and this version of the host serves only `registration`")]
    NotServed(String),
    /// It asks for what nobody granted.
    #[error("it asks for {}, which this version of the host cannot grant", foreign(.0))]
    Ungranted(String),
    /// Its settings file is wrong.
    #[error("its settings file is {0}")]
    Settings(#[from] SettingsError),
    /// It has settings and cannot check them.
    #[error(
        "it takes no settings (it does not export `hookwarden:policy/settings`), but its settings file has some"
    )]
    SettingsNotTaken,
    /// No instance could be made of it.
    #[error("when it was started it {0}")]
    NotStarted(InvokeError),
    /// It refused its settings.
    #[error("it refuses its settings: {}", list(.0))]
    SettingsRefused(Vec<Problem>),
    /// It did not check its settings.
    #[error("while checking its settings it {0}")]
    SettingsUnchecked(InvokeError),
    /// It cannot be compiled or linked.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
}

/// What the guest says about its settings. It has seen nothing but them.
fn list(problems: &[Problem]) -> String {
    let mut list = String::new();
    for (index, Problem { path, message }) in problems.iter().take(MAX_PROBLEMS).enumerate() {
        let separator = if index == 0 { "" } else { "; " };
        let place = if path.is_empty() {
            String::new()
        } else {
            format!("`{}`: ", foreign(path))
        };
        let _ = write!(list, "{separator}{place}{}", foreign(message));
    }
    list
}

impl Loader {
    /// A loader for one sandbox.
    #[must_use]
    pub fn new(sandbox: Sandbox) -> Self {
        Self { sandbox }
    }

    /// Loads a policy.
    pub async fn load(&self, source: Source) -> Policy {
        let Source {
            name,
            config,
            files,
        } = source;
        let mut hooks = Vec::new();
        let revision = match files {
            Ok((component, settings)) => {
                self.revise(&name, &config, component, &settings, &mut hooks)
                    .await
            }
            Err(error) => Err(error),
        };
        Policy {
            name,
            config,
            hooks,
            revision,
        }
    }

    async fn revise(
        &self,
        name: &PolicyName,
        config: &Config,
        component: Vec<u8>,
        settings: &str,
        hooks: &mut Vec<HookType>,
    ) -> Result<Revision, LoadError> {
        let contract = Contract::read(&component)?;
        hooks.clone_from(&contract.hooks);
        if !hooks.iter().any(|hook| hook.is_served()) {
            return Err(LoadError::NotServed(quoted(hooks)));
        }
        if !contract.asks_for.is_empty() {
            return Err(LoadError::Ungranted(quoted(&contract.asks_for)));
        }
        let settings = settings::to_json(settings)?;
        if !contract.checks_settings && settings != "{}" {
            return Err(LoadError::SettingsNotTaken);
        }
        let digest = digest(&component, &settings);
        let prepared = self.prepare(component, contract.clone()).await?;
        try_out(&prepared, contract.checks_settings, name, config, &settings).await?;
        Ok(Revision {
            digest,
            contract,
            settings,
            prepared,
        })
    }

    async fn prepare(
        &self,
        component: Vec<u8>,
        contract: Contract,
    ) -> Result<Prepared, PrepareError> {
        let sandbox = self.sandbox.clone();
        let prepare = move || {
            let wasi = if contract.imports_wasi {
                Wasi::Imported
            } else {
                Wasi::Absent
            };
            sandbox.prepare(&component, wasi, &contract.hooks, contract.checks_settings)
        };
        tokio::task::spawn_blocking(prepare)
            .await
            .unwrap_or(Err(PrepareError::CompilerPanicked))
    }
}

/// Starts the policy and has it check its settings, each in an instance of its
/// own.
async fn try_out(
    prepared: &Prepared,
    checks_settings: bool,
    name: &PolicyName,
    config: &Config,
    settings: &String,
) -> Result<(), LoadError> {
    let limits = Limits::from(config.limits);
    let no_call = String::new();
    let invocation = || Invocation {
        call: &no_call,
        settings,
        source: log::Source {
            policy: name.to_string(),
            ..log::Source::default()
        },
        log_granted: config.log,
        limits,
        deadline: Instant::now() + limits.deadline,
        called: SystemTime::now(),
        seed: 0,
    };
    let started = prepared.start(invocation()).await.result;
    started
        .map_err(LoadError::NotStarted)?
        .map_err(PrepareError::from)?;
    if !checks_settings {
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

/// Lengths first, so that no two pairs run together.
fn digest(component: &[u8], settings: &str) -> Digest {
    let mut hash = Sha256::new();
    for part in [component, settings.as_bytes()] {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    let mut text = String::new();
    for byte in hash.finalize().iter().take(6) {
        let _ = write!(text, "{byte:02x}");
    }
    Digest(text)
}
