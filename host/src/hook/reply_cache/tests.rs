//! Futures in place of calls.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;

use super::{Answer, Config, Given, Key, OVERHEAD, ReplyCache};

fn cache(keep: Duration, answers: usize, bytes: usize) -> ReplyCache {
    let bytes = bytesize::ByteSize::b(bytes as u64);
    ReplyCache::new(Config {
        keep,
        answers,
        bytes,
    })
}

const HOUR: Duration = Duration::from_secs(3600);

fn ample() -> ReplyCache {
    cache(HOUR, 1_000, 1 << 20)
}

fn key(number: u8) -> Option<Key> {
    Some(Key([number; 32]))
}

fn answer(body: &str) -> Answer {
    let body = Bytes::copy_from_slice(body.as_bytes());
    Answer { status: 200, body }
}

fn given(body: &str, repeated: bool) -> Result<Given, ()> {
    let answer = answer(body);
    Ok(Given { answer, repeated })
}

async fn ask(cache: &ReplyCache, key: Option<Key>, body: &'static str) -> Result<Given, ()> {
    cache.once(key, async { Ok(answer(body)) }).await
}

#[tokio::test]
async fn a_repeat_gets_the_first_answer_and_another_call_its_own() {
    let cache = ample();
    assert_eq!(ask(&cache, key(1), "first").await, given("first", false));
    assert_eq!(ask(&cache, key(1), "again").await, given("first", true));
    assert_eq!(ask(&cache, key(2), "other").await, given("other", false));
    assert_eq!(ask(&cache, None, "a").await, given("a", false));
    assert_eq!(ask(&cache, None, "b").await, given("b", false));
}

#[tokio::test]
async fn an_answer_is_forgotten_after_its_time() {
    let none = cache(Duration::ZERO, 1_000, 1 << 20);
    let short = cache(Duration::from_nanos(1), 1_000, 1 << 20);
    for cache in [none, short] {
        assert_eq!(ask(&cache, key(1), "first").await, given("first", false));
        assert_eq!(ask(&cache, key(1), "again").await, given("again", false));
    }
}

#[tokio::test]
async fn a_repeat_waits_for_a_first_that_is_underway() {
    let cache = ample();
    let (finish, finished) = oneshot::channel();
    let first = cache.once(key(1), async { finished.await.map_err(drop) });
    let repeat = async {
        let repeat = ask(&cache, key(1), "again");
        let finish = async {
            tokio::task::yield_now().await;
            finish.send(answer("first")).expect("somebody waits");
        };
        tokio::join!(repeat, finish).0
    };
    let (first, repeat) = tokio::join!(first, repeat);
    assert_eq!(first, given("first", false));
    assert_eq!(repeat, given("first", true));
}

#[tokio::test]
async fn where_the_first_comes_to_nothing_the_repeat_is_the_first() {
    let cache = ample();
    let refused = cache.once(key(1), async { Err("refused") });
    assert_eq!(refused.await, Err("refused"));
    assert_eq!(ask(&cache, key(1), "again").await, given("again", false));

    let (finish, finished) = oneshot::channel::<()>();
    let panics = {
        let cache = cache.clone();
        tokio::spawn(async move {
            let panic = async {
                let _ = finished.await;
                panic!("for a test")
            };
            cache.once::<_, ()>(key(2), panic).await
        })
    };
    tokio::task::yield_now().await;
    assert_eq!(cache.kept().calls.len(), 2, "it is underway");
    let repeat = async {
        let repeat = ask(&cache, key(2), "again");
        let (repeat, ()) = tokio::join!(repeat, async { drop(finish) });
        repeat
    };
    let (panicked, repeat) = tokio::join!(panics, repeat);
    assert!(panicked.is_err());
    assert_eq!(repeat, given("again", false));
}

#[tokio::test]
async fn a_call_whose_caller_hangs_up_is_answered_once_all_the_same() {
    let cache = ample();
    let (finish, finished) = oneshot::channel();
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let first = cache.once(key(1), async move {
        counted.fetch_add(1, Ordering::Relaxed);
        finished.await.map_err(drop)
    });
    let hung_up = tokio::time::timeout(Duration::ZERO, first).await;
    assert!(hung_up.is_err(), "it is not finished");
    finish.send(answer("first")).expect("it goes on");
    assert_eq!(ask(&cache, key(1), "again").await, given("first", true));
    assert_eq!(runs.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn the_oldest_answers_give_way_to_new_ones() {
    let by_number = cache(HOUR, 2, 1 << 20);
    let by_size = cache(HOUR, 1_000, 2 * (OVERHEAD + 1));
    for cache in [by_number, by_size] {
        for number in 1..4 {
            assert_eq!(ask(&cache, key(number), "x").await, given("x", false));
        }
        assert_eq!(ask(&cache, key(3), "y").await, given("x", true));
        assert_eq!(ask(&cache, key(2), "y").await, given("x", true));
        assert_eq!(ask(&cache, key(1), "y").await, given("y", false));
        let kept = cache.kept();
        assert_eq!((kept.calls.len(), kept.answered.len()), (2, 2));
        assert_eq!(kept.bytes, 2 * (OVERHEAD + 1));
    }
}

#[tokio::test]
async fn nothing_is_left_of_calls_that_never_end() {
    let cache = ample();
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime");
    let never = {
        let cache = cache.clone();
        async move { cache.once::<_, ()>(key(1), pending()).await }
    };
    let never = runtime.spawn(never);
    tokio::task::spawn_blocking(move || {
        runtime.block_on(tokio::task::yield_now());
        drop(runtime);
    })
    .await
    .expect("an end");
    assert!(never.await.is_err());
    assert!(cache.kept().calls.is_empty());
}
