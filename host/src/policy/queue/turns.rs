//! Turns: only so many at once, and the next is for the policy that has had least.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::policy::PolicyName;

/// A place to wait for a turn. Clones share it.
#[derive(Clone)]
pub(super) struct Turns(Arc<Mutex<Inner>>);

struct Inner {
    at_once: usize,
    free: usize,
    arrived: u64,
    /// By the time that they had, and then by when they came.
    waiting: BTreeMap<(Duration, u64), oneshot::Sender<()>>,
    /// How long each has had a turn, since nobody last wanted one.
    spent: BTreeMap<PolicyName, Duration>,
}

/// A turn, until it is dropped; so is one that is waited for.
pub(in crate::policy) struct Turn {
    turns: Turns,
    name: PolicyName,
    call: oneshot::Receiver<()>,
    since: Option<Instant>,
}

impl Turns {
    pub(super) fn new(at_once: usize) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            at_once,
            free: at_once,
            arrived: 0,
            waiting: BTreeMap::new(),
            spent: BTreeMap::new(),
        })))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn.
    pub(super) async fn next(&self, name: &PolicyName) -> Turn {
        let mut turn = self.queue(name);
        // The sender is never dropped: it waits for as long as this does.
        let _ = (&mut turn.call).await;
        turn.since = Some(Instant::now());
        turn
    }

    fn queue(&self, name: &PolicyName) -> Turn {
        let (sender, call) = oneshot::channel();
        let mut inner = self.lock();
        inner.arrived += 1;
        let spent = inner.spent.get(name).copied().unwrap_or_default();
        let place = (spent, inner.arrived);
        inner.waiting.insert(place, sender);
        inner.call();
        Turn {
            turns: self.clone(),
            name: name.clone(),
            call,
            since: None,
        }
    }
}

impl Inner {
    /// Calls whoever is next.
    fn call(&mut self) {
        while self.free > 0
            && let Some((_, next)) = self.waiting.pop_first()
        {
            // Some do not wait any more.
            if next.send(()).is_ok() {
                self.free -= 1;
            }
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // One that was called and has not noticed has a turn all the same.
        self.call.close();
        if self.since.is_none() && self.call.try_recv().is_err() {
            return;
        }
        let mut inner = self.turns.lock();
        let had = self.since.map_or(Duration::ZERO, |since| since.elapsed());
        *inner.spent.entry(self.name.clone()).or_default() += had;
        inner.free += 1;
        inner.call();
        if inner.free == inner.at_once {
            inner.spent.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PolicyName, Turn, Turns};

    fn name(name: &str) -> PolicyName {
        PolicyName::new(name).expect("a name")
    }

    fn is_called(turn: &mut Turn) -> bool {
        turn.call.try_recv().is_ok() && turn.since.replace(std::time::Instant::now()).is_none()
    }

    #[tokio::test]
    async fn who_has_had_least_is_next() {
        let turns = Turns::new(1);
        let turn = turns.next(&name("greedy")).await;
        let mut honest = turns.queue(&name("first"));
        let mut greedy = turns.queue(&name("greedy"));
        drop(turn);
        assert!(is_called(&mut honest), "it came first");
        // From now on the greedy one has had some time, and newcomers have not.
        let mut again = turns.queue(&name("greedy"));
        let mut newcomer = turns.queue(&name("newcomer"));
        drop(honest);
        assert!(is_called(&mut greedy), "it came before it had had a turn");
        drop(greedy);
        assert!(is_called(&mut newcomer) && !is_called(&mut again));
        drop(newcomer);
        assert!(is_called(&mut again));
    }

    #[tokio::test]
    async fn turns_are_as_many_as_there_are_and_none_is_lost() {
        let turns = Turns::new(2);
        let first = turns.next(&name("a")).await;
        let second = turns.next(&name("b")).await;
        let waits = turns.queue(&name("c"));
        let mut third = turns.queue(&name("d"));
        drop(waits);
        assert!(!is_called(&mut third), "there are two");
        drop(first);
        assert!(
            is_called(&mut third),
            "who does not wait any more is passed over"
        );
        let called = turns.queue(&name("e"));
        drop(second);
        // It was called, and never noticed.
        drop(called);
        drop(third);
        let inner = turns.lock();
        assert_eq!((inner.free, inner.waiting.len()), (2, 0));
        assert!(inner.spent.is_empty(), "nobody wants one");
    }
}
