//! Loading: from files to a policy that can be evaluated.
//!
//! Each step has its own error, for the author or the operator to act on. A
//! policy that cannot be loaded is returned all the same, with the reason in
//! place of its revision: it belongs to its chains, and fails there.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use sha2::{Digest as _, Sha256};

use super::contract::{self, ContractError, Reading};
use super::folder::{Found, ReadError};
use super::name::PolicyName;
use super::settings::{self, SettingsError};
use super::{Config, Digest, Policy, Revision};
use crate::capabilities::log;
use crate::okta::HookType;
use crate::sandbox::{Invocation, InvokeError, Limits, PrepareError, Problem, Sandbox, Wasi};
use crate::telemetry::foreign;

/// The most problems of settings that are kept; the contract says so.
const MAX_PROBLEMS: usize = 64;

/// Makes policies.
#[derive(Debug, Clone)]
pub struct Loader {
    sandbox: Sandbox,
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
    /// Loading it panicked.
    #[error("the host failed on it; report the component to Hookwarden's authors")]
    Panicked,
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

    /// Loads a policy from its files.
    pub async fn load(&self, found: Found, config: Config) -> Policy {
        let name = found.name.clone();
        let sandbox = self.sandbox.clone();
        let compile = move || compile(&sandbox, &found);
        // A panic is a bug, ours or the compiler's; it costs this policy alone.
        let (hooks, compiled) = tokio::task::spawn_blocking(compile)
            .await
            .unwrap_or_else(|_| (Vec::new(), Err(LoadError::Panicked)));
        let revision = match compiled {
            Ok(revision) => try_out(&name, &config, &revision)
                .await
                .map(|()| Arc::new(revision)),
            Err(error) => Err(error),
        };
        Policy {
            name,
            config,
            hooks,
            revision,
            refused: None,
        }
    }
}

/// Reads the files and compiles the component. Whatever is wrong, the hooks that
/// it means to serve are returned if they could be read.
fn compile(sandbox: &Sandbox, found: &Found) -> (Vec<HookType>, Result<Revision, LoadError>) {
    let component = match found.component() {
        Ok(component) => component,
        Err(error) => return (Vec::new(), Err(error.into())),
    };
    let Reading { hooks, contract } = Reading::of(&component);
    let compile = || {
        let contract = contract?;
        if !contract.hooks.iter().any(|hook| hook.is_served()) {
            return Err(LoadError::NotServed(quoted(&contract.hooks)));
        }
        if !contract.asks_for.is_empty() {
            return Err(LoadError::Ungranted(quoted(&contract.asks_for)));
        }
        let settings = settings::to_json(&found.settings()?)?;
        if !contract.checks_settings && settings != "{}" {
            return Err(LoadError::SettingsNotTaken);
        }
        let wasi = if contract.imports_wasi {
            Wasi::Imported
        } else {
            Wasi::Absent
        };
        let prepared =
            sandbox.prepare(&component, wasi, &contract.hooks, contract.checks_settings)?;
        Ok(Revision {
            digest: digest(&component, &settings),
            contract,
            settings,
            prepared,
        })
    };
    (hooks, compile())
}

/// Starts the policy and has it check its settings, each in an instance of its
/// own.
async fn try_out(name: &PolicyName, config: &Config, revision: &Revision) -> Result<(), LoadError> {
    let limits = Limits::from(config.limits);
    let no_call = String::new();
    let invocation = || Invocation {
        call: &no_call,
        settings: &revision.settings,
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
    let started = revision.prepared.start(invocation()).await.result;
    started
        .map_err(LoadError::NotStarted)?
        .map_err(PrepareError::from)?;
    if !revision.contract.checks_settings {
        return Ok(());
    }
    match revision.prepared.check_settings(invocation()).await.result {
        Ok(problems) if problems.is_empty() => Ok(()),
        Ok(problems) => Err(LoadError::SettingsRefused(problems)),
        Err(error) => Err(LoadError::SettingsUnchecked(error)),
    }
}

fn quoted<T: std::fmt::Display>(names: &[T]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// Lengths first, so that no two revisions run together.
fn digest(component: &[u8], settings: &str) -> Digest {
    let mut hash = Sha256::new();
    for part in [contract::SERVED.as_bytes(), component, settings.as_bytes()] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let mut text = String::new();
    for byte in hash.finalize().iter().take(6) {
        let _ = write!(text, "{byte:02x}");
    }
    Digest(text)
}
