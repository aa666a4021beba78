//! An evaluation: a policy is asked about one call.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use super::revision::Code;
use super::{Cause, Policy, Revision};
use crate::capabilities::log::{self, Lines};
use crate::capabilities::meter::Overdrawn;
use crate::okta::{self, Rule, Violation};
use crate::sandbox::{self, Evaluated, Full, Invocation, InvokeError, Lane, Outcome, Parts, Whose};

/// What a policy is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The hook's name.
    pub hook: &'a Arc<str>,
    /// Okta's call.
    pub call: &'a okta::Call,
    /// When the call came.
    pub called: SystemTime,
    /// When an answer must be there.
    pub deadline: Instant,
    /// What somebody who tries the policy out wants.
    pub conditions: &'a Conditions,
}

/// What somebody who tries policies out wants of their evaluations. By default nothing:
/// they are as in a host.
#[derive(Debug, Clone, Default)]
pub struct Conditions {
    /// Where random numbers come from; `None` for another seed in each evaluation.
    pub seed: Option<u64>,
    /// Where the policies' log lines go; `None` for the operator's log.
    pub lines: Option<Lines>,
}

impl Conditions {
    /// Those of a host.
    pub const NONE: &'static Self = &Self {
        seed: None,
        lines: None,
    };
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
#[derive(Debug, Clone)]
pub struct Usage {
    /// Fuel burned; `None` if that is not known.
    pub fuel: Option<u64>,
    /// Where it ended.
    pub lane: Lane,
    /// How long it took.
    pub time: Duration,
    /// How much of that it waited in host calls.
    pub waited: Duration,
    /// Linear memory that it had, in bytes; `None` if that is not known.
    pub memory: Option<usize>,
    /// The datasets that it asked, and their revisions.
    pub datasets: Vec<(String, String)>,
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
    /// It decided what Okta would not accept or would misread, or what it may not.
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
    /// What it is, in a word.
    #[must_use]
    pub fn cause(&self) -> Cause {
        match self {
            Self::NotLoaded => Cause::NotLoaded,
            Self::Undecided(_) => Cause::Undecided,
            Self::Illegal(violation) => match violation.rule {
                Rule::NotGranted | Rule::MayNotDeny => Cause::NotGranted,
                _ => Cause::IllegalDecision,
            },
            Self::Invoke(error) => match error {
                InvokeError::OutOfFuel { .. } => Cause::OutOfFuel,
                InvokeError::DeadlineExceeded { .. } => Cause::DeadlineExceeded,
                InvokeError::MemoryExceeded { .. } => Cause::MemoryExceeded,
                InvokeError::TablesExceeded { .. } => Cause::TablesExceeded,
                InvokeError::StackExceeded { .. } => Cause::StackExceeded,
                InvokeError::Overdrawn(Overdrawn::Calls { .. }) => Cause::HostCallsExceeded,
                InvokeError::Overdrawn(Overdrawn::Bytes { .. }) => Cause::HostBytesExceeded,
                InvokeError::TooTalkative(_) => Cause::LogExceeded,
                InvokeError::HandlesExceeded { .. } => Cause::HandlesExceeded,
                InvokeError::OutputExceeded { .. } => Cause::OutputExceeded,
                InvokeError::Trapped { .. } => Cause::Trapped,
                InvokeError::Exited => Cause::Exited,
                InvokeError::Unreadable { .. } => Cause::UnreadableAnswer,
                InvokeError::NotExported(_) => Cause::NotExported,
                InvokeError::NoRoom => Cause::NoRoom,
                InvokeError::NotStarted => Cause::NotStarted,
                InvokeError::NoPlace(Full { whose, .. }) => match whose {
                    Whose::Policy => Cause::PolicyBusy,
                    Whose::Host => Cause::HostBusy,
                },
                InvokeError::NoSlowPlace(Full { whose, .. }) => match whose {
                    Whose::Policy => Cause::PolicySlow,
                    Whose::Host => Cause::HostSlow,
                },
            },
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
    /// Asks the policy about a call of an inline hook.
    pub async fn decide(&self, question: Question<'_>) -> Evaluation {
        let seed = question.conditions.seed.unwrap_or_else(rand::random);
        let not_evaluated = Usage {
            fuel: None,
            lane: Lane::Front,
            time: Duration::ZERO,
            waited: Duration::ZERO,
            memory: None,
            datasets: Vec::new(),
            seed,
            dropped_lines: 0,
        };
        let Ok(revision) = &self.revision else {
            return Evaluation {
                result: Err(EvaluationError::NotLoaded),
                usage: not_evaluated,
            };
        };
        let prepared = match &revision.code {
            Code::Sandboxed(prepared) => prepared,
            Code::CompiledIn(rule) => {
                let started = Instant::now();
                let result = decided(rule(question.call.body(), &revision.settings));
                let time = started.elapsed();
                let usage = Usage {
                    time,
                    ..not_evaluated
                };
                return Evaluation { result, usage };
            }
        };
        let call = seen(question.call, revision);
        let invocation = self.invocation(question, &call, revision, seed);
        let Evaluated {
            result,
            fuel,
            lane,
            time,
            waited,
            memory,
            datasets,
            dropped_lines,
        } = prepared.decide(question.call.hook_type(), invocation).await;
        let result = result.map_err(EvaluationError::from).and_then(decided);
        let usage = Usage {
            fuel,
            lane,
            time,
            waited,
            memory,
            datasets,
            seed,
            dropped_lines,
        };
        Evaluation { result, usage }
    }

    /// Asks the policy about a call for the sake of how long each part of
    /// that takes.
    ///
    /// # Errors
    ///
    /// In words: there is nothing to evaluate, or it failed.
    pub async fn time_parts(&self, question: Question<'_>) -> Result<Parts, String> {
        let revision = self.revision.as_ref().map_err(ToString::to_string)?;
        let Code::Sandboxed(prepared) = &revision.code else {
            return Err("it is not in the sandbox".to_owned());
        };
        let call = seen(question.call, revision);
        let invocation = self.invocation(question, &call, revision, 0);
        let hook_type = question.call.hook_type();
        prepared.time_parts(hook_type, invocation).await
    }

    fn invocation<'a>(
        &'a self,
        question: Question<'a>,
        call: &'a Arc<String>,
        revision: &'a Revision,
        seed: u64,
    ) -> Invocation<'a> {
        Invocation {
            call,
            settings: &revision.settings,
            source: self.source(question),
            log_granted: self.config.log,
            granted: &revision.granted,
            limits: self.config.limits.into(),
            places: &self.places,
            deadline: question.deadline,
            called: question.called,
            seed,
        }
    }

    fn source(&self, question: Question<'_>) -> log::Source {
        log::Source {
            policy: Arc::clone(self.name.shared()),
            hook: Arc::clone(question.hook),
            event_id: question.call.event_id().cloned(),
            taken: question.conditions.lines.clone(),
        }
    }
}

/// What the policy gets of a call.
fn seen(call: &okta::Call, revision: &Revision) -> Arc<String> {
    match call.seen(&revision.authority.see) {
        Cow::Borrowed(_) => Arc::clone(call.body()),
        Cow::Owned(seen) => Arc::new(seen),
    }
}

fn decided(outcome: Outcome) -> Result<okta::Decision, EvaluationError> {
    match outcome {
        Outcome::Decided(decision) => Ok(decision),
        Outcome::Failed(failure) => Err(EvaluationError::Undecided(failure)),
    }
}
