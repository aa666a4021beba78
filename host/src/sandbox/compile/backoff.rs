//! Backing off: a component that hit a limit is not compiled again at once, however
//! often its file is written.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::CompileError;
use crate::sandbox::Component;

/// How long after the first time, doubled with each time.
const FIRST: Duration = Duration::from_secs(60);

/// And no longer than this.
const LONGEST: Duration = Duration::from_secs(3600);

/// Components that hit a limit, by their digests.
#[derive(Debug, Default)]
pub(super) struct Backoff(Mutex<BTreeMap<String, Hit>>);

#[derive(Debug)]
struct Hit {
    reason: String,
    times: u32,
    until: Instant,
}

impl Backoff {
    /// Refuses a component that hit a limit a short while ago.
    pub(super) fn check(&self, component: &Component) -> Result<(), CompileError> {
        let hits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let hit = hits.get(component.digest());
        let left = hit.map(|hit| (hit, hit.until.saturating_duration_since(Instant::now())));
        match left {
            Some((hit, left)) if !left.is_zero() => Err(CompileError::BackedOff {
                reason: hit.reason.clone(),
                wait: Duration::from_secs(left.as_secs() + 1),
            }),
            _ => Ok(()),
        }
    }

    /// Notes that a component hit a limit.
    pub(super) fn note(&self, component: &Component, error: &CompileError) {
        let now = Instant::now();
        let mut hits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hits.retain(|_, hit| now.saturating_duration_since(hit.until) < LONGEST);
        let times = hits.get(component.digest()).map_or(0, |hit| hit.times);
        let hit = Hit {
            reason: error.to_string(),
            times: times.saturating_add(1),
            until: now + wait(times),
        };
        hits.insert(component.digest().to_owned(), hit);
    }
}

/// How long, after this many times before.
fn wait(times: u32) -> Duration {
    FIRST
        .saturating_mul(2_u32.saturating_pow(times))
        .min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::{Backoff, CompileError, Component, Duration, wait};

    #[test]
    fn what_hit_a_limit_is_refused_and_other_bytes_are_not() {
        let backoff = Backoff::default();
        let (one, other) = (Component::new(b"1".to_vec()), Component::new(b"2".to_vec()));
        backoff.check(&one).expect("nothing is known");
        backoff.note(&one, &CompileError::Killed);
        let error = backoff.check(&one).expect_err("it is known");
        let said = error.to_string();
        assert!(
            said.starts_with(&CompileError::Killed.to_string()),
            "{said}"
        );
        assert!(
            said.ends_with("not compiled again within the next 60s"),
            "{said}"
        );
        backoff.check(&other).expect("nothing is known");
    }

    #[test]
    fn each_time_is_longer_up_to_an_hour() {
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        assert_eq!([0, 1, 2].map(wait), [1, 2, 4].map(minutes));
        assert_eq!(wait(6), minutes(60));
        assert_eq!(wait(u32::MAX), minutes(60));
    }
}
