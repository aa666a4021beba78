//! Why an evaluation did not come to a decision.

use std::time::Duration;

use wasmtime::Trap;
use wasmtime::component::ResourceTableError;

use super::export::NotExported;
use super::lane::{Full, Whose};
use super::limits::{Limits, Refused};
use super::prepare::chain;
use super::state::State;
use crate::capabilities::log::TooTalkative;
use crate::capabilities::meter::Overdrawn;
use crate::telemetry::foreign;

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
    #[error("needed {wanted} bytes of memory, more than its {limit}")]
    MemoryExceeded {
        /// The limit.
        limit: usize,
        /// What it would have come to.
        wanted: usize,
    },
    /// It was refused table elements.
    #[error("needed {wanted} table elements, more than its {limit}")]
    TablesExceeded {
        /// The limit.
        limit: usize,
        /// What it would have come to.
        wanted: usize,
    },
    /// It recursed too deep.
    #[error("needed more than {limit} bytes of stack")]
    StackExceeded {
        /// The limit.
        limit: usize,
    },
    /// It made the host do too much.
    #[error("{0}")]
    Overdrawn(Overdrawn),
    /// It held too many handles.
    #[error("held more than {limit} handles")]
    HandlesExceeded {
        /// The limit.
        limit: usize,
    },
    /// It returned too much.
    #[error("returned {used} bytes, more than its {limit}")]
    OutputExceeded {
        /// The limit.
        limit: usize,
        /// What it returned.
        used: usize,
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
    #[error("{0}")]
    TooTalkative(TooTalkative),
    /// What it returned, or handed to a host function, could not be read.
    #[error(
        "handed over what cannot be read, or more than {limit} bytes: {}",
        foreign(.reason)
    )]
    Unreadable {
        /// The most bytes that are read.
        limit: usize,
        /// In wasmtime's words.
        reason: String,
    },
    /// The host had no room for another instance. Not the guest's fault.
    #[error("could not be run: the host has no room for an instance")]
    NoRoom,
    /// It never got a turn. Not the guest's fault.
    #[error("could not be run: the hook's time was up before its turn")]
    NotStarted,
    /// It waited for a place until its time was up.
    #[error("could not be run: {}", taken("evaluations", .0))]
    NoPlace(Full),
    /// It computed for more than a slice, and there was no place to go on.
    #[error("computed on after its first slice: {}", taken("places in the slow lane", .0))]
    NoSlowPlace(Full),
    /// It does not export what was to be invoked.
    #[error("does not export `{0}`")]
    NotExported(&'static str),
}

fn taken(places: &str, Full { whose, limit }: &Full) -> String {
    match whose {
        Whose::Policy => format!("all its {limit} {places} were taken"),
        Whose::Host => format!("all of the host's {limit} {places} were taken"),
    }
}

/// What the guest was refused. A refusal has no trap of its own: the guest is
/// told, and then mostly traps of its own accord.
pub(super) fn refused(state: &State) -> Option<InvokeError> {
    if let Some(Refused { limit, wanted }) = state.limiter.refused_memory() {
        return Some(InvokeError::MemoryExceeded { limit, wanted });
    }
    let Refused { limit, wanted } = state.limiter.refused_table()?;
    Some(InvokeError::TablesExceeded { limit, wanted })
}

/// Told by types, never by texts.
pub(super) fn classify(
    error: &wasmtime::Error,
    state: &State,
    limits: &Limits,
    stack: usize,
    fuel: u64,
) -> InvokeError {
    if let Some(refused) = refused(state) {
        return refused;
    }
    if let Some(overdrawn) = error.downcast_ref::<Overdrawn>() {
        return InvokeError::Overdrawn(*overdrawn);
    }
    if let Some(talkative) = error.downcast_ref::<TooTalkative>() {
        return InvokeError::TooTalkative(*talkative);
    }
    if let Some(ResourceTableError::Full) = error.downcast_ref() {
        let limit = limits.handles;
        return InvokeError::HandlesExceeded { limit };
    }
    if error.is::<wasmtime_wasi::I32Exit>() {
        return InvokeError::Exited;
    }
    if error.is::<wasmtime::PoolConcurrencyLimitError>() {
        return InvokeError::NoRoom;
    }
    if let Some(NotExported(interface)) = error.downcast_ref() {
        return InvokeError::NotExported(interface);
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => InvokeError::OutOfFuel { limit: fuel },
        Some(Trap::StackOverflow) => InvokeError::StackExceeded { limit: stack },
        Some(trap) => InvokeError::Trapped {
            reason: trap.to_string(),
        },
        None => InvokeError::Unreadable {
            limit: limits.handed_over(),
            reason: chain(error),
        },
    }
}
