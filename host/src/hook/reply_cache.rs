//! The reply cache: Okta may repeat a call, and is answered the same.
//!
//! Okta repeats a call at most once, with the same `eventId`, when it had no answer
//! in time. A repeat gets the first one's answer, to the byte, and no policy runs
//! again; one that comes while the first is still being answered waits for that.
//! What makes two calls one is hook, `eventId`, `requestType` and `data`: not the
//! body, because `eventTime` changes, and not the id alone, because previews and
//! people at a command line use one id for different calls.
//!
//! A call that is being answered is answered to its end, even if its caller hangs
//! up: what it did is known then, and its repeat finds the answer.
//!
//! Source: Okta, *Inline hooks*, concepts, timeout and retry; *Hooks best
//! practices*, duplicate requests.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::Hook;
use crate::okta::{Answer, Call};

/// How many answers are kept, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How long an answer is kept. With none, calls are not compared at all.
    #[serde(with = "humantime_serde")]
    pub keep: Duration,
    /// How many are kept.
    pub answers: usize,
    /// How many bytes they have together, and what keeping each takes.
    pub bytes: bytesize::ByteSize,
}

/// What keeping an answer takes besides the answer itself, about, in bytes.
const OVERHEAD: usize = 256;

/// Answers that were given lately. Clones share them.
#[derive(Debug, Clone)]
pub struct ReplyCache(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: Config,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    calls: HashMap<Key, Reply>,
    /// Those that are answered, the oldest first.
    answered: VecDeque<(Instant, Key)>,
    bytes: usize,
}

#[derive(Debug)]
enum Reply {
    /// With how to tell those who wait for it, once somebody does.
    Underway(Option<watch::Sender<Option<Answer>>>),
    Given(Answer),
}

/// What two calls must have in common to be one. Holds nothing that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key([u8; 32]);

impl Key {
    /// The key of a call; `None` if Okta does not repeat such a call.
    #[must_use]
    pub fn of(hook: &Hook, call: &Call) -> Option<Self> {
        if !hook.hook_type.is_repeated() {
            return None;
        }
        let mut hash = Sha256::new();
        let event_id = call.event_id()?;
        // With a length and a mark, so that no two parts run together.
        for part in [Some(&*hook.name), Some(&**event_id), call.request_type()] {
            hash.update([u8::from(part.is_some())]);
            let part = part.unwrap_or_default();
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
        hash.update(call.data());
        Some(Self(hash.finalize().into()))
    }
}

/// An answer, and whether it was given before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The answer.
    pub answer: Answer,
    /// To this call, or to the one that it repeats.
    pub repeated: bool,
}

impl ReplyCache {
    /// An empty cache.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let kept = Mutex::default();
        Self(Arc::new(Inner { config, kept }))
    }

    /// Answers a call, unless it repeats one that was answered or is being answered:
    /// then its answer is that one's. Once begun, answering goes on to its end,
    /// whether or not anybody waits for it.
    ///
    /// # Errors
    ///
    /// Those of `answer`. They are not kept.
    pub async fn once<F, E>(&self, key: Option<Key>, answer: F) -> Result<Given, E>
    where
        F: Future<Output = Result<Answer, E>> + Send + 'static,
        E: Send + 'static,
    {
        let Some(key) = key.filter(|_| !self.0.config.keep.is_zero()) else {
            return first(ToItsEnd::new(answer).await);
        };
        let mine = loop {
            let mut underway = match self.lookup(key) {
                Found::Nothing(mine) => break mine,
                Found::Given(answer) => return Ok(again(answer)),
                Found::Underway(underway) => underway,
            };
            // That one may have come to no answer; then this one is the first.
            if let Ok(given) = underway.wait_for(Option::is_some).await
                && let Some(answer) = given.clone()
            {
                return Ok(again(answer));
            }
        };
        let answer = ToItsEnd::new(async move {
            let answered = answer.await;
            if let Ok(answer) = &answered {
                mine.give(answer.clone());
            }
            answered
        });
        first(answer.await)
    }

    fn lookup(&self, key: Key) -> Found {
        let mut kept = self.kept();
        kept.forget_until(Instant::now());
        match kept.calls.entry(key) {
            Entry::Occupied(mut reply) => match reply.get_mut() {
                Reply::Given(answer) => Found::Given(answer.clone()),
                Reply::Underway(tell) => {
                    let tell = tell.get_or_insert_with(|| watch::Sender::new(None));
                    Found::Underway(tell.subscribe())
                }
            },
            Entry::Vacant(free) => {
                free.insert(Reply::Underway(None));
                Found::Nothing(Mine {
                    cache: self.clone(),
                    key,
                    given: false,
                })
            }
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn first<E>(answered: Result<Answer, E>) -> Result<Given, E> {
    let repeated = false;
    answered.map(|answer| Given { answer, repeated })
}

fn again(answer: Answer) -> Given {
    let repeated = true;
    Given { answer, repeated }
}

enum Found {
    Nothing(Mine),
    Given(Answer),
    Underway(watch::Receiver<Option<Answer>>),
}

/// A call that is being answered. Where that comes to nothing, it is as if it had
/// never come.
struct Mine {
    cache: ReplyCache,
    key: Key,
    given: bool,
}

impl Mine {
    fn give(mut self, answer: Answer) {
        self.given = true;
        let Config {
            keep,
            answers,
            bytes,
        } = self.cache.0.config;
        let most = usize::try_from(bytes.as_u64()).unwrap_or(usize::MAX);
        let mut kept = self.cache.kept();
        kept.bytes += answer.body.len() + OVERHEAD;
        let underway = kept.calls.insert(self.key, Reply::Given(answer.clone()));
        kept.answered.push_back((Instant::now() + keep, self.key));
        while kept.answered.len() > answers || kept.bytes > most {
            kept.forget_oldest();
        }
        drop(kept);
        if let Some(Reply::Underway(Some(tell))) = underway {
            tell.send_replace(Some(answer));
        }
    }
}

impl Drop for Mine {
    fn drop(&mut self) {
        if self.given {
            return;
        }
        let mut kept = self.cache.kept();
        if let Some(Reply::Underway(_)) = kept.calls.get(&self.key) {
            kept.calls.remove(&self.key);
        }
    }
}

impl Kept {
    fn forget_until(&mut self, now: Instant) {
        while let Some((until, _)) = self.answered.front()
            && *until <= now
        {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let Some((_, key)) = self.answered.pop_front() else {
            return;
        };
        if let Some(Reply::Given(answer)) = self.calls.remove(&key) {
            self.bytes -= answer.body.len() + OVERHEAD;
        }
    }
}

/// A future that goes on by itself if it is dropped before its end.
struct ToItsEnd<T: Send + 'static>(Option<Pin<Box<dyn Future<Output = T> + Send>>>);

impl<T: Send + 'static> ToItsEnd<T> {
    fn new(future: impl Future<Output = T> + Send + 'static) -> Self {
        Self(Some(Box::pin(future)))
    }
}

impl<T: Send + 'static> Future for ToItsEnd<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        // While it is polled it is nobody's: one that panics does not go on.
        let mut future = self.0.take().expect("it is not polled after its end");
        let polled = future.as_mut().poll(context);
        if polled.is_pending() {
            self.0 = Some(future);
        }
        polled
    }
}

impl<T: Send + 'static> Drop for ToItsEnd<T> {
    fn drop(&mut self) {
        if let Some(future) = self.0.take()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(future);
        }
    }
}

#[cfg(test)]
mod tests;
