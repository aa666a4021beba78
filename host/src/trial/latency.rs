//! Latency: how long one policy takes, one call after the other.

use std::time::{Duration, Instant};

use super::{Trial, Tried};
use crate::okta::{Call, Malformed};

/// How long evaluations took.
#[derive(Debug)]
pub struct Latency {
    /// Each of them, the shortest first.
    sorted: Vec<Duration>,
    /// What the last one came to.
    pub last: Tried,
}

impl Latency {
    /// How many there were.
    #[must_use]
    pub fn count(&self) -> usize {
        self.sorted.len()
    }

    /// The time that this share of them, from 0 to 100, did not exceed.
    #[must_use]
    pub fn percentile(&self, percent: f64) -> Duration {
        let last = self.sorted.len().saturating_sub(1);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index within the list, of a share that is bounded"
        )]
        let index = (percent.clamp(0.0, 100.0) / 100.0 * last as f64).ceil() as usize;
        self.sorted.get(index).copied().unwrap_or_default()
    }
}

/// Asks the policy about the same call again and again for this long, and at least once.
///
/// # Errors
///
/// The call is not in the form of its hook type's calls.
pub async fn latency(trial: &Trial, call: &Call, long: Duration) -> Result<Latency, Malformed> {
    let until = Instant::now() + long;
    let mut sorted = Vec::new();
    let last = loop {
        let tried = trial.ask(call).await?;
        sorted.push(tried.time);
        if Instant::now() >= until {
            break tried;
        }
    };
    sorted.sort_unstable();
    Ok(Latency { sorted, last })
}
