//! `log`: lines that a policy writes for the operator.
//!
//! # What the guest controls
//!
//! The level and the text of a line, and how many there are. A line is written
//! only if the operator granted `log` to the policy, and only the first
//! [`MAX_LINES`] of an evaluation are; the others are counted. How many bytes all
//! lines together have is limited: taking a line from the guest costs the host
//! time that the guest's fuel does not pay for.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use wasmtime::component::{HasSelf, Linker};

use super::meter::Meter;
use crate::bindings::v0_1::capabilities::hookwarden::policy::log as contract;
pub use crate::bindings::v0_1::capabilities::hookwarden::policy::log::Level;
use crate::telemetry::foreign;

/// The most lines of one evaluation that are written; the contract says so.
pub const MAX_LINES: u32 = 64;

/// The policy wrote more than it may; the evaluation is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("wrote {used} bytes of log lines, more than its {limit}")]
pub struct TooTalkative {
    /// The most bytes of all lines, written or not.
    pub limit: u64,
    /// What it came to.
    pub used: u64,
}

/// The log of one evaluation. Clones write to the same one.
#[derive(Debug, Clone)]
pub struct Log(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    source: Source,
    granted: bool,
    limit: u64,
    meter: Meter,
    lines: AtomicU32,
    bytes: AtomicU64,
}

/// Who writes, and about what: stands beside each line.
#[derive(Debug, Clone)]
pub struct Source {
    /// The policy.
    pub policy: Arc<str>,
    /// The hook that is being answered; empty while a policy is loaded.
    pub hook: Arc<str>,
    /// Okta's id of the call. Controlled by the caller.
    pub event_id: Option<Arc<str>>,
    /// Where its lines go instead of the operator's log: somebody tries the policy out.
    pub taken: Option<Lines>,
}

/// Lines that somebody wants to read himself. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Lines(Arc<Mutex<Vec<(Level, String)>>>);

impl Lines {
    /// The lines so far, capped and escaped as the log's are; none is left.
    #[must_use]
    pub fn take(&self) -> Vec<(Level, String)> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn add(&self, level: Level, line: String) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push((level, line));
    }
}

impl Log {
    /// A log for one evaluation, of at most this many bytes.
    #[must_use]
    pub fn new(source: Source, granted: bool, limit: u64, meter: Meter) -> Self {
        Self(Arc::new(Inner {
            source,
            granted,
            limit,
            meter,
            lines: AtomicU32::new(0),
            bytes: AtomicU64::new(0),
        }))
    }

    /// Writes a line, or counts it.
    ///
    /// # Errors
    ///
    /// The policy has written too much; the evaluation is to end.
    pub fn write(&self, level: Level, message: &str) -> Result<(), TooTalkative> {
        let Inner {
            source,
            granted,
            limit,
            meter,
            lines,
            bytes,
        } = &*self.0;
        meter.pass(message.len());
        let size = message.len() as u64;
        let used = bytes.fetch_add(size, Ordering::Relaxed) + size;
        let limit = *limit;
        if used > limit {
            return Err(TooTalkative { limit, used });
        }
        let written = lines.fetch_add(1, Ordering::Relaxed);
        if !granted || written >= MAX_LINES {
            return Ok(());
        }
        if let Some(taken) = &source.taken {
            taken.add(level, foreign(message).to_string());
            return Ok(());
        }
        let said = &*foreign(message).text();
        let event_id = &*foreign(source.event_id.as_deref().unwrap_or_default()).text();
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    policy = &*source.policy,
                    hook = &*source.hook,
                    event_id,
                    said,
                    "policy says",
                )
            };
        }
        match level {
            Level::Debug => line!(debug),
            Level::Info => line!(info),
            Level::Warn => line!(warn),
            Level::Error => line!(error),
        }
        Ok(())
    }

    /// How many lines the policy wanted to write and were not written.
    #[must_use]
    pub fn dropped_lines(&self) -> u32 {
        let wanted = self.0.lines.load(Ordering::Relaxed);
        let written = if self.0.granted {
            wanted.min(MAX_LINES)
        } else {
            0
        };
        wanted - written
    }
}

impl contract::Host for Log {
    async fn write(&mut self, level: Level, message: String) -> wasmtime::Result<()> {
        self.0.meter.count();
        Self::write(self, level, &message)?;
        Ok(self.0.meter.settle().await?)
    }
}

/// Links `log` to the logs that `get` finds in a store's data.
///
/// # Errors
///
/// The linker already has it.
pub fn link<T: Send + 'static>(
    linker: &mut Linker<T>,
    get: fn(&mut T) -> &mut Log,
) -> wasmtime::Result<()> {
    contract::add_to_linker::<T, HasSelf<Log>>(linker, get)
}
