//! The deadline of an evaluation.
//!
//! A guest that computes yields after each slice of fuel, and the clock is
//! looked at then. A guest that waits is woken by a timer. Either way the future
//! is dropped at the deadline, and with it the guest's stack.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Instant;

/// The evaluation took too long.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Exceeded;

/// Runs `future` until it is done or the deadline has come.
pub(super) async fn bounded<F: Future>(
    deadline: Instant,
    future: F,
) -> Result<F::Output, Exceeded> {
    let mut future = pin!(future);
    let mut alarm = pin!(tokio::time::sleep_until(deadline.into()));
    poll_fn(|context| {
        if Instant::now() >= deadline {
            return Poll::Ready(Err(Exceeded));
        }
        if let Poll::Ready(output) = future.as_mut().poll(context) {
            let late = Instant::now() >= deadline;
            return Poll::Ready(if late { Err(Exceeded) } else { Ok(output) });
        }
        alarm.as_mut().poll(context).map(|()| Err(Exceeded))
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Exceeded, bounded};

    #[tokio::test]
    async fn what_is_done_in_time_is_returned() {
        let deadline = Instant::now() + Duration::from_secs(3600);
        assert_eq!(bounded(deadline, async { 7 }).await, Ok(7));
    }

    #[tokio::test]
    async fn what_is_done_too_late_is_not() {
        let deadline = Instant::now() + Duration::from_millis(5);
        let late = async {
            while Instant::now() <= deadline {
                std::hint::spin_loop();
            }
        };
        assert_eq!(bounded(deadline, late).await, Err(Exceeded));
    }

    #[tokio::test]
    async fn one_that_waits_is_cut_off() {
        let deadline = Instant::now() + Duration::from_millis(5);
        assert_eq!(
            bounded(deadline, std::future::pending::<()>()).await,
            Err(Exceeded)
        );
    }

    #[tokio::test]
    async fn one_that_yields_for_ever_is_cut_off() {
        let deadline = Instant::now() + Duration::from_millis(5);
        let spin = async {
            loop {
                tokio::task::yield_now().await;
            }
        };
        assert_eq!(bounded::<_>(deadline, spin).await, Err::<(), _>(Exceeded));
    }
}
