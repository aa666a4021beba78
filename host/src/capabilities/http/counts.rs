//! Counts of requests by what became of them. Each request is counted once, when it is
//! over.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::error::Error;

/// How many requests came to what, since the start.
#[derive(Debug, Default)]
pub struct Counts([AtomicU64; Outcome::ALL.len()]);

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// An answer came, and nothing was wrong with as much of it as was read.
    Answered,
    /// Its origin is not allowed.
    Denied,
    /// Its host has only prohibited addresses.
    Prohibited,
    /// It took too long.
    TimedOut,
    /// Connecting, TLS or HTTP failed.
    Failed,
    /// It or its answer was too large.
    TooLarge,
    /// There were too many.
    TooMany,
    /// Nobody waited for its answer any longer.
    Abandoned,
}

impl Outcome {
    const ALL: [Self; 8] = [
        Self::Answered,
        Self::Denied,
        Self::Prohibited,
        Self::TimedOut,
        Self::Failed,
        Self::TooLarge,
        Self::TooMany,
        Self::Abandoned,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Denied => "denied",
            Self::Prohibited => "prohibited",
            Self::TimedOut => "timed-out",
            Self::Failed => "failed",
            Self::TooLarge => "too-large",
            Self::TooMany => "too-many",
            Self::Abandoned => "abandoned",
        }
    }
}

impl Counts {
    /// The number of requests of each outcome, by its name. All names are there, always
    /// in the same order.
    #[must_use]
    pub fn snapshot(&self) -> [(&'static str, u64); 8] {
        Outcome::ALL.map(|outcome| (outcome.name(), self.of(outcome).load(Ordering::Relaxed)))
    }

    fn of(&self, outcome: Outcome) -> &AtomicU64 {
        &self.0[outcome as usize]
    }
}

/// One request, to be counted when this is dropped: as abandoned, unless something else
/// was said.
#[derive(Debug)]
pub(super) struct Tally {
    counts: Arc<Counts>,
    outcome: Outcome,
}

impl Tally {
    pub(super) fn new(counts: Arc<Counts>) -> Self {
        Self {
            counts,
            outcome: Outcome::Abandoned,
        }
    }

    pub(super) fn answered(&mut self) {
        self.outcome = Outcome::Answered;
    }

    pub(super) fn failed(&mut self, error: &Error) {
        self.outcome = error.outcome();
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        self.counts.of(self.outcome).fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_counted_once_and_by_its_last_outcome() {
        let counts = Arc::new(Counts::default());
        drop(Tally::new(Arc::clone(&counts)));
        let mut tally = Tally::new(Arc::clone(&counts));
        tally.answered();
        tally.failed(&Error::ResponseTooLarge { limit: 1 });
        drop(tally);
        let expected = [
            ("answered", 0),
            ("denied", 0),
            ("prohibited", 0),
            ("timed-out", 0),
            ("failed", 0),
            ("too-large", 1),
            ("too-many", 0),
            ("abandoned", 1),
        ];
        assert_eq!(counts.snapshot(), expected);
    }
}
