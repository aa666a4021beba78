//! A policy: a component with its name, settings, limits and failure mode.
//!
//! A [`Revision`] is what can be evaluated: a component together with the
//! settings that it was checked with. A policy whose file is there but cannot be
//! loaded has no revision; it is a policy all the same, and fails every call.

pub mod contract;
pub mod folder;
mod hint;
mod history;
mod loader;
mod name;
mod queue;
mod registry;
mod settings;
mod tally;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use serde::{Deserialize, Serialize};

pub use contract::{Contract, Reading};
pub use hint::Hints;
pub use history::{History, HistoryError, KEPT, Kept, Record};
pub use loader::{LoadError, Loaded, Loader};
pub use name::PolicyName;
pub use registry::{Registry, log_outcome};
pub use tally::{Counts, Failed, Tally};

use crate::okta::{self, HookType, Violation};
use crate::sandbox::{
    self, Component, Evaluated, Invocation, InvokeError, Limits, Outcome, Prepared,
};
use crate::telemetry::foreign;

/// What the operator says about a policy.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What counts as the policy's decision when it fails to make one.
    pub on_failure: OnFailure,
    /// Whether what the policy says may be written to the log.
    pub log: bool,
    /// What one evaluation may use.
    pub limits: FileLimits,
}

/// A failure mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// What Okta itself does when a hook of that type fails.
    AsOkta,
    /// The policy counts as having denied.
    Deny,
    /// The policy counts as having no opinion.
    Skip,
}

/// [`Limits`], as they are configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileLimits {
    /// See [`Limits::fuel`].
    pub fuel: u64,
    /// See [`Limits::fuel_per_byte`].
    pub fuel_per_byte: u64,
    /// See [`Limits::deadline`].
    #[serde(with = "humantime_serde")]
    pub deadline: Duration,
    /// See [`Limits::memory`].
    pub memory: bytesize::ByteSize,
}

impl From<FileLimits> for Limits {
    fn from(limits: FileLimits) -> Self {
        Self {
            fuel: limits.fuel,
            fuel_per_byte: limits.fuel_per_byte,
            deadline: limits.deadline,
            memory: usize::try_from(limits.memory.as_u64()).unwrap_or(usize::MAX),
        }
    }
}

/// A policy as it is now.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Its name: the file's, without `.wasm`.
    pub name: PolicyName,
    /// What the operator says about it.
    pub config: Config,
    /// The hook types that it serves, as far as that could be read.
    pub hooks: Vec<HookType>,
    /// What can be evaluated, or why nothing can.
    pub revision: Result<Arc<Revision>, Arc<LoadError>>,
    /// Why the file that is there now is not what can be evaluated: an earlier one
    /// goes on.
    pub refused: Option<Arc<LoadError>>,
    /// The operator went back to this revision, whatever is in the folder.
    pub pinned: Option<Pinned>,
    /// Whether a host that starts again would know the revision.
    pub remembered: bool,
    /// Since when it is as it is.
    pub since: SystemTime,
    /// What it has been doing since.
    pub tally: Arc<Tally>,
}

/// A policy that is pinned.
#[derive(Debug, Clone)]
pub struct Pinned {
    /// To this revision.
    pub to: Digest,
    /// What would serve if it were not.
    pub in_folder: Option<Digest>,
}

/// A component with the settings it was checked with.
#[derive(Debug)]
pub struct Revision {
    /// Of component, settings and contract line.
    pub digest: Digest,
    /// What the component says about itself.
    pub contract: Contract,
    settings: String,
    prepared: Prepared,
}

/// A component and the text of its settings, as they were read together.
#[derive(Debug, Clone)]
pub struct Pair {
    /// The component.
    pub component: Component,
    /// TOML.
    pub settings: String,
}

/// The first 48 bits of a revision's SHA-256, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// What somebody wrote as a digest, whether there is one like it or not.
    #[must_use]
    pub fn named(text: &str) -> Self {
        Self(foreign(text).to_string())
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a policy is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The hook's name.
    pub hook: &'a str,
    /// Okta's call.
    pub call: &'a String,
    /// Okta's id of the call.
    pub event_id: Option<&'a str>,
    /// When the call came.
    pub called: SystemTime,
    /// When an answer must be there.
    pub deadline: Instant,
}

/// What came of asking.
#[derive(Debug)]
pub struct Evaluation {
    /// The decision, not checked yet; or why there is none.
    pub result: Result<okta::Decision, EvaluationError>,
    /// What that took.
    pub usage: Usage,
}

/// What an evaluation took.
#[derive(Debug, Clone, Copy)]
pub struct Usage {
    /// Fuel burned; `None` if that is not known.
    pub fuel: Option<u64>,
    /// How long it took.
    pub time: Duration,
    /// Where the policy's random numbers came from.
    pub seed: u64,
    /// Log lines that it wanted to write and that were not written.
    pub dropped_lines: u32,
}

/// Why a policy made no decision that counts.
///
/// `Display` quotes nothing that the guest said; [`said`](Self::said) does.
#[derive(Debug, Clone, thiserror::Error)]
pub enum EvaluationError {
    /// There is nothing to evaluate. Why was said when it was loaded.
    #[error("it is not loaded")]
    NotLoaded,
    /// It was stopped.
    #[error("{0}")]
    Invoke(#[from] InvokeError),
    /// It said that it could not decide.
    #[error("could not decide: {}", kind(.0))]
    Undecided(sandbox::Failure),
    /// It decided what Okta would not accept or would misread.
    #[error("illegal decision: {0}")]
    Illegal(#[from] Violation),
}

fn kind(failure: &sandbox::Failure) -> &'static str {
    match failure {
        sandbox::Failure::InvalidCall(_) => "does not understand the call",
        sandbox::Failure::Unavailable(_) => "something it needs is unavailable",
        sandbox::Failure::Other(_) => "other",
    }
}

impl EvaluationError {
    /// A word for machines.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NotLoaded => "not-loaded",
            Self::Invoke(InvokeError::OutOfFuel { .. }) => "out-of-fuel",
            Self::Invoke(InvokeError::DeadlineExceeded { .. }) => "deadline-exceeded",
            Self::Invoke(InvokeError::MemoryExceeded { .. }) => "memory-exceeded",
            Self::Invoke(InvokeError::TablesExceeded { .. }) => "tables-exceeded",
            Self::Invoke(InvokeError::Trapped { .. }) => "trapped",
            Self::Invoke(InvokeError::Exited) => "exited",
            Self::Invoke(InvokeError::Unreadable { .. }) => "unreadable-answer",
            Self::Invoke(InvokeError::NoRoom) => "no-room",
            Self::Invoke(InvokeError::NotStarted) => "not-started",
            Self::Invoke(InvokeError::TooTalkative { .. }) => "too-talkative",
            Self::Invoke(InvokeError::NotExported(_)) => "not-exported",
            Self::Undecided(_) => "undecided",
            Self::Illegal(_) => "illegal-decision",
        }
    }

    /// Whose failure it is: the policy's, or the host's and whoever runs it.
    #[must_use]
    pub fn blame(&self) -> &'static str {
        match self {
            Self::NotLoaded | Self::Invoke(InvokeError::NoRoom | InvokeError::NotStarted) => "host",
            Self::Invoke(_) | Self::Undecided(_) | Self::Illegal(_) => "guest",
        }
    }

    /// What the guest itself said. It may hold anything.
    #[must_use]
    pub fn said(&self) -> Option<&str> {
        match self {
            Self::NotLoaded | Self::Invoke(_) => None,
            Self::Undecided(
                sandbox::Failure::InvalidCall(message)
                | sandbox::Failure::Unavailable(message)
                | sandbox::Failure::Other(message),
            ) => Some(message),
            Self::Illegal(violation) => violation.said.as_deref(),
        }
    }
}

impl Policy {
    /// A policy that has just been loaded, or could not be.
    pub(super) fn new(
        name: PolicyName,
        config: Config,
        hooks: Vec<HookType>,
        revision: Result<Revision, LoadError>,
    ) -> Self {
        Self {
            name,
            config,
            hooks,
            revision: revision.map(Arc::new).map_err(Arc::new),
            refused: None,
            pinned: None,
            remembered: false,
            since: SystemTime::now(),
            tally: Arc::default(),
        }
    }

    /// A policy that should be there and is not. It fails every call.
    #[must_use]
    pub fn missing(name: PolicyName, config: Config, hook: HookType) -> Self {
        let error = LoadError::Missing(name.clone());
        Self::new(name, config, vec![hook], Err(error))
    }

    /// The policy with what it was before, because what came after it cannot be
    /// loaded; itself if there was nothing before or nothing is wrong.
    #[must_use]
    pub fn or_as_before(self, before: Option<&Self>) -> Self {
        match (&self.revision, before) {
            (Err(error), Some(before)) if before.revision.is_ok() => Self {
                config: self.config,
                refused: Some(Arc::clone(error)),
                ..before.clone()
            },
            (Ok(revision), Some(before)) if Some(&revision.digest) == before.digest() => Self {
                remembered: before.remembered,
                since: before.since,
                tally: Arc::clone(&before.tally),
                ..self
            },
            _ => self,
        }
    }

    /// The digest of its revision, if it has one.
    #[must_use]
    pub fn digest(&self) -> Option<&Digest> {
        self.revision.as_ref().ok().map(|revision| &revision.digest)
    }

    /// In a word: `loaded`, `as-before` if the file that is there now cannot be
    /// loaded, `pinned`, or `failed` if there is nothing to evaluate.
    #[must_use]
    pub fn state(&self) -> &'static str {
        match (&self.revision, &self.pinned, &self.refused) {
            (Err(_), _, _) => "failed",
            (Ok(_), Some(_), _) => "pinned",
            (Ok(_), None, Some(_)) => "as-before",
            (Ok(_), None, None) => "loaded",
        }
    }

    /// What is wrong with it, or with the file that is there now.
    #[must_use]
    pub fn problem(&self) -> Option<&LoadError> {
        let problem = self.revision.as_ref().err().or(self.refused.as_ref());
        problem.map(|problem| &**problem)
    }

    /// Asks the policy about a registration call.
    pub async fn decide_registration(&self, question: Question<'_>) -> Evaluation {
        let seed = rand::random();
        let revision = match &self.revision {
            Ok(revision) => revision,
            Err(_) => {
                return Evaluation {
                    result: Err(EvaluationError::NotLoaded),
                    usage: Usage {
                        fuel: None,
                        time: Duration::ZERO,
                        seed,
                        dropped_lines: 0,
                    },
                };
            }
        };
        let invocation = Invocation {
            call: question.call,
            settings: &revision.settings,
            source: self.source(question),
            log_granted: self.config.log,
            limits: self.config.limits.into(),
            deadline: question.deadline,
            called: question.called,
            seed,
        };
        let Evaluated {
            result,
            fuel,
            time,
            dropped_lines,
        } = revision.prepared.decide_registration(invocation).await;
        let result = match result {
            Ok(Outcome::Decided(decision)) => Ok(decision),
            Ok(Outcome::Failed(failure)) => Err(EvaluationError::Undecided(failure)),
            Err(error) => Err(error.into()),
        };
        let usage = Usage {
            fuel,
            time,
            seed,
            dropped_lines,
        };
        Evaluation { result, usage }
    }

    fn source(&self, question: Question<'_>) -> crate::capabilities::log::Source {
        crate::capabilities::log::Source {
            policy: self.name.to_string(),
            hook: question.hook.to_owned(),
            event_id: question.event_id.unwrap_or_default().to_owned(),
        }
    }
}

/// What the operator says about all policies.
#[derive(Debug, Clone)]
pub struct Configs {
    /// About those that are not named.
    pub default: Config,
    /// About those that are.
    pub named: BTreeMap<PolicyName, Config>,
}

impl Configs {
    /// What the operator says about one policy.
    #[must_use]
    pub fn get(&self, name: &PolicyName) -> Config {
        self.named.get(name).unwrap_or(&self.default).clone()
    }
}
