//! Invoking: one export of one fresh instance, once.

use std::time::{Duration, Instant, SystemTime};

use wasmtime::{Store, Trap};

use super::deadline::{Exceeded, bounded};
use super::limits::{HANDED_OVER, Limits, SIZE_OF_ALL_TABLES};
use super::prepare::{Prepared, Wasi, WrongExport, chain};
use super::state::{self, State};
use crate::bindings::v0_1::registration::RegistrationPolicy;
use crate::bindings::v0_1::settings::SettingsCheck;
use crate::bindings::v0_1::settings::exports::hookwarden::policy::settings as settings_contract;
use crate::bindings::v0_1::types as contract;
use crate::capabilities::evaluation::Evaluation;
use crate::capabilities::log::{self, Log, Source, TooTalkative};
use crate::capabilities::wasi;
use crate::okta;
use crate::telemetry::foreign;

/// What one evaluation is given.
#[derive(Debug, Clone)]
pub struct Invocation<'a> {
    /// Okta's call; empty while settings are checked. (`String`, because that is
    /// what the generated bindings borrow.)
    pub call: &'a String,
    /// A JSON object.
    pub settings: &'a String,
    /// Who is evaluated, and about what.
    pub source: Source,
    /// Whether the policy may write log lines.
    pub log_granted: bool,
    /// What it may use.
    pub limits: Limits,
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
    /// How long it took, waiting for a place included.
    pub time: Duration,
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

/// Why a guest did not return, in terms that its author can act on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvokeError {
    /// It computed too much.
    #[error("burned all of its {limit} fuel")]
    OutOfFuel {
        /// The limit for this call.
        limit: u64,
    },
    /// It took too long.
    #[error("took longer than its {limit:?}")]
    DeadlineExceeded {
        /// The time it had.
        limit: Duration,
    },
    /// It was refused memory.
    #[error("needed more than its {limit} bytes of memory")]
    MemoryExceeded {
        /// The limit.
        limit: usize,
    },
    /// It was refused table elements.
    #[error("needed more than {limit} table elements")]
    TablesExceeded {
        /// The limit.
        limit: usize,
    },
    /// It trapped; a panic in Rust is a trap too.
    #[error("trapped: {reason}")]
    Trapped {
        /// The engine's name for the trap.
        reason: String,
    },
    /// It ended its program, as if it were one.
    #[error("called `exit` instead of returning")]
    Exited,
    /// It wrote too much to its log.
    #[error("wrote more than {limit} bytes of log lines")]
    TooTalkative {
        /// The limit.
        limit: u64,
    },
    /// What it returned, or handed to a host function, could not be read.
    #[error(
        "handed over what cannot be read, or more than {HANDED_OVER} bytes: {}",
        foreign(.reason)
    )]
    Unreadable {
        /// In wasmtime's words.
        reason: String,
    },
    /// The host had no room for another instance. Not the guest's fault.
    #[error("could not be run: the host has no room for an instance")]
    NoRoom,
    /// It never got a turn. Not the guest's fault.
    #[error("could not be run: all places were taken, or the hook's time was up before its turn")]
    NotStarted,
    /// It does not export what was to be invoked.
    #[error("does not export `{0}`")]
    NotExported(&'static str),
}

impl Prepared {
    /// Evaluates the policy on a registration call.
    pub async fn decide_registration(&self, invocation: Invocation<'_>) -> Evaluated<Outcome> {
        let (call, settings) = (invocation.call, invocation.settings);
        let Some(policy) = &self.registration else {
            return Evaluated::failed(InvokeError::NotExported("registration"), Duration::ZERO);
        };
        self.evaluate(invocation, async |store| {
            let instance = policy.instantiate_async(&mut *store).await?;
            let registration = instance.hookwarden_policy_registration();
            registration.call_decide(store, call, settings).await
        })
        .await
        .map(|returned| match returned {
            Ok(decision) => Outcome::Decided(decision.into()),
            Err(failure) => Outcome::Failed(failure.into()),
        })
    }

    /// Makes an instance and loads its exports, but invokes nothing: what is wrong
    /// with them, if anything, is found now and not at the first call. The first
    /// instance of a component also takes longer than those after it.
    pub async fn start(&self, invocation: Invocation<'_>) -> Evaluated<Result<(), WrongExport>> {
        self.evaluate(invocation, async |store| {
            let instance = self.component.instantiate_async(&mut *store).await?;
            let wrong = |interface| {
                move |error: wasmtime::Error| WrongExport {
                    interface,
                    reason: chain(&error),
                }
            };
            let mut load = || {
                if self.registration.is_some() {
                    RegistrationPolicy::new(&mut *store, &instance)
                        .map_err(wrong("registration"))?;
                }
                if self.settings.is_some() {
                    SettingsCheck::new(&mut *store, &instance).map_err(wrong("settings"))?;
                }
                Ok(())
            };
            Ok(load())
        })
        .await
    }

    /// Has the policy check its settings; no problems if it takes any settings.
    pub async fn check_settings(&self, invocation: Invocation<'_>) -> Evaluated<Vec<Problem>> {
        let settings = invocation.settings;
        let Some(policy) = &self.settings else {
            return Evaluated::failed(InvokeError::NotExported("settings"), Duration::ZERO);
        };
        self.evaluate(invocation, async |store| {
            let instance = policy.instantiate_async(&mut *store).await?;
            instance
                .hookwarden_policy_settings()
                .call_check(store, settings)
                .await
        })
        .await
        .map(|returned| {
            let problem = |problem: settings_contract::Problem| Problem {
                path: problem.path,
                message: problem.message,
            };
            returned
                .err()
                .unwrap_or_default()
                .into_iter()
                .map(problem)
                .collect()
        })
    }

    async fn evaluate<T, F>(&self, invocation: Invocation<'_>, body: F) -> Evaluated<T>
    where
        F: AsyncFnOnce(&mut Store<State>) -> wasmtime::Result<T>,
    {
        let started = Instant::now();
        let limits = &invocation.limits;
        let deadline = invocation.deadline.min(started + limits.deadline);
        let hook = invocation.source.hook.clone();
        let log = Log::new(invocation.source, invocation.log_granted);
        let exceeded = |Exceeded| InvokeError::DeadlineExceeded {
            limit: deadline.saturating_duration_since(started),
        };

        let permit = bounded(deadline, self.sandbox.permits.acquire()).await;
        let Ok(permit) = permit else {
            return Evaluated::failed(InvokeError::NotStarted, started.elapsed());
        };
        let _permit = permit.expect("the semaphore is never closed");
        let evaluation = Evaluation { hook, deadline };
        let wasi = (self.wasi == Wasi::Imported)
            .then(|| wasi::inert(&log, invocation.called, invocation.seed));
        let size = invocation.call.len();
        let mut store = state::store(
            &self.sandbox.engine,
            limits,
            size,
            log.clone(),
            evaluation,
            wasi,
        );
        let returned = bounded(deadline, body(&mut store)).await;

        let budget = limits.fuel_for(size);
        let (result, fuel) = match returned {
            // The guest's stack was dropped where it stood: leave the store alone.
            Err(late) => (Err(exceeded(late)), None),
            Ok(returned) => {
                let left = store.get_fuel().unwrap_or_default();
                let state = store.data();
                let result = match returned {
                    // A guest that was refused memory and went on has decided
                    // without what it needed.
                    Ok(returned) => refused(state, limits).map_or(Ok(returned), Err),
                    Err(error) => Err(classify(&error, state, limits, budget)),
                };
                (result, Some(budget - left))
            }
        };
        drop(store);
        Evaluated {
            result,
            fuel,
            time: started.elapsed(),
            dropped_lines: log.dropped_lines(),
        }
    }
}

impl<T> Evaluated<T> {
    fn failed(error: InvokeError, time: Duration) -> Self {
        Self {
            result: Err(error),
            fuel: None,
            time,
            dropped_lines: 0,
        }
    }

    fn map<U>(self, with: impl FnOnce(T) -> U) -> Evaluated<U> {
        Evaluated {
            result: self.result.map(with),
            fuel: self.fuel,
            time: self.time,
            dropped_lines: self.dropped_lines,
        }
    }
}

/// What the guest was refused. A refusal has no trap of its own: the guest is
/// told, and then mostly traps of its own accord.
fn refused(state: &State, limits: &Limits) -> Option<InvokeError> {
    if state.limiter.refused_memory() {
        let limit = limits.memory;
        return Some(InvokeError::MemoryExceeded { limit });
    }
    if state.limiter.refused_table() {
        let limit = SIZE_OF_ALL_TABLES;
        return Some(InvokeError::TablesExceeded { limit });
    }
    None
}

/// Told by types, never by texts.
fn classify(error: &wasmtime::Error, state: &State, limits: &Limits, fuel: u64) -> InvokeError {
    if let Some(refused) = refused(state, limits) {
        return refused;
    }
    if error.is::<TooTalkative>() {
        return InvokeError::TooTalkative {
            limit: log::MAX_BYTES,
        };
    }
    if error.is::<wasmtime_wasi::I32Exit>() {
        return InvokeError::Exited;
    }
    if error.is::<wasmtime::PoolConcurrencyLimitError>() {
        return InvokeError::NoRoom;
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => InvokeError::OutOfFuel { limit: fuel },
        Some(trap) => InvokeError::Trapped {
            reason: trap.to_string(),
        },
        None => InvokeError::Unreadable {
            reason: chain(error),
        },
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
