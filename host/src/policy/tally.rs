//! What a policy has been doing since it serves.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// Counts evaluations. Shared by everybody who evaluates.
#[derive(Debug, Default)]
pub struct Tally {
    calls: AtomicU64,
    failures: AtomicU64,
    fuel: AtomicU64,
    measured: AtomicU64,
    last_failure: Mutex<Option<Failed>>,
}

/// A failure.
#[derive(Debug, Clone)]
pub struct Failed {
    /// When.
    pub at: SystemTime,
    /// Why. Nothing that the guest said.
    pub why: String,
}

/// The counts at one moment.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// Evaluations.
    pub calls: u64,
    /// Those that failed.
    pub failures: u64,
    /// The mean fuel of those whose fuel is known; `None` if there was none.
    pub mean_fuel: Option<u64>,
    /// The last failure.
    pub last_failure: Option<Failed>,
}

impl Tally {
    /// Counts an evaluation, and why it failed if it did.
    pub fn count(&self, fuel: Option<u64>, failure: Option<&dyn std::fmt::Display>) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if let Some(fuel) = fuel {
            self.fuel.fetch_add(fuel, Ordering::Relaxed);
            self.measured.fetch_add(1, Ordering::Relaxed);
        }
        if let Some(failure) = failure {
            self.failures.fetch_add(1, Ordering::Relaxed);
            let failed = Failed {
                at: SystemTime::now(),
                why: failure.to_string(),
            };
            let last = self.last_failure.lock();
            *last.unwrap_or_else(PoisonError::into_inner) = Some(failed);
        }
    }

    /// The counts now.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let fuel = self.fuel.load(Ordering::Relaxed);
        let last = self.last_failure.lock();
        Counts {
            calls: self.calls.load(Ordering::Relaxed),
            failures: self.failures.load(Ordering::Relaxed),
            mean_fuel: fuel.checked_div(self.measured.load(Ordering::Relaxed)),
            last_failure: last.unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn failures_are_counted_and_fuel_is_averaged_over_what_was_measured() {
        let tally = Tally::default();
        assert_eq!(tally.counts().mean_fuel, None);
        tally.count(Some(10), None);
        tally.count(Some(30), Some(&"trapped"));
        tally.count(None, Some(&"took too long"));
        let counts = tally.counts();
        assert_eq!((counts.calls, counts.failures), (3, 2));
        assert_eq!(counts.mean_fuel, Some(20));
        assert_eq!(counts.last_failure.expect("one").why, "took too long");
    }
}
