//! What every store promises, asked of one: the same for all of them.
//!
//! Time is moved by hand. Each property has buckets of its own, so that a store need
//! not be empty.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use tokio::task::JoinSet;

use super::{
    Bucket, Clock, Current, Error, LIST_BYTES, LIST_KEYS, Limit, MANY_BYTES, MANY_KEYS, Quota,
    Store, Swap, Version,
};

/// Enough for everything that is not about quotas.
pub(crate) const ROOMY: Quota = Quota {
    keys: 1_000_000,
    key_bytes: 100_000,
    value_bytes: 1_000_000,
    bytes: 1 << 30,
    expire_after: None,
};

/// How many do something at the same time.
const CROWD: usize = 100;

/// Asks everything of a store. Opening it again is to find what was there.
pub(crate) async fn holds(open: impl Fn(Clock) -> Arc<dyn Store>) {
    let time = Time::default();
    let store = open(time.clock());
    a_value_is_there_until_it_is_deleted(&*store).await;
    any_key_but_the_empty_one_is_good(&*store).await;
    buckets_know_nothing_of_each_other(&*store).await;
    numbers_are_incremented_and_nothing_else(&*store).await;
    no_increment_is_lost(&store).await;
    a_swap_needs_the_key_as_it_was(&*store).await;
    of_a_crowd_that_swaps_one_succeeds(&store).await;
    no_swap_that_succeeded_is_lost(&store).await;
    many_are_done_in_order_and_at_once(&*store).await;
    one_operation_is_bounded(&*store).await;
    keys_are_listed_once_and_in_order(&*store).await;
    pages_are_bounded(&*store).await;
    each_quota_is_enforced(&*store).await;
    what_does_not_grow_needs_no_room(&*store).await;
    quotas_hold_for_every_kind_of_write(&*store).await;
    entries_expire_after_their_last_write(&*store, &time).await;
    counters_expire_after_their_first_write(&*store, &time).await;
    expiry_is_as_the_operator_says_now(&*store, &time).await;
    what_has_expired_takes_no_room(&*store, &time).await;
    what_has_expired_is_not_listed(&*store, &time).await;
    everything_is_there_after_opening_again(store, || open(time.clock())).await;
}

/// A clock that is moved by hand.
#[derive(Default)]
pub(crate) struct Time(Arc<AtomicU64>);

impl Time {
    pub(crate) fn clock(&self) -> Clock {
        let seconds = Arc::clone(&self.0);
        let start = Duration::from_secs(1_000_000_000);
        Arc::new(move || {
            let since = Duration::from_secs(seconds.load(Ordering::SeqCst));
            SystemTime::UNIX_EPOCH + start + since
        })
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

fn bucket<'a>(name: &'a str, quota: &'a Quota) -> Bucket<'a> {
    Bucket { name, quota }
}

fn roomy(name: &str) -> Bucket<'_> {
    bucket(name, &ROOMY)
}

fn key(key: &str) -> String {
    key.to_owned()
}

fn value(value: &str) -> Vec<u8> {
    value.as_bytes().to_vec()
}

fn exceeded<T>(what: Limit, limit: u64) -> Result<T, Error> {
    Err(Error::QuotaExceeded { what, limit })
}

/// Does something many times at once, and says what came of it.
async fn crowd<T, F>(store: &Arc<dyn Store>, act: impl Fn(Arc<dyn Store>, usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let mut acts = JoinSet::new();
    for number in 0..CROWD {
        acts.spawn(act(Arc::clone(store), number));
    }
    acts.join_all().await
}

async fn a_value_is_there_until_it_is_deleted(store: &dyn Store) {
    let own = roomy("values");
    assert_eq!(store.get(own, key("a")).await, Ok(None));
    assert_eq!(store.exists(own, key("a")).await, Ok(false));
    for text in ["one", "", "another, longer one"] {
        assert_eq!(store.set(own, key("a"), value(text)).await, Ok(()));
        assert_eq!(store.get(own, key("a")).await, Ok(Some(value(text))));
        assert_eq!(store.exists(own, key("a")).await, Ok(true));
    }
    let bytes: Vec<_> = (0..=255).collect();
    assert_eq!(store.set(own, key("b"), bytes.clone()).await, Ok(()));
    for _ in 0..2 {
        assert_eq!(store.delete(own, key("a")).await, Ok(()));
        assert_eq!(store.get(own, key("a")).await, Ok(None));
        assert_eq!(store.exists(own, key("a")).await, Ok(false));
    }
    assert_eq!(store.get(own, key("b")).await, Ok(Some(bytes)));
}

async fn any_key_but_the_empty_one_is_good(store: &dyn Store) {
    let own = roomy("odd keys");
    let long = "long ".repeat(1_000);
    let keys = [
        "\0", "a", "a\0", "a\0b", "A", "é", "e\u{301}", "%", "'; --", "日本", " ", &long,
    ];
    for odd in keys {
        assert_eq!(store.set(own, key(odd), value(odd)).await, Ok(()));
    }
    for odd in keys {
        assert_eq!(store.get(own, key(odd)).await, Ok(Some(value(odd))));
    }
    let mut listed = store.list(own, None).await.expect("a page").keys;
    let mut keys: Vec<_> = keys.iter().map(|odd| key(odd)).collect();
    keys.sort_unstable();
    listed.sort_unstable();
    assert_eq!(listed, keys);

    let version = Version(None);
    assert_eq!(store.get(own, key("")).await, Err(Error::BadKey));
    assert_eq!(store.exists(own, key("")).await, Err(Error::BadKey));
    assert_eq!(store.set(own, key(""), value("")).await, Err(Error::BadKey));
    assert_eq!(store.delete(own, key("")).await, Err(Error::BadKey));
    assert_eq!(store.increment(own, key(""), 1).await, Err(Error::BadKey));
    assert_eq!(store.current(own, key("")).await, Err(Error::BadKey));
    let swapped = store.swap(own, key(""), version, value("")).await;
    assert_eq!(swapped, Err(Error::BadKey));
    let keys = || vec![key("a"), key("")];
    let entries = vec![(key("b"), value("")), (key(""), value(""))];
    assert_eq!(store.get_many(own, keys()).await, Err(Error::BadKey));
    assert_eq!(store.set_many(own, entries).await, Err(Error::BadKey));
    assert_eq!(store.delete_many(own, keys()).await, Err(Error::BadKey));
    assert_eq!(store.exists(own, key("b")).await, Ok(false));
    assert_eq!(store.exists(own, key("a")).await, Ok(true));
}

async fn buckets_know_nothing_of_each_other(store: &dyn Store) {
    let (one, other) = (roomy("isolated"), roomy("isolated "));
    assert_eq!(store.set(one, key("k"), value("1")).await, Ok(()));
    assert_eq!(store.get(other, key("k")).await, Ok(None));
    assert_eq!(store.exists(other, key("k")).await, Ok(false));
    let keys = store.list(other, None).await.expect("a page").keys;
    assert_eq!(keys, Vec::<String>::new());
    let version = store.current(other, key("k")).await.expect("it is").version;
    assert_eq!(version, Version(None));
    let many = store.get_many(other, vec![key("k")]).await;
    assert_eq!(many, Ok(vec![(key("k"), None)]));
    assert_eq!(store.increment(other, key("k"), 5).await, Ok(5));
    assert_eq!(store.delete(other, key("k")).await, Ok(()));
    assert_eq!(store.delete_many(other, vec![key("k")]).await, Ok(()));
    assert_eq!(store.get(one, key("k")).await, Ok(Some(value("1"))));
}

async fn numbers_are_incremented_and_nothing_else(store: &dyn Store) {
    let own = roomy("numbers");
    assert_eq!(store.increment(own, key("n"), 3).await, Ok(3));
    assert_eq!(store.increment(own, key("n"), -10).await, Ok(-7));
    assert_eq!(store.get(own, key("n")).await, Ok(Some(value("-7"))));
    assert_eq!(store.set(own, key("n"), value("41")).await, Ok(()));
    assert_eq!(store.increment(own, key("n"), 1).await, Ok(42));
    assert_eq!(store.increment(own, key("new"), 0).await, Ok(0));
    assert_eq!(store.get(own, key("new")).await, Ok(Some(value("0"))));

    for text in ["", "x", "1.5", "99999999999999999999"] {
        assert_eq!(store.set(own, key("t"), value(text)).await, Ok(()));
        let sum = store.increment(own, key("t"), 1).await;
        assert_eq!(sum, Err(Error::NotANumber));
        assert_eq!(store.get(own, key("t")).await, Ok(Some(value(text))));
    }
    for (limit, step) in [(i64::MAX, 1), (i64::MIN, -1)] {
        assert_eq!(store.delete(own, key("n")).await, Ok(()));
        assert_eq!(store.increment(own, key("n"), limit).await, Ok(limit));
        let sum = store.increment(own, key("n"), step).await;
        assert_eq!(sum, Err(Error::Overflow));
        let kept = Some(limit.to_string().into_bytes());
        assert_eq!(store.get(own, key("n")).await, Ok(kept));
    }
}

async fn no_increment_is_lost(store: &Arc<dyn Store>) {
    let sums = crowd(store, |store, _| async move {
        store
            .increment(roomy("sum"), key("n"), 1)
            .await
            .expect("done")
    });
    let mut sums = sums.await;
    sums.sort_unstable();
    let crowd = i64::try_from(CROWD).expect("small");
    assert_eq!(sums, (1..=crowd).collect::<Vec<_>>());
}

async fn a_swap_needs_the_key_as_it_was(store: &dyn Store) {
    let own = roomy("swaps");
    let current = async || store.current(own, key("k")).await.expect("it is");
    let swap = async |version, new: &str| {
        let swapped = store.swap(own, key("k"), version, value(new)).await;
        swapped.expect("an answer")
    };
    let Current {
        value: none,
        version: absent,
    } = current().await;
    assert_eq!(none, None);
    assert_eq!(swap(absent, "1").await, Swap::Done);
    let Swap::Stale(now) = swap(absent, "2").await else {
        panic!("it has a value since");
    };
    assert_eq!(now, current().await);
    assert_eq!(now.value, Some(value("1")));

    // The version that came with the refusal is good.
    assert_eq!(swap(now.version, "2").await, Swap::Done);
    assert!(matches!(swap(now.version, "3").await, Swap::Stale(_)));

    // Every write counts, also one that changes nothing.
    let before = current().await;
    assert_eq!(store.set(own, key("k"), value("2")).await, Ok(()));
    assert!(matches!(swap(before.version, "3").await, Swap::Stale(_)));
    let before = current().await;
    assert_eq!(store.increment(own, key("k"), 0).await, Ok(2));
    assert!(matches!(swap(before.version, "3").await, Swap::Stale(_)));

    let before = current().await;
    assert_eq!(store.delete(own, key("k")).await, Ok(()));
    let gone = Current {
        value: None,
        version: absent,
    };
    assert_eq!(swap(before.version, "3").await, Swap::Stale(gone));
    assert_eq!(store.set(own, key("k"), value("2")).await, Ok(()));
    assert!(matches!(swap(before.version, "3").await, Swap::Stale(_)));
    assert_eq!(store.get(own, key("k")).await, Ok(Some(value("2"))));
}

async fn of_a_crowd_that_swaps_one_succeeds(store: &Arc<dyn Store>) {
    for round in 0..2 {
        let own = roomy("swapping crowd");
        let begin = store.current(own, key("k")).await.expect("it is");
        assert_eq!(begin.value.is_none(), round == 0);
        let version = begin.version;
        let swaps = crowd(store, |store, number| async move {
            let new = number.to_string().into_bytes();
            let swap = store.swap(roomy("swapping crowd"), key("k"), version, new);
            (number, swap.await.expect("an answer"))
        });
        let swaps = swaps.await.into_iter();
        let done: Vec<_> = swaps.filter(|(_, swap)| *swap == Swap::Done).collect();
        let [(winner, _)] = done[..] else {
            panic!("{} succeeded", done.len());
        };
        let kept = Some(winner.to_string().into_bytes());
        assert_eq!(store.get(own, key("k")).await, Ok(kept));
    }
}

async fn no_swap_that_succeeded_is_lost(store: &Arc<dyn Store>) {
    let letters = crowd(store, |store, number| async move {
        let own = roomy("appending crowd");
        let letter = if number % 2 == 0 { b'a' } else { b'b' };
        let mut before = store.current(own, key("k")).await.expect("it is");
        loop {
            let mut text = before.value.unwrap_or_default();
            text.push(letter);
            let swap = store.swap(own, key("k"), before.version, text);
            match swap.await.expect("an answer") {
                Swap::Done => return,
                Swap::Stale(now) => before = now,
            }
        }
    });
    letters.await;
    let text = store.get(roomy("appending crowd"), key("k")).await;
    let text = text.expect("read").expect("a value");
    assert_eq!(text.len(), CROWD);
    let is_a = |letter: &&u8| **letter == b'a';
    assert_eq!(text.iter().filter(is_a).count(), CROWD / 2);
}

async fn many_are_done_in_order_and_at_once(store: &dyn Store) {
    let own = roomy("many");
    let keys = |keys: &[&str]| keys.iter().map(|name| key(name)).collect::<Vec<_>>();
    let entries = vec![
        (key("b"), value("first")),
        (key("a"), value("2")),
        (key("b"), value("last")),
    ];
    assert_eq!(store.set_many(own, entries).await, Ok(()));
    let read = store.get_many(own, keys(&["b", "none", "a", "b"])).await;
    let (a, b) = (Some(value("2")), Some(value("last")));
    let expected = [("b", b.clone()), ("none", None), ("a", a), ("b", b)];
    let expected = expected.map(|(name, value)| (key(name), value));
    assert_eq!(read, Ok(expected.to_vec()));
    assert_eq!(
        store.delete_many(own, keys(&["a", "none", "a"])).await,
        Ok(())
    );
    let left = store.list(own, None).await.expect("a page").keys;
    assert_eq!(left, keys(&["b"]));
    assert_eq!(store.get_many(own, vec![]).await, Ok(vec![]));
    assert_eq!(store.set_many(own, vec![]).await, Ok(()));
    assert_eq!(store.delete_many(own, vec![]).await, Ok(()));
}

async fn one_operation_is_bounded(store: &dyn Store) {
    let own = roomy("bounds");
    let keys = |count| (0..count).map(|number: usize| number.to_string());
    let entries = |count| keys(count).map(|key| (key, value(""))).collect::<Vec<_>>();
    let most = MANY_KEYS;
    let limit = MANY_KEYS as u64;
    let over = store.set_many(own, entries(most + 1)).await;
    assert_eq!(over, exceeded(Limit::ManyKeys, limit));
    let page = store.list(own, None).await.expect("a page");
    assert_eq!(page.keys, Vec::<String>::new());
    assert_eq!(store.set_many(own, entries(most)).await, Ok(()));
    let over = store.get_many(own, keys(most + 1).collect()).await;
    assert_eq!(over, exceeded(Limit::ManyKeys, limit));
    let read = store.get_many(own, keys(most).collect()).await;
    assert_eq!(read.map(|entries| entries.len()), Ok(most));
    let over = store.delete_many(own, keys(most + 1).collect()).await;
    assert_eq!(over, exceeded(Limit::ManyKeys, limit));
    assert_eq!(store.delete_many(own, keys(most).collect()).await, Ok(()));

    let limit = MANY_BYTES as u64;
    let large = vec![0; MANY_BYTES / 8];
    let large_entries = keys(8).map(|key| (key, large.clone())).collect();
    let over = store.set_many(own, large_entries).await;
    assert_eq!(over, exceeded(Limit::ManyBytes, limit));
    assert_eq!(store.set(own, key("k"), large).await, Ok(()));
    let over = store.get_many(own, vec![key("k"); 8]).await;
    assert_eq!(over, exceeded(Limit::ManyBytes, limit));
    let read = store.get_many(own, vec![key("k"); 7]).await;
    assert_eq!(read.map(|entries| entries.len()), Ok(7));
}

/// All pages, one after the other.
async fn pages(store: &dyn Store, own: Bucket<'_>) -> Vec<Vec<String>> {
    let (mut pages, mut cursor) = (Vec::new(), None);
    loop {
        let page = store.list(own, cursor).await.expect("a page");
        pages.push(page.keys);
        cursor = page.cursor;
        if cursor.is_none() {
            return pages;
        }
    }
}

async fn keys_are_listed_once_and_in_order(store: &dyn Store) {
    let own = roomy("listing");
    assert_eq!(pages(store, own).await, [Vec::<String>::new()]);
    let count = 2 * LIST_KEYS + LIST_KEYS / 2;
    let mut keys: Vec<_> = (0..count).map(|number| format!("key {number}")).collect();
    for some in keys.chunks(MANY_KEYS) {
        let entries = some.iter().map(|key| (key.clone(), value("v")));
        assert_eq!(store.set_many(own, entries.collect()).await, Ok(()));
    }
    keys.sort_unstable();
    let listed = pages(store, own).await;
    assert!(listed.iter().all(|page| page.len() <= LIST_KEYS));
    assert_eq!(listed.concat(), keys);

    // What changes meanwhile does not move the others.
    let first = store.list(own, None).await.expect("a page");
    let (gone, new) = (first.keys[0].clone(), key("a new one"));
    assert_eq!(store.delete(own, gone).await, Ok(()));
    assert_eq!(store.set(own, new, value("v")).await, Ok(()));
    let next = store.list(own, first.cursor).await.expect("a page");
    assert_eq!(next.keys[..], keys[LIST_KEYS..2 * LIST_KEYS]);

    let past = store.list(own, Some(key("z"))).await.expect("a page");
    assert_eq!((past.keys.len(), past.cursor), (0, None));
}

async fn pages_are_bounded(store: &dyn Store) {
    let own = roomy("long keys");
    let long = "x".repeat(LIST_BYTES / 4);
    let keys: Vec<_> = (0..9).map(|number| format!("{number}{long}")).collect();
    for key in &keys {
        assert_eq!(store.set(own, key.clone(), value("")).await, Ok(()));
    }
    let listed = pages(store, own).await;
    let bytes = |page: &Vec<String>| page.iter().map(String::len).sum::<usize>();
    assert!(listed.iter().all(|page| bytes(page) <= LIST_BYTES));
    assert_eq!(listed.concat(), keys);
}

async fn each_quota_is_enforced(store: &dyn Store) {
    let small = Quota {
        keys: 3,
        key_bytes: 4,
        value_bytes: 10,
        bytes: 20,
        expire_after: None,
    };
    let own = bucket("quotas", &small);
    let over = store.set(own, key("12345"), value("")).await;
    assert_eq!(over, exceeded(Limit::KeyBytes, 4));
    let over = store.set(own, key("1234"), vec![0; 11]).await;
    assert_eq!(over, exceeded(Limit::ValueBytes, 10));
    assert_eq!(store.set(own, key("1234"), vec![0; 10]).await, Ok(()));

    // Fourteen are taken.
    let over = store.set(own, key("b"), vec![0; 6]).await;
    assert_eq!(over, exceeded(Limit::Bytes, 20));
    assert_eq!(store.exists(own, key("b")).await, Ok(false));
    assert_eq!(store.set(own, key("b"), vec![0; 5]).await, Ok(()));
    let over = store.set(own, key("b"), vec![1; 6]).await;
    assert_eq!(over, exceeded(Limit::Bytes, 20));
    assert_eq!(store.get(own, key("b")).await, Ok(Some(vec![0; 5])));
    assert_eq!(store.set(own, key("b"), vec![0; 3]).await, Ok(()));

    assert_eq!(store.set(own, key("c"), value("")).await, Ok(()));
    let over = store.set(own, key("d"), value("")).await;
    assert_eq!(over, exceeded(Limit::Keys, 3));
    assert_eq!(store.set(own, key("c"), value("1")).await, Ok(()));
    assert_eq!(store.delete(own, key("c")).await, Ok(()));
    assert_eq!(store.set(own, key("d"), value("")).await, Ok(()));

    // Another bucket's are its own.
    let other = bucket("other quotas", &small);
    assert_eq!(store.set(other, key("1234"), vec![0; 10]).await, Ok(()));
}

async fn what_does_not_grow_needs_no_room(store: &dyn Store) {
    let own = roomy("lowered");
    let names = ["a", "b", "a longer key"];
    for name in names {
        assert_eq!(store.set(own, key(name), vec![0; 10]).await, Ok(()));
    }
    let low = Quota {
        keys: 1,
        key_bytes: 5,
        value_bytes: 10,
        bytes: 5,
        expire_after: None,
    };
    let own = bucket("lowered", &low);
    assert_eq!(store.set(own, key("a"), vec![1; 10]).await, Ok(()));
    assert_eq!(store.set(own, key("a"), vec![1; 9]).await, Ok(()));
    let over = store.set(own, key("a"), vec![1; 10]).await;
    assert_eq!(over, exceeded(Limit::Bytes, 5));
    let kept = store.get(own, key("a longer key")).await;
    assert_eq!(kept, Ok(Some(vec![0; 10])));
    for name in names {
        assert_eq!(store.delete(own, key(name)).await, Ok(()));
    }
    assert_eq!(store.set(own, key("a"), vec![0; 4]).await, Ok(()));
}

async fn quotas_hold_for_every_kind_of_write(store: &dyn Store) {
    let quota = Quota {
        keys: 2,
        bytes: 6,
        value_bytes: 2,
        ..ROOMY
    };
    let own = bucket("writes", &quota);
    assert_eq!(store.set(own, key("a"), value("9")).await, Ok(()));
    assert_eq!(store.set(own, key("b"), value("99")).await, Ok(()));
    let over = store.increment(own, key("b"), 1).await;
    assert_eq!(over, exceeded(Limit::ValueBytes, 2));
    assert_eq!(store.increment(own, key("a"), 1).await, Ok(10));
    let over = store.increment(own, key("c"), 1).await;
    assert_eq!(over, exceeded(Limit::Keys, 2));
    let over = store.swap(own, key("c"), Version(None), value("")).await;
    assert_eq!(over, exceeded(Limit::Keys, 2));
    let now = store.current(own, key("a")).await.expect("it is");
    let over = store.swap(own, key("a"), now.version, value("123")).await;
    assert_eq!(over, exceeded(Limit::ValueBytes, 2));

    // All of many or none.
    let entries = vec![(key("a"), value("1")), (key("c"), value("1"))];
    let over = store.set_many(own, entries).await;
    assert_eq!(over, exceeded(Limit::Keys, 2));
    assert_eq!(store.get(own, key("a")).await, Ok(Some(value("10"))));
    assert_eq!(store.exists(own, key("c")).await, Ok(false));
    let entries = vec![(key("a"), value("1")), (key("c"), value("123"))];
    let over = store.set_many(own, entries).await;
    assert_eq!(over, exceeded(Limit::ValueBytes, 2));
    assert_eq!(store.get(own, key("a")).await, Ok(Some(value("10"))));

    // The bytes that a number grows by.
    let quota = Quota { bytes: 5, ..quota };
    let own = bucket("writes", &quota);
    assert_eq!(store.set(own, key("a"), value("9")).await, Ok(()));
    let over = store.increment(own, key("a"), 1).await;
    assert_eq!(over, exceeded(Limit::Bytes, 5));
    // Only what it comes to in the end counts.
    let entries = vec![(key("a"), value("11")), (key("b"), value("2"))];
    assert_eq!(store.set_many(own, entries).await, Ok(()));
}

fn expiring(seconds: u64) -> Quota {
    let expire_after = Some(Duration::from_secs(seconds));
    Quota {
        expire_after,
        ..ROOMY
    }
}

async fn entries_expire_after_their_last_write(store: &dyn Store, time: &Time) {
    let quota = expiring(10);
    let own = bucket("expiry", &quota);
    assert_eq!(store.set(own, key("k"), value("1")).await, Ok(()));
    time.pass(9);
    assert_eq!(store.get(own, key("k")).await, Ok(Some(value("1"))));
    assert_eq!(store.set(own, key("k"), value("2")).await, Ok(()));
    time.pass(9);
    let now = store.current(own, key("k")).await.expect("it is");
    assert_eq!(now.value, Some(value("2")));
    let swap = store.swap(own, key("k"), now.version, value("3")).await;
    assert_eq!(swap, Ok(Swap::Done));
    time.pass(9);
    let now = store.current(own, key("k")).await.expect("it is");
    assert_eq!(now.value, Some(value("3")));
    time.pass(1);
    assert_eq!(store.get(own, key("k")).await, Ok(None));
    assert_eq!(store.exists(own, key("k")).await, Ok(false));
    let many = store.get_many(own, vec![key("k")]).await;
    assert_eq!(many, Ok(vec![(key("k"), None)]));
    let gone = Current {
        value: None,
        version: Version(None),
    };
    assert_eq!(store.current(own, key("k")).await, Ok(gone.clone()));
    let swap = store.swap(own, key("k"), now.version, value("4")).await;
    assert_eq!(swap, Ok(Swap::Stale(gone)));
    let swap = store.swap(own, key("k"), Version(None), value("4")).await;
    assert_eq!(swap, Ok(Swap::Done));
    assert_eq!(store.get(own, key("k")).await, Ok(Some(value("4"))));
}

async fn counters_expire_after_their_first_write(store: &dyn Store, time: &Time) {
    let quota = expiring(10);
    let own = bucket("windows", &quota);
    assert_eq!(store.increment(own, key("n"), 1).await, Ok(1));
    time.pass(6);
    assert_eq!(store.increment(own, key("n"), 1).await, Ok(2));
    time.pass(3);
    assert_eq!(store.increment(own, key("n"), 1).await, Ok(3));
    time.pass(1);
    assert_eq!(store.get(own, key("n")).await, Ok(None));
    assert_eq!(store.increment(own, key("n"), 1).await, Ok(1));
    time.pass(9);
    assert_eq!(store.increment(own, key("n"), 1).await, Ok(2));

    // What has expired need not have been a number.
    assert_eq!(store.set(own, key("t"), value("text")).await, Ok(()));
    time.pass(10);
    assert_eq!(store.increment(own, key("t"), 1).await, Ok(1));
}

async fn expiry_is_as_the_operator_says_now(store: &dyn Store, time: &Time) {
    let (short, long) = (expiring(10), expiring(30));
    let name = "changed expiry";
    let set = store.set(bucket(name, &short), key("k"), value("1"));
    assert_eq!(set.await, Ok(()));
    time.pass(20);
    let read = store.get(bucket(name, &long), key("k"));
    assert_eq!(read.await, Ok(Some(value("1"))));
    let read = store.get(roomy(name), key("k"));
    assert_eq!(read.await, Ok(Some(value("1"))));
    let read = store.get(bucket(name, &short), key("k"));
    assert_eq!(read.await, Ok(None));
}

async fn what_has_expired_takes_no_room(store: &dyn Store, time: &Time) {
    let quota = Quota {
        keys: 500,
        bytes: 20_000,
        ..expiring(10)
    };
    let own = bucket("expired room", &quota);
    let entries = |name: &str, count: usize, bytes| -> Vec<_> {
        let keys = (0..count).map(|number| format!("{name} {number:03}"));
        keys.map(|key| (key, vec![0; bytes])).collect()
    };
    assert_eq!(store.set_many(own, entries("a", 500, 0)).await, Ok(()));
    let over = store.set(own, key("b"), value("")).await;
    assert_eq!(over, exceeded(Limit::Keys, 500));
    time.pass(10);
    assert_eq!(store.set_many(own, entries("b", 500, 10)).await, Ok(()));
    let over = store.set(own, key("b 000"), vec![0; 15_000]).await;
    assert_eq!(over, exceeded(Limit::Bytes, 20_000));
    time.pass(10);
    assert_eq!(store.set(own, key("c"), vec![0; 15_000]).await, Ok(()));
    let keys = pages(store, own).await.concat();
    assert_eq!(keys, ["c"]);
}

async fn what_has_expired_is_not_listed(store: &dyn Store, time: &Time) {
    let quota = expiring(10);
    let own = bucket("expired list", &quota);
    let count = LIST_KEYS + 10;
    let names: Vec<_> = (0..count).map(|number| format!("{number:05}")).collect();
    for some in names.chunks(MANY_KEYS) {
        let entries = some.iter().map(|key| (key.clone(), value("")));
        assert_eq!(store.set_many(own, entries.collect()).await, Ok(()));
    }
    time.pass(5);
    let renewed = ["00003", "00999", "01005"];
    for name in renewed {
        assert_eq!(store.set(own, key(name), value("")).await, Ok(()));
    }
    time.pass(5);
    assert_eq!(pages(store, own).await.concat(), renewed);
}

async fn everything_is_there_after_opening_again(
    store: Arc<dyn Store>,
    open: impl Fn() -> Arc<dyn Store>,
) {
    let quota = Quota { keys: 3, ..ROOMY };
    let own = bucket("reopened", &quota);
    assert_eq!(store.set(own, key("v"), value("text")).await, Ok(()));
    assert_eq!(store.increment(own, key("n"), 7).await, Ok(7));
    assert_eq!(store.set(own, key("d"), value("deleted")).await, Ok(()));
    let deleted = store.current(own, key("d")).await.expect("it is");
    let current = store.current(own, key("v")).await.expect("it is");
    assert_eq!(store.delete(own, key("d")).await, Ok(()));
    drop(store);

    let store = open();
    assert_eq!(store.get(own, key("v")).await, Ok(Some(value("text"))));
    assert_eq!(store.increment(own, key("n"), 1).await, Ok(8));
    assert_eq!(store.set(own, key("d"), value("deleted")).await, Ok(()));
    let over = store.set(own, key("new"), value("")).await;
    assert_eq!(over, exceeded(Limit::Keys, 3));
    let swap = store.swap(own, key("d"), deleted.version, value("")).await;
    assert!(matches!(swap, Ok(Swap::Stale(_))), "{swap:?}");
    let swap = store.swap(own, key("v"), current.version, value("new"));
    assert_eq!(swap.await, Ok(Swap::Done));
}
