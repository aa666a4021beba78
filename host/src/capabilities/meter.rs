//! The meter: what the host calls of one evaluation cost, all capabilities
//! together.
//!
//! A guest's fuel pays for what the guest computes. What the host does for it is
//! bounded here, by the number of calls and by the bytes that pass, and a guest
//! that makes many calls in a row gives its turn away as one does that computes.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::task::Poll;

/// After so many host calls an evaluation yields. That many of the cheapest take
/// about as long as a slice of fuel.
const YIELD_AFTER: u32 = 128;

/// Likewise for the bytes that pass: they are copied, and some are made.
const YIELD_AFTER_BYTES: u64 = 16 * 1024;

/// The meter of one evaluation. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Meter(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limits: Allowance,
    calls: AtomicU32,
    bytes: AtomicU64,
    /// Calls and bytes at the time of the last yield.
    yielded: (AtomicU32, AtomicU64),
}

/// What the host calls of one evaluation may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// How many there may be.
    pub calls: u32,
    /// How many bytes may pass, in both directions together.
    pub bytes: u64,
}

/// The evaluation cost the host too much; it is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Overdrawn {
    /// In host calls.
    #[error("made more than {limit} host calls")]
    Calls {
        /// The limit.
        limit: u32,
    },
    /// In bytes.
    #[error("passed {used} bytes through host calls, more than its {limit}")]
    Bytes {
        /// The limit.
        limit: u64,
        /// What would have passed.
        used: u64,
    },
}

impl Meter {
    /// A meter that stands at nothing.
    #[must_use]
    pub fn new(limits: Allowance) -> Self {
        Self(Arc::new(Inner {
            limits,
            calls: AtomicU32::new(0),
            bytes: AtomicU64::new(0),
            yielded: (AtomicU32::new(0), AtomicU64::new(0)),
        }))
    }

    /// Counts a host call. Whoever counts sees to it that [`settle`](Self::settle)
    /// comes after.
    pub fn count(&self) {
        self.0.calls.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts bytes that pass in a host call, likewise.
    pub fn pass(&self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.0.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Whether anything was counted that is too much, or after which the evaluation
    /// is to yield.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.turn_is_over() || self.overdrawn().is_some()
    }

    /// Calls and bytes so far.
    fn counted(&self) -> (u32, u64) {
        let Inner { calls, bytes, .. } = &*self.0;
        (calls.load(Ordering::Relaxed), bytes.load(Ordering::Relaxed))
    }

    fn turn_is_over(&self) -> bool {
        let (calls, bytes) = self.counted();
        let yielded = &self.0.yielded;
        calls - yielded.0.load(Ordering::Relaxed) >= YIELD_AFTER
            || bytes - yielded.1.load(Ordering::Relaxed) >= YIELD_AFTER_BYTES
    }

    fn overdrawn(&self) -> Option<Overdrawn> {
        let (calls, used) = self.counted();
        let Allowance {
            calls: limit,
            bytes,
        } = self.0.limits;
        if calls > limit {
            return Some(Overdrawn::Calls { limit });
        }
        let limit = bytes;
        (used > limit).then_some(Overdrawn::Bytes { limit, used })
    }

    /// Lets others have a turn if this evaluation made many calls since it last did.
    ///
    /// # Errors
    ///
    /// See [`Overdrawn`].
    pub async fn settle(&self) -> Result<(), Overdrawn> {
        if let Some(overdrawn) = self.overdrawn() {
            return Err(overdrawn);
        }
        if self.turn_is_over() {
            let (calls, bytes) = self.counted();
            self.0.yielded.0.store(calls, Ordering::Relaxed);
            self.0.yielded.1.store(bytes, Ordering::Relaxed);
            yield_now().await;
        }
        Ok(())
    }

    /// One host call that passes this many bytes, from counting to settling.
    ///
    /// # Errors
    ///
    /// See [`Overdrawn`].
    pub async fn charge(&self, bytes: usize) -> Result<(), Overdrawn> {
        self.count();
        self.pass(bytes);
        self.settle().await
    }
}

/// Yields as a guest does at the end of a slice: awake, so that whoever polls sees
/// that it computes and does not wait. (A runtime's own yield wakes later.)
async fn yield_now() {
    let mut yielded = false;
    poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[cfg(test)]
mod tests {
    use std::future::Future as _;
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::{Allowance, Meter, Overdrawn, YIELD_AFTER};

    fn meter(calls: u32, bytes: u64) -> Meter {
        Meter::new(Allowance { calls, bytes })
    }

    #[tokio::test]
    async fn calls_and_bytes_are_allowed_up_to_their_limits() {
        let meter = meter(2, 10);
        assert_eq!(meter.charge(10).await, Ok(()));
        let (limit, used) = (10, 11);
        assert_eq!(meter.charge(1).await, Err(Overdrawn::Bytes { limit, used }));
        assert_eq!(meter.charge(0).await, Err(Overdrawn::Calls { limit: 2 }));
    }

    #[test]
    fn many_calls_in_a_row_end_a_turn() {
        let meter = meter(u32::MAX, 0);
        let mut context = Context::from_waker(Waker::noop());
        let mut turn = || pin!(meter.charge(0)).poll(&mut context).is_ready();
        for _ in 1..YIELD_AFTER {
            assert!(turn());
        }
        assert!(!turn(), "the others had none");
        assert!(turn(), "it counts anew");
    }

    #[test]
    fn many_bytes_end_a_turn() {
        let meter = meter(u32::MAX, u64::MAX);
        let mut context = Context::from_waker(Waker::noop());
        let mut turn = |bytes| pin!(meter.charge(bytes)).poll(&mut context).is_ready();
        assert!(turn(10_000));
        assert!(!turn(10_000), "the others had none");
        assert!(turn(10_000), "it counts anew");
    }
}
