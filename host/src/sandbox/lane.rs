//! Lanes: where an evaluation runs.
//!
//! On the *front*, the thread of its call, every evaluation begins, and gets one
//! slice of fuel: an ordinary decision is made in it, without leaving the thread.
//! One that is still computing then goes on in the *slow lane*, on threads that run
//! only when nobody else wants the processor, so that a policy that computes for
//! long takes nothing from other calls. One that waits in a host call uses no
//! processor, and stays on the front.
//!
//! How many evaluations there are is bounded, for each policy and in all, and so is
//! how many are in the slow lane. A place belongs to the evaluation: it is free
//! again when nothing of the evaluation runs any more, and not when somebody ceases
//! to wait for it.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;

use super::deadline::bounded;
use super::engine::Priority;
use super::idle;
use super::limits::Limits;

/// Places for evaluations: of all policies together, or of one.
#[derive(Debug, Clone)]
pub struct Places {
    evaluations: Arc<Semaphore>,
    slow: Arc<Semaphore>,
    evaluations_limit: usize,
    slow_limit: usize,
}

impl Places {
    pub(super) fn new(evaluations: usize, slow: usize) -> Self {
        Self {
            evaluations: Arc::new(Semaphore::new(evaluations)),
            slow: Arc::new(Semaphore::new(slow)),
            evaluations_limit: evaluations,
            slow_limit: slow,
        }
    }

    /// Places for the evaluations of one policy.
    #[must_use]
    pub fn of_policy(limits: &Limits) -> Self {
        Self::new(limits.evaluations, limits.slow)
    }
}

/// Whose places are all taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The policy's, by other evaluations of its own.
    Policy,
    /// The host's.
    Host,
}

/// There is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full {
    /// Whose.
    pub whose: Whose,
    /// How many there are.
    pub limit: usize,
}

/// Why an evaluation did not come to its end here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// Its deadline came.
    Late,
    /// It computed on, and there was no place in the slow lane.
    Full(Full),
}

/// Where an evaluation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// On the thread of its call.
    Front,
    /// On one of the slow lane's.
    Slow,
}

/// A place that an evaluation has.
pub(super) type Place = (OwnedSemaphorePermit, OwnedSemaphorePermit);

/// Both lanes.
pub(super) struct Lanes {
    places: Places,
    slow: SlowLane,
    unfinished: Arc<Unfinished>,
}

/// How busy the lanes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occupancy {
    /// Evaluations that run or wait in a host call.
    pub evaluations: usize,
    /// Those of them that are in the slow lane.
    pub slow: usize,
    /// For how long the oldest has been running; nothing that ends in its first
    /// slice is counted.
    pub oldest: Option<Duration>,
}

impl Lanes {
    /// Starts the slow lane's threads.
    pub(super) fn start(places: Places, priority: Priority) -> io::Result<Self> {
        Ok(Self {
            places,
            slow: SlowLane::start(priority)?,
            unfinished: Arc::default(),
        })
    }

    /// Waits for a place until the deadline.
    pub(super) async fn enter(&self, policy: &Places, deadline: Instant) -> Result<Place, Full> {
        let own = wait(policy, Whose::Policy, deadline).await?;
        let all = wait(&self.places, Whose::Host, deadline).await?;
        Ok((own, all))
    }

    /// Runs an evaluation to its end, but waits for it only until the deadline.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        policy: &Places,
        deadline: Instant,
        waits: &Waits,
        mut evaluation: Pin<Box<dyn Future<Output = T> + Send>>,
    ) -> (Result<T, Left>, Lane) {
        let mut unfinished = None;
        let first = poll_fn(|context| match waits.turn(evaluation.as_mut(), context) {
            Turn::Waits => {
                unfinished.get_or_insert_with(|| self.unfinished.note());
                Poll::Pending
            }
            Turn::Done(output) => Poll::Ready(Some(output)),
            Turn::Computes => Poll::Ready(None),
        });
        // Whoever waits looks at the clock, too: see `bounded`.
        if let Some(output) = first.await {
            return (Ok(output), Lane::Front);
        }
        let place = slow_place(policy, Whose::Policy)
            .and_then(|own| Ok((own, slow_place(&self.places, Whose::Host)?)));
        let place = match place {
            Ok(place) => place,
            Err(full) => return (Err(Left::Full(full)), Lane::Front),
        };
        let unfinished = unfinished.unwrap_or_else(|| self.unfinished.note());
        let waits = waits.clone();
        let mut rest = Rest(self.slow.handle.spawn(async move {
            let _held = (place, unfinished);
            waits.finish(evaluation).await
        }));
        let ran = match bounded(deadline, &mut rest.0).await {
            Err(_) => Err(Left::Late),
            Ok(Ok(output)) => Ok(output),
            Ok(Err(ended)) => match ended.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // Only when the host stops.
                Err(_) => Err(Left::Late),
            },
        };
        (ran, Lane::Slow)
    }

    pub(super) fn occupancy(&self) -> Occupancy {
        let Places {
            evaluations,
            slow,
            evaluations_limit,
            slow_limit,
        } = &self.places;
        Occupancy {
            evaluations: evaluations_limit.saturating_sub(evaluations.available_permits()),
            slow: slow_limit.saturating_sub(slow.available_permits()),
            oldest: self.unfinished.oldest(),
        }
    }
}

async fn wait(
    places: &Places,
    whose: Whose,
    deadline: Instant,
) -> Result<OwnedSemaphorePermit, Full> {
    // Mostly there is one, and nothing to wait for.
    if let Ok(place) = Arc::clone(&places.evaluations).try_acquire_owned() {
        return Ok(place);
    }
    let place = Arc::clone(&places.evaluations).acquire_owned();
    let limit = places.evaluations_limit;
    let place = bounded(deadline, place).await;
    let place = place.map_err(|_| Full { whose, limit })?;
    Ok(place.expect("the semaphore is never closed"))
}

fn slow_place(places: &Places, whose: Whose) -> Result<OwnedSemaphorePermit, Full> {
    let limit = places.slow_limit;
    let place = Arc::clone(&places.slow).try_acquire_owned();
    place.map_err(|_| Full { whose, limit })
}

/// What came of polling an evaluation once.
enum Turn<T> {
    Done(T),
    /// It is at the end of a slice and wants to go on.
    Computes,
    /// Something will wake it.
    Waits,
}

/// How long an evaluation has waited in host calls, wherever it runs. Clones count
/// together.
#[derive(Debug, Clone, Default)]
pub(super) struct Waits(Arc<Mutex<Waited>>);

#[derive(Debug, Default)]
struct Waited {
    total: Duration,
    since: Option<Instant>,
}

impl Waits {
    /// What it comes to, a wait that has not ended included.
    pub(super) fn total(&self) -> Duration {
        let waited = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let open = waited.since.map_or(Duration::ZERO, |since| since.elapsed());
        waited.total + open
    }

    /// [`turn`], with what it waits counted.
    fn turn<T>(
        &self,
        evaluation: Pin<&mut (dyn Future<Output = T> + Send)>,
        context: &mut Context<'_>,
    ) -> Turn<T> {
        let mut waited = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(since) = waited.since.take() {
            waited.total += since.elapsed();
        }
        drop(waited);
        let turn = turn(evaluation, context);
        if matches!(turn, Turn::Waits) {
            let mut waited = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            waited.since = Some(Instant::now());
        }
        turn
    }

    /// Runs an evaluation to its end.
    async fn finish<T>(self, mut evaluation: Pin<Box<dyn Future<Output = T> + Send>>) -> T {
        poll_fn(|context| match self.turn(evaluation.as_mut(), context) {
            Turn::Done(output) => Poll::Ready(output),
            Turn::Waits => Poll::Pending,
            Turn::Computes => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
        })
        .await
    }
}

/// Polls an evaluation. One that computes wakes itself before it yields; one that
/// waits does not.
fn turn<T>(
    evaluation: Pin<&mut (dyn Future<Output = T> + Send)>,
    context: &mut Context<'_>,
) -> Turn<T> {
    let probe = Arc::new(Probe {
        task: context.waker().clone(),
        thread: std::thread::current().id(),
        polling: AtomicBool::new(true),
        woken: AtomicBool::new(false),
    });
    let waker = Waker::from(Arc::clone(&probe));
    let polled = evaluation.poll(&mut Context::from_waker(&waker));
    probe.polling.store(false, Ordering::Relaxed);
    match polled {
        Poll::Ready(output) => Turn::Done(output),
        Poll::Pending if probe.woken.load(Ordering::Relaxed) => Turn::Computes,
        Poll::Pending => Turn::Waits,
    }
}

/// Finds out whether an evaluation wakes itself while it is polled, and wakes its
/// task otherwise.
struct Probe {
    task: Waker,
    /// Whatever happens elsewhere while it is polled is not its own doing.
    thread: ThreadId,
    polling: AtomicBool,
    woken: AtomicBool,
}

impl Wake for Probe {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let polling = self.polling.load(Ordering::Relaxed);
        if polling && std::thread::current().id() == self.thread {
            self.woken.store(true, Ordering::Relaxed);
        } else {
            self.task.wake_by_ref();
        }
    }
}

/// What goes on in the slow lane; it ends when nobody waits for it any more.
struct Rest<T>(JoinHandle<T>);

impl<T> Drop for Rest<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The slow lane's threads.
struct SlowLane {
    handle: Handle,
    runtime: Option<Runtime>,
}

impl SlowLane {
    fn start(priority: Priority) -> io::Result<Self> {
        // As many as there are cores: each shares its turns among its evaluations.
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let runtime = Builder::new_multi_thread()
            .worker_threads(cores)
            .max_blocking_threads(1)
            .thread_name("slow-lane")
            .on_thread_start(move || match priority {
                Priority::Idle => idle::stand_back(),
                Priority::Normal => {}
            })
            // For those that wait after they have computed.
            .enable_time()
            .build()?;
        Ok(Self {
            handle: runtime.handle().clone(),
            runtime: Some(runtime),
        })
    }
}

impl Drop for SlowLane {
    fn drop(&mut self) {
        // Whoever drops the last handle may not wait.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Evaluations that did not end in their first slice, and since when they run.
#[derive(Debug, Default)]
struct Unfinished {
    next: AtomicU64,
    since: Mutex<BTreeMap<u64, Instant>>,
}

/// One of them, while it lives.
struct Noted {
    id: u64,
    of: Arc<Unfinished>,
}

impl Unfinished {
    fn note(self: &Arc<Self>) -> Noted {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        since.insert(id, Instant::now());
        Noted {
            id,
            of: Arc::clone(self),
        }
    }

    /// Ids are given in the order of time.
    fn oldest(&self) -> Option<Duration> {
        let since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        since.first_key_value().map(|(_, since)| since.elapsed())
    }
}

impl Drop for Noted {
    fn drop(&mut self) {
        let since = self.of.since.lock();
        since
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.id);
    }
}

#[cfg(test)]
mod tests;
