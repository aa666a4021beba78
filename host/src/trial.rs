//! A trial: a policy is asked about a call outside a serving host, for whoever writes it.
//!
//! The policy runs as it does in a host: the same sandbox, limits, checks and merge. What
//! differs is the world. What it asks for is written down in a [`Case`], and nothing is
//! sent anywhere; its clock stands still, and its random numbers are the same each time.
//! By the clock it has time, so that a busy machine fails no trial: what it costs is said
//! by its fuel, which is the same on every machine.

mod call;
mod case;
mod compare;
mod expect;
mod junit;
mod latency;
mod refusal;
mod suite;
mod update;
mod world;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use call::{CallError, FileCall, parse_call};
pub use case::{Case, CaseError, Json};
pub use compare::Difference;
pub use expect::Expectation;
pub use junit::junit;
pub use latency::{Latency, latency};
pub use refusal::Refusal;
pub use suite::{Ran, Subject, Unloaded, cases, load, run};
pub use update::update;
pub use world::{Given, GivenAnswer, GivenDataset, World};

use crate::capabilities::log::{Level, Lines};
use crate::hook::{self, Hook, Received, Said};
use crate::okta::{self, Answer, HookType, Malformed};
use crate::policy::{
    self, Cause, CompiledIn, Conditions, Folder, Grantor, Loaded, Loader, Pair, Policy, PolicyName,
};
use crate::sandbox::{Component, Lane, Limits, Patience, Sandbox};

/// The least that an evaluation has by the clock.
const TIME: Duration = Duration::from_secs(30);

/// What is tried out.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The policy's name.
    pub name: PolicyName,
    /// Its component.
    pub component: Component,
    /// Its settings: TOML.
    pub settings: String,
    /// The file that they stand in, for messages.
    pub settings_file: Option<PathBuf>,
}

/// A policy that is loaded, in a world of its own.
#[derive(Debug)]
pub struct Trial {
    hook: hook::Config,
    policy: Arc<Policy>,
    world: World,
    /// As they are without the time that a trial gives.
    limits: Limits,
}

/// What came of a call.
#[derive(Debug)]
pub struct Tried {
    /// What the policy said.
    pub said: Verdict,
    /// Why, in its own words.
    pub reason: Option<String>,
    /// What Okta gets.
    pub answer: Answer,
    /// Fuel burned, if that is known.
    pub fuel: Option<u64>,
    /// Linear memory that it had, in bytes, if that is known.
    pub memory: Option<usize>,
    /// How long it took.
    pub time: Duration,
    /// Where it ended.
    pub lane: Lane,
    /// The lines that it wrote to the log.
    pub lines: Vec<(Level, String)>,
    /// Its bucket afterwards, if it has one. Values that are no text are shown as far as
    /// they are.
    pub bucket: Option<BTreeMap<String, String>>,
    /// Requests that the case has no answer for, as `GET https://…`.
    pub unanswered: Vec<String>,
}

/// What a policy said, or that it failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    NoOpinion,
    /// It had Okta do something else than it would have done.
    Acted,
    /// It denied.
    Denied,
    /// It failed.
    Failed {
        /// Why, in a word.
        cause: Cause,
        /// Why, in a sentence.
        message: String,
        /// What it said itself.
        detail: Option<String>,
    },
}

impl Verdict {
    /// A word for machines: that of a case's `expect.decision`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::NoOpinion => "no-opinion",
            Self::Acted => "acted",
            Self::Denied => "denied",
            Self::Failed { .. } => "failed",
        }
    }
}

/// In a few words, with why if it failed.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Failed {
            cause,
            message,
            detail,
        } = self
        else {
            return f.write_str(self.word());
        };
        write!(f, "failed ({}): it {message}", cause.word())?;
        match detail {
            Some(detail) => write!(f, ": {detail}"),
            None => Ok(()),
        }
    }
}

impl Trial {
    /// Loads a policy. `config` is what an operator would say about it, but for its grants,
    /// which are the world's.
    ///
    /// # Errors
    ///
    /// A host would not load it, either.
    pub async fn load(
        sandbox: &Sandbox,
        candidate: Candidate,
        mut config: policy::Config,
        hook: hook::Config,
        world: World,
    ) -> Result<Self, Refusal> {
        let Candidate {
            name,
            component,
            settings,
            settings_file,
        } = candidate;
        let limits = Limits::from(config.limits);
        config.grants = world.grants().clone();
        config.log = true;
        config.limits.deadline = config.limits.deadline.max(TIME);
        let folder = Folder::only(PathBuf::new());
        // What the ceiling of that folder leaves of them: all.
        let grants = config.effective(&folder.ceiling).grants;
        let granted = Arc::clone(world.granted());
        let grantor = Grantor::of_one(name.clone(), grants, granted);
        let loader = Loader::new(sandbox.clone(), grantor);
        let pair = Pair {
            component,
            settings,
        };
        let loaded = loader.load_pair(name, config, &folder, pair, Patience::Full);
        let Loaded { policy, .. } = loaded.await;
        if let Err(error) = &policy.revision {
            return Err(Refusal::new(Arc::clone(error), settings_file));
        }
        Ok(Self {
            hook: hook::Config {
                deadline: hook.deadline.max(TIME + hook::RESERVE),
                policies: Vec::new(),
                ..hook
            },
            policy: Arc::new(policy),
            world,
            limits,
        })
    }

    /// The same trial, decided by a function instead of the component: what a test sets
    /// beside it to find out whether both decide the same.
    #[must_use]
    pub fn compiled_in(mut self, rule: CompiledIn) -> Self {
        let revision = self.policy.revision.as_ref();
        let revision = revision.expect("a trial is of a policy that is loaded");
        self.policy = Arc::new(Policy {
            revision: Ok(Arc::new(revision.compiled_in(rule))),
            ..Policy::clone(&self.policy)
        });
        self
    }

    /// The policy, as it is loaded.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What it may use, as a host would have it.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The inline hooks that the policy serves.
    pub fn hooks(&self) -> impl Iterator<Item = HookType> {
        let hooks = self.policy.hooks.iter().copied();
        hooks.filter(|hook| hook.is_served())
    }

    /// Asks the policy about a call.
    ///
    /// # Errors
    ///
    /// The call is not in the form of its hook type's calls.
    pub async fn ask(&self, call: &okta::Call) -> Result<Tried, Malformed> {
        let hook_type = call.hook_type();
        let hook = Hook {
            name: hook_type.name().into(),
            hook_type,
            config: self.hook.clone(),
            chain: vec![Arc::clone(&self.policy)],
        };
        let received = Received {
            instant: Instant::now(),
            time: self.world.clock,
        };
        let lines = Lines::default();
        let conditions = Conditions {
            seed: Some(self.world.seed),
            lines: Some(lines.clone()),
        };
        let report = hook.answer_under(call, received, &conditions).await?;
        let mut entries = report.entries.into_iter();
        let entry = entries.next().expect("the chain has one policy");
        let said = match entry.said {
            Said::NoOpinion => Verdict::NoOpinion,
            Said::Acted => Verdict::Acted,
            Said::Denied => Verdict::Denied,
            Said::Failed(error, _) => Verdict::Failed {
                cause: error.cause(),
                message: error.to_string(),
                detail: entry.detail,
            },
        };
        Ok(Tried {
            said,
            reason: entry.reason,
            answer: report.answer,
            fuel: entry.fuel,
            memory: entry.memory,
            time: entry.time,
            lane: entry.lane,
            lines: lines.take(),
            bucket: self.world.bucket().await,
            unanswered: self.world.unanswered(),
        })
    }
}
