//! The report of a call: what was decided, by whom, and why. One line of the log.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use super::failure::Mode;
use crate::okta::Answer;
use crate::policy::{EvaluationError, Policy, Usage};
use crate::sandbox::Lane;
use crate::telemetry::foreign;

/// What was decided about one call.
#[derive(Debug)]
pub struct Report {
    /// The hook.
    pub hook: Arc<str>,
    /// Okta's id of the call. Controlled by the caller.
    pub event_id: Option<Arc<str>>,
    /// `no-opinion`, `acted`, `denied` or `denied-by-failure`.
    pub decision: &'static str,
    /// The policies that were asked, in their order.
    pub entries: Vec<Entry>,
    /// Policies that wanted what cannot be had together, as `first over second (2)`, with
    /// how much of it.
    pub conflicts: Vec<String>,
    /// What Okta gets.
    pub answer: Answer,
    /// From when the call came.
    pub time: Duration,
}

/// What one policy said.
#[derive(Debug)]
pub struct Entry {
    /// The policy, as it was evaluated.
    pub policy: Arc<Policy>,
    /// What it said.
    pub said: Said,
    /// Why, in its own words; `None` if those may not be written.
    pub reason: Option<String>,
    /// What failed it, in its own words; `None` if those may not be written.
    pub detail: Option<String>,
    /// Fuel burned.
    pub fuel: Option<u64>,
    /// Where it ended.
    pub lane: Lane,
    /// How long it took.
    pub time: Duration,
    /// How much of that it waited for services and for what it keeps.
    pub waited: Duration,
    /// Linear memory that it had, in bytes; `None` if that is not known.
    pub memory: Option<usize>,
    /// The datasets that it asked, and their revisions.
    pub datasets: Vec<(String, String)>,
    /// Log lines of its that were not written.
    pub dropped_lines: u32,
    /// For a policy that imports WASI: where its random numbers came from.
    pub seed: Option<u64>,
}

/// What a policy said, or that it failed.
#[derive(Debug)]
pub enum Said {
    /// Nothing.
    NoOpinion,
    /// It had Okta do something else than it would have done.
    Acted,
    /// It denied.
    Denied,
    /// It failed, which counts as the mode says.
    Failed(EvaluationError, Mode),
}

impl Said {
    /// A word for machines.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::NoOpinion => "no-opinion",
            Self::Acted => "acted",
            Self::Denied => "denied",
            Self::Failed(_, Mode::Deny) => "failed-deny",
            Self::Failed(_, Mode::Skip) => "failed-skip",
        }
    }
}

impl Entry {
    pub(super) fn new(
        policy: &Arc<Policy>,
        said: Said,
        reason: Option<String>,
        usage: Usage,
    ) -> Self {
        let detail = match &said {
            Said::Failed(error, _) if policy.config.log => error.said().map(str::to_owned),
            _ => None,
        };
        let revision = policy.revision.as_ref().ok();
        let uses_wasi = revision.is_some_and(|revision| revision.contract.imports_wasi);
        Self {
            policy: Arc::clone(policy),
            said,
            reason: reason.filter(|_| policy.config.log),
            detail,
            fuel: usage.fuel,
            lane: usage.lane,
            time: usage.time,
            waited: usage.waited,
            memory: usage.memory,
            datasets: usage.datasets,
            dropped_lines: usage.dropped_lines,
            seed: uses_wasi.then_some(usage.seed),
        }
    }
}

impl Report {
    /// Writes the call's line, and one for each policy that failed.
    pub fn log(&self) {
        let event_id = foreign(self.event_id.as_deref().unwrap_or("-")).text();
        for entry in &self.entries {
            let Said::Failed(error, mode) = &entry.said else {
                continue;
            };
            tracing::warn!(
                hook = &*self.hook,
                event_id = &*event_id,
                policy = %entry.policy.name,
                error.r#type = error.cause().word(),
                error.blame = error.cause().blame().word(),
                counts_as = ?mode,
                said = entry.detail.as_deref().map(|said| foreign(said).text()).as_deref(),
                "policy failed: {error}",
            );
        }
        tracing::info!(
            hook = &*self.hook,
            event_id = &*event_id,
            decision = self.decision,
            status = self.answer.status,
            time_us = u64::try_from(self.time.as_micros()).unwrap_or(u64::MAX),
            policies = self.policies(),
            conflicts = (!self.conflicts.is_empty()).then(|| self.conflicts.join("; ")),
            "call answered",
        );
    }

    /// `name@revision said fuel=… time=…`, for each policy.
    fn policies(&self) -> String {
        // Enough for an ordinary policy's.
        let mut line = String::with_capacity(128 * self.entries.len());
        for entry in &self.entries {
            if !line.is_empty() {
                line.push_str("; ");
            }
            line.push_str(entry.policy.name.as_str());
            if let Some(revision) = entry.policy.digest() {
                line.push('@');
                line.push_str(revision.as_str());
            }
            line.push(' ');
            line.push_str(entry.said.word());
            if let Some(fuel) = entry.fuel {
                let _ = write!(line, " fuel={fuel}");
            }
            let _ = write!(line, " time={}us", entry.time.as_micros());
            if !entry.waited.is_zero() {
                let _ = write!(line, " waited={}us", entry.waited.as_micros());
            }
            for (dataset, revision) in &entry.datasets {
                let _ = write!(line, " dataset={dataset}@{revision}");
            }
            if entry.lane == Lane::Slow {
                line.push_str(" lane=slow");
            }
            if let Some(seed) = entry.seed {
                let _ = write!(line, " seed={seed}");
            }
            if entry.dropped_lines > 0 {
                let _ = write!(line, " dropped_lines={}", entry.dropped_lines);
            }
            if let Some(reason) = &entry.reason {
                // Quoted with escapes: it must not look like another policy's part.
                let _ = write!(line, " reason={:?}", foreign(reason).text());
            }
        }
        line
    }
}
