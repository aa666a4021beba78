//! Futures in place of evaluations.

use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::thread::ThreadId;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::{Full, Lane, Lanes, Left, Occupancy, Places, Priority, Waits, Whose};

type Evaluation<T> = Pin<Box<dyn Future<Output = T> + Send>>;

fn lanes(evaluations: usize, slow: usize) -> Lanes {
    Lanes::start(Places::new(evaluations, slow), Priority::Normal).expect("threads")
}

fn in_an_hour() -> Instant {
    Instant::now() + Duration::from_secs(3600)
}

fn here() -> ThreadId {
    std::thread::current().id()
}

/// Yields as a guest does at the end of a slice.
async fn slice() {
    let mut ended = false;
    poll_fn(|context| {
        if std::mem::replace(&mut ended, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

async fn compute() {
    loop {
        slice().await;
    }
}

/// Runs it with places of its own.
async fn run<T: Send + 'static>(lanes: &Lanes, evaluation: Evaluation<T>) -> Result<T, Left> {
    let policy = Places::new(1, 1);
    lanes
        .run(&policy, in_an_hour(), &Waits::default(), evaluation)
        .await
        .0
}

#[tokio::test]
async fn what_ends_in_its_first_slice_never_leaves_its_thread() {
    let ran = run(&lanes(1, 1), Box::pin(async { here() })).await;
    assert_eq!(ran, Ok(here()));
}

#[tokio::test]
async fn what_computes_on_leaves_it() {
    let evaluation = async {
        let first = here();
        slice().await;
        (first, here())
    };
    let (first, then) = run(&lanes(1, 1), Box::pin(evaluation)).await.expect("done");
    assert_eq!(first, here());
    assert_ne!(then, here());
}

#[tokio::test]
async fn what_waits_stays_and_is_woken() {
    let (wake, woken) = oneshot::channel();
    let evaluation = async {
        woken.await.expect("a word");
        here()
    };
    let lanes = lanes(1, 0);
    let sooner = async {
        tokio::task::yield_now().await;
        wake.send(()).expect("somebody waits");
    };
    let (ran, ()) = tokio::join!(run(&lanes, Box::pin(evaluation)), sooner);
    assert_eq!(ran, Ok(here()));
}

#[tokio::test]
async fn what_computes_on_without_a_place_is_ended() {
    for (own, all, whose) in [(0, 1, Whose::Policy), (1, 0, Whose::Host)] {
        let lanes = lanes(1, all);
        let policy = Places::new(1, own);
        let (ran, _) = lanes
            .run(
                &policy,
                in_an_hour(),
                &Waits::default(),
                Box::pin(compute()),
            )
            .await;
        assert_eq!(ran, Err(Left::Full(Full { whose, limit: 0 })));
    }
}

#[tokio::test]
async fn the_answer_is_on_time_even_if_the_slow_lane_never_has_a_turn() {
    let lanes = lanes(64, 64);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (started, blocked) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(1)));
    for _ in 0..threads {
        let (started, blocked) = (Arc::clone(&started), Arc::clone(&blocked));
        lanes.slow.handle.spawn(async move {
            started.fetch_add(1, Ordering::Relaxed);
            while blocked.load(Ordering::Relaxed) == 1 {
                std::hint::spin_loop();
            }
        });
    }
    while started.load(Ordering::Relaxed) < threads {
        tokio::task::yield_now().await;
    }
    let deadline = Instant::now() + Duration::from_millis(20);
    let policy = Places::new(1, 1);
    let (ran, lane) = lanes
        .run(&policy, deadline, &Waits::default(), Box::pin(slice()))
        .await;
    assert_eq!((ran, lane), (Err(Left::Late), Lane::Slow));
    assert_eq!(
        lanes.occupancy().slow,
        1,
        "it has its place until it is gone"
    );
    blocked.store(0, Ordering::Relaxed);
    while lanes.occupancy().slow > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn one_that_nobody_waits_for_ends_and_frees_its_places() {
    let lanes = lanes(2, 2);
    let policy = Places::new(2, 2);
    for evaluation in [
        Box::pin(compute()) as Evaluation<()>,
        Box::pin(pending::<()>()),
    ] {
        let place = lanes.enter(&policy, in_an_hour()).await.expect("a place");
        let evaluation = Box::pin(async move {
            let _place = place;
            evaluation.await;
        });
        let counted = Waits::default();
        let ran = lanes.run(&policy, in_an_hour(), &counted, evaluation);
        let waited = tokio::time::timeout(Duration::from_millis(20), ran).await;
        assert!(waited.is_err(), "it has no end");
        let nothing = Occupancy {
            evaluations: 0,
            slow: 0,
            oldest: None,
        };
        while lanes.occupancy() != nothing {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn places_are_waited_for_until_the_deadline() {
    let lanes = lanes(1, 1);
    let soon = || Instant::now() + Duration::from_millis(5);
    let (one, other) = (Places::new(1, 1), Places::new(1, 1));
    let place = lanes.enter(&one, soon()).await.expect("a place");
    let full = |whose| Full { whose, limit: 1 };
    let own = lanes.enter(&one, soon()).await.expect_err("it has one");
    assert_eq!(own, full(Whose::Policy));
    let all = lanes.enter(&other, soon()).await.expect_err("all have one");
    assert_eq!(all, full(Whose::Host));
    drop(place);
    assert!(lanes.enter(&one, soon()).await.is_ok());
}

#[tokio::test]
async fn the_oldest_that_is_unfinished_is_known() {
    let lanes = lanes(1, 1);
    let policy = Places::new(1, 1);
    let counted = Waits::default();
    let forever = Box::pin(pending::<()>());
    let waits = lanes.run(&policy, in_an_hour(), &counted, forever);
    let mut waits = std::pin::pin!(waits);
    let begun = Instant::now();
    let first = tokio::time::timeout(Duration::ZERO, &mut waits).await;
    assert!(first.is_err());
    let oldest = lanes.occupancy().oldest.expect("one");
    assert!(oldest <= begun.elapsed());
}

/// In either lane, and also of one that is cut off while it waits.
#[tokio::test]
async fn what_an_evaluation_waits_is_told_apart_from_what_it_computes() {
    let lanes = lanes(4, 4);
    let policy = Places::new(4, 4);
    let wait = || tokio::time::sleep(Duration::from_millis(20));
    let least = Duration::from_millis(20);

    let counted = Waits::default();
    let evaluation = Box::pin(async move { wait().await });
    let ran = lanes.run(&policy, in_an_hour(), &counted, evaluation);
    assert_eq!(ran.await, (Ok(()), Lane::Front));
    assert!(counted.total() >= least);
    assert_eq!(counted.total(), counted.total(), "it has ended");

    let counted = Waits::default();
    let evaluation = Box::pin(async move {
        slice().await;
        wait().await;
    });
    let ran = lanes.run(&policy, in_an_hour(), &counted, evaluation);
    assert_eq!(ran.await, (Ok(()), Lane::Slow));
    assert!(counted.total() >= least);

    let counted = Waits::default();
    let ran = lanes.run(&policy, in_an_hour(), &counted, Box::pin(slice()));
    assert_eq!(ran.await.1, Lane::Slow);
    assert_eq!(counted.total(), Duration::ZERO);

    let counted = Waits::default();
    let forever = Box::pin(pending::<()>());
    let ran = lanes.run(&policy, in_an_hour(), &counted, forever);
    assert!(tokio::time::timeout(least, ran).await.is_err());
    assert!(counted.total() >= least);
}
