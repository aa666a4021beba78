//! `log`: lines that a policy writes for the operator.
//!
//! # What the guest controls
//!
//! The level and the text of a line, and how many there are. A line is written
//! only if the operator granted `log` to the policy, and only the first
//! [`MAX_LINES`] of an evaluation are; the others are counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use wasmtime::component::{HasSelf, Linker};

use crate::bindings::v0_1::capabilities::hookwarden::policy::log as contract;
pub use crate::bindings::v0_1::capabilities::hookwarden::policy::log::Level;
use crate::telemetry::foreign;

/// The most lines of one evaluation that are written; the contract says so.
pub const MAX_LINES: u32 = 64;

/// The log of one evaluation. Clones write to the same one.
#[derive(Debug, Clone)]
pub struct Log(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    source: Source,
    granted: bool,
    lines: AtomicU32,
}

/// Who writes, and about what: stands beside each line.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// The policy.
    pub policy: String,
    /// The hook that is being answered; empty while a policy is loaded.
    pub hook: String,
    /// Okta's id of the call. Controlled by the caller.
    pub event_id: String,
}

impl Log {
    /// A log for one evaluation.
    #[must_use]
    pub fn new(source: Source, granted: bool) -> Self {
        let lines = AtomicU32::new(0);
        Self(Arc::new(Inner {
            source,
            granted,
            lines,
        }))
    }

    /// Writes a line, or counts it.
    pub fn write(&self, level: Level, message: &str) {
        let Inner {
            source,
            granted,
            lines,
        } = &*self.0;
        let written = lines.fetch_add(1, Ordering::Relaxed);
        if !granted || written >= MAX_LINES {
            return;
        }
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    policy = source.policy,
                    hook = source.hook,
                    event_id = %foreign(&source.event_id),
                    "policy says: {}",
                    foreign(message),
                )
            };
        }
        match level {
            Level::Debug => line!(debug),
            Level::Info => line!(info),
            Level::Warn => line!(warn),
            Level::Error => line!(error),
        }
    }

    /// How many lines the policy wanted to write, and how many of them were not
    /// written.
    #[must_use]
    pub fn counts(&self) -> (u32, u32) {
        let wanted = self.0.lines.load(Ordering::Relaxed);
        let written = if self.0.granted {
            wanted.min(MAX_LINES)
        } else {
            0
        };
        (wanted, wanted - written)
    }
}

impl contract::Host for Log {
    fn write(&mut self, level: Level, message: String) {
        Self::write(self, level, &message);
    }
}

/// Links `log` to the logs that `get` finds in a store's data.
///
/// # Errors
///
/// The linker already has it.
pub fn link<T: 'static>(
    linker: &mut Linker<T>,
    get: fn(&mut T) -> &mut Log,
) -> wasmtime::Result<()> {
    contract::add_to_linker::<T, HasSelf<Log>>(linker, get)
}
