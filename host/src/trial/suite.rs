//! A suite: the cases of one policy, each run in a world of its own.

use std::fs;
use std::path::{Path, PathBuf};

use super::case::Case;
use super::compare::Difference;
use super::refusal::Refusal;
use super::world::{World, Wrong};
use super::{Candidate, Trial, Tried};
use crate::config::{self, ConfigError};
use crate::sandbox::Sandbox;

/// Whose cases are run.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The policy, with the settings of its file.
    pub candidate: Candidate,
    /// The configuration that an operator would give it; `None` for the default.
    pub config: Option<PathBuf>,
}

/// A case that was run.
#[derive(Debug)]
pub struct Ran {
    /// What came of it; or why nothing did, in words.
    pub outcome: Result<Tried, String>,
    /// What is different from what is expected. Empty if it passed.
    pub differences: Vec<Difference>,
}

impl Ran {
    /// Whether everything is as it is expected.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.differences.is_empty()
    }

    fn broken(reason: String) -> Self {
        let difference = Difference::new("case", "one that can be run", &reason);
        Self {
            outcome: Err(reason),
            differences: vec![difference],
        }
    }
}

/// The files of the cases below a folder, in the order of their names.
///
/// # Errors
///
/// The folder cannot be read.
pub fn cases(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<_> = paths.collect::<Result<_, _>>()?;
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "toml")
    });
    paths.sort();
    Ok(paths)
}

/// Runs one case.
pub async fn run(sandbox: &Sandbox, subject: &Subject, case: &Case) -> Ran {
    let trial = match load(sandbox, subject, case).await {
        Ok(trial) => trial,
        Err(Unloaded::Broken(reason)) => return Ran::broken(reason),
        Err(Unloaded::Refused(refusal)) => {
            return Ran {
                differences: case.expect.differences(Err(&refusal)),
                outcome: Err(refusal.to_string()),
            };
        }
    };
    let hooks: Vec<_> = trial.hooks().collect();
    let path = case.path.display();
    let call = match case.call.build(case.folder(), &hooks) {
        Ok(call) => call,
        Err(error) => return Ran::broken(format!("`{path}`: `call`: {error}")),
    };
    match trial.ask(&call).await {
        Ok(tried) => Ran {
            differences: case.expect.differences(Ok(&tried)),
            outcome: Ok(tried),
        },
        Err(error) => Ran::broken(format!("`{path}`: `call`: {error}")),
    }
}

/// Why a policy is not there to be asked.
#[derive(Debug)]
pub enum Unloaded {
    /// A host would not load it, either.
    Refused(Refusal),
    /// The case makes no sense, or its configuration.
    Broken(String),
}

impl std::fmt::Display for Unloaded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(refusal) => write!(f, "{refusal}"),
            Self::Broken(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for Unloaded {}

/// Loads a policy in the world of a case.
///
/// # Errors
///
/// See [`Unloaded`].
pub async fn load(sandbox: &Sandbox, subject: &Subject, case: &Case) -> Result<Trial, Unloaded> {
    let mut candidate = subject.candidate.clone();
    let path = case.path.display();
    let own = |error: ConfigError| match error {
        ConfigError::Invalid { key, reason } => {
            let key = within(&key, candidate.name.as_str());
            Unloaded::Broken(format!("`{path}`: `{key}`: {reason}"))
        }
        ConfigError::UnknownKey { key, nearest } => {
            let name = candidate.name.as_str();
            let nearest =
                nearest.map(|nearest| format!("; the nearest is `{}`", within(&nearest, name)));
            let key = within(&key, name);
            let nearest = nearest.unwrap_or_default();
            Unloaded::Broken(format!("`{path}`: there is no key `{key}`{nearest}"))
        }
        error => Unloaded::Broken(error.to_string()),
    };
    let config = config::load_with(subject.config.as_deref(), &candidate.name, &case.policy);
    let config = config.map_err(own)?;
    let policy = config.policies.get(&candidate.name);
    let world = World::new(&case.given, &candidate.name, &policy).await;
    let world = world.map_err(|Wrong { member, reason }| {
        Unloaded::Broken(format!("`{path}`: `{member}`: {reason}"))
    })?;
    if let Some(settings) = &case.settings {
        candidate.settings = settings.to_string();
        candidate.settings_file = Some(case.path.clone());
    }
    let trial = Trial::load(sandbox, candidate, policy, config.hooks.default, world);
    trial.await.map_err(Unloaded::Refused)
}

/// A key of the configuration as a case has it.
fn within(key: &str, policy: &str) -> String {
    let own = key.strip_prefix("policies.");
    let own = own.and_then(|key| key.strip_prefix(policy));
    own.map_or_else(|| key.to_owned(), |key| format!("policy{key}"))
}
