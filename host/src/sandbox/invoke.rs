//! Invoking: one export of one fresh instance, once.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use super::deadline::{Exceeded, bounded};
use super::export::{CheckSettings, Decide, Export, Start};
use super::invoke_error::{InvokeError, classify, refused};
use super::lane::{Lane, Left, Places, Waits};
use super::limits::Limits;
use super::prepare::{Prepared, WrongExport};
use super::state::{self, Imports};
use crate::bindings::v0_1::settings::exports::hookwarden::policy::settings as settings_contract;
use crate::bindings::v0_1::types as contract;
use crate::capabilities::dataset::Used;
use crate::capabilities::evaluation::Evaluation;
use crate::capabilities::granted::Granted;
use crate::capabilities::log::{Log, Source};
use crate::capabilities::meter::Meter;
use crate::capabilities::wasi;
use crate::okta::{self, HookType};

/// What one evaluation is given.
#[derive(Debug, Clone)]
pub struct Invocation<'a> {
    /// Okta's call; empty while settings are checked. Shared, because an evaluation
    /// may outlast whoever waits for it. (`String`, because that is what the
    /// generated bindings borrow.)
    pub call: &'a Arc<String>,
    /// A JSON object.
    pub settings: &'a Arc<String>,
    /// Who is evaluated, and about what.
    pub source: Source,
    /// Whether the policy may write log lines.
    pub log_granted: bool,
    /// What it was granted beyond that.
    pub granted: &'a Granted,
    /// What it may use.
    pub limits: Limits,
    /// The places of its policy.
    pub places: &'a Places,
    /// When it is cut off at the latest, however much of its own time is left.
    pub deadline: Instant,
    /// When the call came.
    pub called: SystemTime,
    /// Where its random numbers come from.
    pub seed: u64,
}

/// What came of one evaluation.
#[derive(Debug)]
pub struct Evaluated<T> {
    /// What the guest returned, or why it did not.
    pub result: Result<T, InvokeError>,
    /// What it burned; `None` if it was cut off by time.
    pub fuel: Option<u64>,
    /// Where it ended.
    pub lane: Lane,
    /// How long it took, waiting for a place included.
    pub time: Duration,
    /// How much of that it waited in host calls.
    pub waited: Duration,
    /// Linear memory that it had at its end, in bytes; `None` if that is not known.
    pub memory: Option<usize>,
    /// The datasets that it asked, and their revisions.
    pub datasets: Vec<(String, String)>,
    /// Log lines that it wanted to write and that were not written.
    pub dropped_lines: u32,
}

/// What a policy returns.
#[derive(Debug)]
pub enum Outcome {
    /// It decided. Nothing of the decision is checked yet.
    Decided(okta::Decision),
    /// It could not decide.
    Failed(Failure),
}

/// Why a policy could not decide, in its own words. The texts are controlled by
/// the guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It does not understand the call.
    InvalidCall(String),
    /// Something it needs did not answer.
    Unavailable(String),
    /// Anything else.
    Other(String),
}

/// What a policy finds wrong with its settings. Controlled by the guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The member at fault.
    pub path: String,
    /// What would be right.
    pub message: String,
}

impl Prepared {
    /// Evaluates the policy on a call of an inline hook.
    pub async fn decide(
        self: &Arc<Self>,
        hook_type: HookType,
        invocation: Invocation<'_>,
    ) -> Evaluated<Outcome> {
        let export = Decide {
            hook_type,
            call: Arc::clone(invocation.call),
            settings: Arc::clone(invocation.settings),
        };
        let limit = invocation.limits.output;
        let evaluated = self.evaluate(invocation, export).await;
        evaluated.and_then(|returned| match returned {
            Ok(decision) => {
                let decision = okta::Decision::from(decision);
                match decision.size() {
                    used if used > limit => Err(InvokeError::OutputExceeded { limit, used }),
                    _ => Ok(Outcome::Decided(decision)),
                }
            }
            Err(failure) => Ok(Outcome::Failed(failure.into())),
        })
    }

    /// Makes an instance and loads its exports, but invokes nothing: what is wrong
    /// with them, if anything, is found now and not at the first call. The first
    /// instance of a component also takes longer than those after it.
    pub async fn start(
        self: &Arc<Self>,
        invocation: Invocation<'_>,
    ) -> Evaluated<Result<(), WrongExport>> {
        self.evaluate(invocation, Start).await
    }

    /// Has the policy check its settings; no problems if it takes any settings.
    pub async fn check_settings(
        self: &Arc<Self>,
        invocation: Invocation<'_>,
    ) -> Evaluated<Vec<Problem>> {
        let export = CheckSettings {
            settings: Arc::clone(invocation.settings),
        };
        let evaluated = self.evaluate(invocation, export).await;
        evaluated.and_then(|returned| {
            let problem = |problem: settings_contract::Problem| Problem {
                path: problem.path,
                message: problem.message,
            };
            let problems = returned.err().unwrap_or_default();
            Ok(problems.into_iter().map(problem).collect())
        })
    }

    /// One evaluation: waits for a place, and runs in the lanes.
    async fn evaluate<E: Export>(
        self: &Arc<Self>,
        invocation: Invocation<'_>,
        export: E,
    ) -> Evaluated<E::Returned> {
        let started = Instant::now();
        let limits = invocation.limits;
        let deadline = invocation.deadline.min(started + limits.deadline);
        let late = InvokeError::DeadlineExceeded {
            limit: deadline.saturating_duration_since(started),
        };
        if deadline <= started {
            return Evaluated::failed(InvokeError::NotStarted, started);
        }
        let lanes = &self.sandbox.lanes;
        let place = match lanes.enter(invocation.places, deadline).await {
            Ok(place) => place,
            Err(full) => return Evaluated::failed(InvokeError::NoPlace(full), started),
        };
        let (imports, log, asked) = self.imports(&invocation, deadline);
        let own = OneEvaluation {
            prepared: Arc::clone(self),
            limits,
            deadline,
            size: invocation.call.len(),
            imports,
        };
        let evaluation = Box::pin(async move {
            let _place = place;
            own.run(export).await
        });
        let waits = Waits::default();
        let ran = lanes.run(invocation.places, deadline, &waits, evaluation);
        let (ran, lane) = ran.await;
        let (result, used) = match ran {
            Ok(Ok((result, used))) => (result, Some(used)),
            Ok(Err(Exceeded)) | Err(Left::Late) => (Err(late), None),
            Err(Left::Full(full)) => (Err(InvokeError::NoSlowPlace(full)), None),
        };
        Evaluated {
            result,
            fuel: used.map(|used| used.fuel),
            memory: used.map(|used| used.memory),
            lane,
            time: started.elapsed(),
            waited: waits.total(),
            datasets: asked.map_or_else(Vec::new, |asked| asked.revisions()),
            dropped_lines: log.dropped_lines(),
        }
    }

    /// What the guest imports, and of it the log and the datasets that are asked.
    pub(super) fn imports(
        &self,
        invocation: &Invocation<'_>,
        deadline: Instant,
    ) -> (Imports, Log, Option<Used>) {
        let limits = &invocation.limits;
        let meter = Meter::new(limits.allowance());
        let source = invocation.source.clone();
        let hook = Arc::clone(&source.hook);
        let granted = invocation.log_granted;
        let log = Log::new(source, granted, limits.log_bytes, meter.clone());
        let evaluation = Evaluation {
            hook,
            deadline,
            meter: meter.clone(),
        };
        let wasi = self
            .wasi
            .then(|| wasi::inert(&log, invocation.called, invocation.seed, &meter));
        let used = self.reaches_out.then(Used::default);
        let access = used.as_ref().map(|used| {
            let access = invocation.granted.access(&meter, deadline, used);
            Box::new(access)
        });
        let imports = Imports {
            meter,
            log: log.clone(),
            evaluation,
            wasi,
            access,
        };
        (imports, log, used)
    }
}

/// What an evaluation takes with it, wherever it runs.
struct OneEvaluation {
    prepared: Arc<Prepared>,
    limits: Limits,
    deadline: Instant,
    /// Of the call, in bytes.
    size: usize,
    imports: Imports,
}

/// What an evaluation that came to its end has used.
#[derive(Clone, Copy)]
struct AtEnd {
    fuel: u64,
    /// In bytes.
    memory: usize,
}

impl OneEvaluation {
    /// What the guest returned, or why it did not, and what it used.
    async fn run<E: Export>(
        self,
        export: E,
    ) -> Result<(Result<E::Returned, InvokeError>, AtEnd), Exceeded> {
        let limits = &self.limits;
        let engine = &self.prepared.sandbox.engine;
        let mut store = state::store(engine, limits, self.size, self.imports);
        // Where that is late the guest's stack is dropped where it stood, and the
        // store is left alone.
        let returned = bounded(self.deadline, export.invoke(&self.prepared, &mut store)).await?;

        let budget = limits.fuel_for(self.size);
        let left = store.get_fuel().unwrap_or_default();
        let state = store.data();
        let result = match returned {
            // A guest that was refused memory and went on has decided without what it
            // needed.
            Ok(returned) => refused(state).map_or(Ok(returned), Err),
            Err(error) => {
                let stack = self.prepared.sandbox.stack;
                Err(classify(&error, state, limits, stack, budget))
            }
        };
        let used = AtEnd {
            fuel: budget - left,
            memory: store.data().limiter.memory(),
        };
        Ok((result, used))
    }
}

impl<T> Evaluated<T> {
    fn failed(error: InvokeError, started: Instant) -> Self {
        Self {
            result: Err(error),
            fuel: None,
            lane: Lane::Front,
            time: started.elapsed(),
            waited: Duration::ZERO,
            memory: None,
            datasets: Vec::new(),
            dropped_lines: 0,
        }
    }

    fn and_then<U>(self, with: impl FnOnce(T) -> Result<U, InvokeError>) -> Evaluated<U> {
        Evaluated {
            result: self.result.and_then(with),
            fuel: self.fuel,
            lane: self.lane,
            time: self.time,
            waited: self.waited,
            memory: self.memory,
            datasets: self.datasets,
            dropped_lines: self.dropped_lines,
        }
    }
}

impl From<contract::Decision> for okta::Decision {
    fn from(decision: contract::Decision) -> Self {
        let command = |command: contract::Command| okta::Command {
            literal: command.type_,
            value: command.value,
        };
        Self {
            commands: decision.commands.into_iter().map(command).collect(),
            error: decision.error.map(Into::into),
            debug_context: decision.debug_context,
            reason: decision.reason,
        }
    }
}

impl From<contract::OktaError> for okta::Error {
    fn from(error: contract::OktaError) -> Self {
        let cause = |cause: contract::ErrorCause| okta::ErrorCause {
            summary: cause.error_summary,
            reason: cause.reason,
            location_type: cause.location_type,
            location: cause.location,
            domain: cause.domain,
        };
        Self {
            summary: error.error_summary,
            causes: error.error_causes.into_iter().map(cause).collect(),
        }
    }
}

impl From<contract::Failure> for Failure {
    fn from(failure: contract::Failure) -> Self {
        match failure {
            contract::Failure::InvalidCall(message) => Self::InvalidCall(message),
            contract::Failure::Unavailable(message) => Self::Unavailable(message),
            contract::Failure::Other(message) => Self::Other(message),
        }
    }
}
