//! What SQLite adds to what every store promises: faults, fairness, and the file.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, SystemTime};

use rusqlite::Connection;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::super::conformance::{self, ROOMY, Time};
use super::super::{Answer, Bucket, Clock, Error, Quota, Store, Totals};
use super::file::File;
use super::queue::{LINE, TURN};
use super::worker::WRITER;
use super::{SWEEP_EVERY, Sqlite};

const HOUR: Duration = Duration::from_secs(3600);

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("key-value.db")
    }

    fn open(&self) -> Sqlite {
        Sqlite::open(&self.path(), system_time()).expect("a store")
    }

    fn open_with(&self, clock: Clock) -> Sqlite {
        Sqlite::open(&self.path(), clock).expect("a store")
    }

    /// Another process, as far as SQLite can tell.
    fn other(&self) -> Connection {
        Connection::open(self.path()).expect("a connection")
    }
}

fn system_time() -> Clock {
    Arc::new(SystemTime::now)
}

fn own(name: &str) -> Bucket<'_> {
    let quota = &ROOMY;
    Bucket { name, quota }
}

fn key(number: usize) -> String {
    format!("key {number}")
}

/// A clock that is asked once a batch, and stops the one that writes until it may go on.
struct Gate {
    arrived: UnboundedReceiver<()>,
    may_go: Sender<()>,
}

impl Gate {
    fn new() -> (Self, Clock) {
        let (arrives, arrived) = unbounded_channel();
        let (may_go, waits) = channel();
        let waits = Mutex::new(waits);
        let clock: Clock = Arc::new(move || {
            if thread::current().name() == Some(WRITER) {
                let _ = arrives.send(());
                let _ = waits.lock().expect("one thread").recv();
            }
            SystemTime::now()
        });
        (Self { arrived, may_go }, clock)
    }

    /// Waits until a batch has been taken.
    async fn is_reached(&mut self) {
        self.arrived.recv().await.expect("a batch");
    }

    /// Lets one batch through.
    fn let_one_through(&self) {
        self.may_go.send(()).expect("the writer works");
    }
}

/// Begins an operation: it is in the queue then, or answered.
fn begin<T>(answer: &mut Answer<'_, T>) -> Poll<Result<T, Error>> {
    let mut context = Context::from_waker(Waker::noop());
    answer.as_mut().poll(&mut context)
}

fn unavailable<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::Unavailable(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_a_store() {
    let folder = Folder::new();
    conformance::holds(|clock| Arc::new(folder.open_with(clock))).await;
}

#[tokio::test]
async fn what_was_answered_is_committed() {
    let folder = Folder::new();
    let store = folder.open();
    let other = folder.other();
    for number in 1..20 {
        let sum = store.increment(own("a"), key(0), 1).await;
        assert_eq!(sum, Ok(number));
        let value = other.query_row("SELECT value FROM entry", (), |row| row.get(0));
        let value: Vec<u8> = value.expect("it is committed");
        assert_eq!(value, number.to_string().into_bytes());
    }
}

#[tokio::test]
async fn what_was_answered_outlasts_a_host_that_is_killed() {
    let (folder, copied) = (Folder::new(), Folder::new());
    let store = folder.open();
    let value = b"value".to_vec();
    assert_eq!(store.set(own("a"), key(0), value.clone()).await, Ok(()));
    // The files as they are while the host runs are what it leaves when it is killed.
    for file in fs::read_dir(folder.0.path()).expect("a folder") {
        let file = file.expect("a file");
        let to = copied.0.path().join(file.file_name());
        fs::copy(file.path(), to).expect("copied");
    }
    let copy = copied.open();
    assert_eq!(copy.get(own("a"), key(0)).await, Ok(Some(value)));
}

#[tokio::test]
async fn a_locked_file_is_unavailable_to_writers_until_it_is_not() {
    let folder = Folder::new();
    let store = folder.open();
    assert_eq!(store.increment(own("a"), key(0), 1).await, Ok(1));
    let other = folder.other();
    other.execute_batch("BEGIN IMMEDIATE").expect("locked");
    let sum = store.increment(own("a"), key(0), 1).await;
    let reason = unavailable(sum);
    assert!(reason.contains("locked"), "{reason}");
    let value = store.get(own("a"), key(0)).await;
    assert_eq!(value, Ok(Some(b"1".to_vec())));
    other.execute_batch("ROLLBACK").expect("unlocked");
    assert_eq!(store.increment(own("a"), key(0), 1).await, Ok(2));
}

#[tokio::test]
async fn reads_do_not_wait_for_writes() {
    let folder = Folder::new();
    let (mut gate, clock) = Gate::new();
    let store = folder.open_with(clock);
    gate.let_one_through();
    assert_eq!(store.increment(own("a"), key(0), 1).await, Ok(1));
    gate.is_reached().await;
    let mut write = store.increment(own("a"), key(0), 1);
    assert!(begin(&mut write).is_pending());
    gate.is_reached().await;
    let read = async || store.get(own("a"), key(0)).await;
    assert_eq!(read().await, Ok(Some(b"1".to_vec())));
    gate.let_one_through();
    assert_eq!(write.await, Ok(2));
    assert_eq!(read().await, Ok(Some(b"2".to_vec())));
}

#[tokio::test]
async fn a_full_disk_is_unavailable_until_there_is_room() {
    let folder = Folder::new();
    let (path, pages) = (folder.path(), Some(64));
    let file = File { path, pages };
    let store = Sqlite::start(file, system_time(), SWEEP_EVERY).expect("a store");
    let value = vec![7; 16 * 1024];
    let mut stored = 0;
    let reason = loop {
        match store.set(own("a"), key(stored), value.clone()).await {
            Ok(()) => stored += 1,
            refused => break unavailable(refused),
        }
    };
    assert_eq!(reason, "the disk is full (SQLite code 13)");
    assert!(stored > 3, "{stored}");
    assert_eq!(store.exists(own("a"), key(stored)).await, Ok(false));
    assert_eq!(store.get(own("a"), key(0)).await, Ok(Some(value.clone())));
    let bytes = |number| (key(number).len() + value.len()) as u64;
    let totals = Totals {
        keys: stored as u64,
        bytes: (0..stored).map(bytes).sum(),
    };
    assert_eq!(store.totals(), [("a".into(), totals)]);

    for number in 0..2 {
        assert_eq!(store.delete(own("a"), key(number)).await, Ok(()));
    }
    assert_eq!(store.set(own("a"), key(stored), value).await, Ok(()));
}

#[tokio::test]
async fn a_damaged_file_is_unavailable_until_it_is_repaired() {
    let folder = Folder::new();
    let store = folder.open();
    // More than SQLite keeps in memory.
    let (count, value) = (60, vec![7; 64 * 1024]);
    for number in 0..count {
        let set = store.set(own("a"), key(number), value.clone()).await;
        assert_eq!(set, Ok(()));
    }
    let to_file = "PRAGMA wal_checkpoint(TRUNCATE)";
    let checkpoint = folder.other().query_row(to_file, (), |row| row.get(0));
    assert_eq!(checkpoint, Ok(0));
    let good = fs::read(folder.path()).expect("read");
    overwrite(&folder.path(), &vec![0x55; good.len()]);
    let mut reasons = Vec::new();
    for number in 0..count {
        if let Err(error) = store.get(own("a"), key(number)).await {
            reasons.push(unavailable::<()>(Err(error)));
        }
    }
    assert!(!reasons.is_empty());
    let is_said = |reason: &String| reason.contains("damaged");
    assert!(reasons.iter().all(is_said), "{reasons:?}");
    overwrite(&folder.path(), &good);
    for number in 0..count {
        let read = store.get(own("a"), key(number)).await;
        assert_eq!(read, Ok(Some(value.clone())), "{number}");
    }
    assert_eq!(store.increment(own("a"), key(count), 1).await, Ok(1));
}

/// Changes a file's content in its place.
fn overwrite(path: &Path, content: &[u8]) {
    use std::io::Write as _;
    let mut file = fs::OpenOptions::new()
        .write(true)
        .open(path)
        .expect("a file");
    file.write_all(content).expect("written");
}

#[tokio::test]
async fn a_flooded_bucket_delays_another_by_a_batch() {
    let folder = Folder::new();
    let (mut gate, clock) = Gate::new();
    let store = folder.open_with(clock);
    let mut plug = store.increment(own("flood"), key(0), 1);
    assert!(begin(&mut plug).is_pending());
    gate.is_reached().await;
    let mut flood: Vec<_> = (0..LINE)
        .map(|_| store.increment(own("flood"), key(0), 1))
        .collect();
    for operation in &mut flood {
        assert!(begin(operation).is_pending());
    }
    let mut other = store.increment(own("other"), key(0), 1);
    assert!(begin(&mut other).is_pending());

    gate.let_one_through();
    gate.let_one_through();
    assert_eq!(plug.await, Ok(1));
    assert_eq!(other.await, Ok(1));
    gate.is_reached().await;
    gate.is_reached().await;
    let answered = flood.iter_mut().map(begin).filter(Poll::is_ready).count();
    assert_eq!(answered, TURN);
    drop(gate);
}

#[tokio::test]
async fn operations_that_wait_together_are_committed_together() {
    let folder = Folder::new();
    let (mut gate, clock) = Gate::new();
    let store = folder.open_with(clock);
    let names: Vec<_> = (0..8).map(|number| format!("bucket {number}")).collect();
    let mut plug = store.increment(own("plug"), key(0), 1);
    assert!(begin(&mut plug).is_pending());
    gate.is_reached().await;
    let mut operations = Vec::new();
    for name in &names {
        for number in 0..TURN {
            let mut operation = store.increment(own(name), key(number), 1);
            assert!(begin(&mut operation).is_pending());
            operations.push(operation);
        }
    }
    gate.let_one_through();
    gate.let_one_through();
    for operation in operations {
        assert_eq!(operation.await, Ok(1));
    }
}

#[tokio::test]
async fn what_is_too_much_for_a_bucket_is_refused_at_once() {
    let folder = Folder::new();
    let (mut gate, clock) = Gate::new();
    let store = folder.open_with(clock);
    let mut plug = store.increment(own("a"), key(0), 1);
    assert!(begin(&mut plug).is_pending());
    gate.is_reached().await;
    let mut waiting: Vec<_> = (0..LINE)
        .map(|_| store.increment(own("a"), key(0), 1))
        .collect();
    for operation in &mut waiting {
        assert!(begin(operation).is_pending());
    }
    let Poll::Ready(refused) = begin(&mut store.increment(own("a"), key(0), 1)) else {
        panic!("it waits");
    };
    let reason = unavailable(refused);
    assert_eq!(reason, "too many operations of this bucket wait");
    let mut other = store.increment(own("other"), key(0), 1);
    assert!(begin(&mut other).is_pending());
    drop(gate);
    assert_eq!(other.await, Ok(1));
    for (before, operation) in waiting.into_iter().enumerate() {
        assert_eq!(operation.await, Ok(before as i64 + 2));
    }
}

#[tokio::test]
async fn what_nobody_waits_for_any_more_is_not_done() {
    let folder = Folder::new();
    let (mut gate, clock) = Gate::new();
    let store = folder.open_with(clock);
    let mut plug = store.increment(own("a"), key(0), 1);
    assert!(begin(&mut plug).is_pending());
    gate.is_reached().await;
    let mut abandoned = store.increment(own("a"), key(1), 1);
    assert!(begin(&mut abandoned).is_pending());
    drop(abandoned);
    drop(store.increment(own("a"), key(1), 1));
    drop(gate);
    assert_eq!(store.increment(own("a"), key(1), 1).await, Ok(1));
}

#[tokio::test]
async fn totals_are_those_of_the_last_commit_and_are_kept() {
    let folder = Folder::new();
    let store = folder.open();
    assert_eq!(store.totals(), []);
    assert_eq!(store.set(own("b"), key(0), vec![0; 10]).await, Ok(()));
    assert_eq!(store.set(own("a"), key(0), vec![0; 20]).await, Ok(()));
    assert_eq!(store.set(own("a"), key(1), vec![0; 30]).await, Ok(()));
    assert_eq!(store.set(own("a"), key(1), vec![0; 5]).await, Ok(()));
    assert_eq!(store.get(own("c"), key(0)).await, Ok(None));
    let totals = |keys, bytes| Totals { keys, bytes };
    let expected = [("a".into(), totals(2, 35)), ("b".into(), totals(1, 15))];
    assert_eq!(store.totals(), expected);
    drop(store);
    let store = folder.open();
    assert_eq!(store.totals(), expected);
    assert_eq!(store.delete(own("b"), key(0)).await, Ok(()));
    assert_eq!(store.totals()[1], ("b".into(), totals(0, 0)));
}

#[tokio::test]
async fn what_has_expired_is_removed_though_nobody_asks() {
    let folder = Folder::new();
    let time = Time::default();
    let (path, pages) = (folder.path(), None);
    let soon = Duration::from_millis(1);
    let store = Sqlite::start(File { path, pages }, time.clock(), soon).expect("a store");
    let quota = Quota {
        expire_after: Some(HOUR),
        ..ROOMY
    };
    let bucket = Bucket {
        name: "a",
        quota: &quota,
    };
    let entries = (0..350).map(|number| (key(number), vec![0])).collect();
    assert_eq!(store.set_many(bucket, entries).await, Ok(()));
    assert_eq!(store.totals()[0].1.keys, 350);
    time.pass(HOUR.as_secs());
    while store.totals()[0].1 != Totals::default() {
        tokio::task::yield_now().await;
    }
    let entries = (0..350).map(|number| (key(number), vec![0])).collect();
    assert_eq!(store.set_many(bucket, entries).await, Ok(()));
    time.pass(HOUR.as_secs());
    while store.totals()[0].1 != Totals::default() {
        let write = store.set(own("another"), key(0), vec![]);
        assert_eq!(write.await, Ok(()));
    }
    assert_eq!(store.delete(own("another"), key(0)).await, Ok(()));
    let count = "SELECT count(*) FROM entry";
    let count = folder.other().query_row(count, (), |row| row.get(0));
    assert_eq!(count, Ok(0));
}

#[tokio::test]
async fn what_one_step_left_is_removed_without_delay() {
    let folder = Folder::new();
    let time = Time::default();
    let (path, pages) = (folder.path(), None);
    let store = Sqlite::start(File { path, pages }, time.clock(), HOUR).expect("a store");
    let quota = Quota {
        expire_after: Some(HOUR),
        ..ROOMY
    };
    let bucket = Bucket {
        name: "a",
        quota: &quota,
    };
    let entries = (0..350).map(|number| (key(number), vec![0])).collect();
    assert_eq!(store.set_many(bucket, entries).await, Ok(()));
    time.pass(HOUR.as_secs());
    assert_eq!(store.set(bucket, key(350), vec![0]).await, Ok(()));
    while store.totals()[0].1.keys > 1 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_was_deleted_is_not_in_the_file() {
    let folder = Folder::new();
    let store = folder.open();
    let (kept, deleted) = (b"this is kept".repeat(500), b"this is not".repeat(500));
    assert_eq!(store.set(own("a"), key(0), kept).await, Ok(()));
    assert_eq!(store.set(own("a"), key(1), deleted).await, Ok(()));
    assert_eq!(store.delete(own("a"), key(1)).await, Ok(()));
    drop(store);
    let file = fs::read(folder.path()).expect("read");
    let holds = |text: &[u8]| file.windows(text.len()).any(|window| window == text);
    assert!(holds(b"this is kept"));
    assert!(!holds(b"this is not"));
    let files = fs::read_dir(folder.0.path()).expect("a folder").count();
    assert_eq!(files, 1, "it was closed");
}

#[tokio::test]
async fn a_store_whose_thread_ended_says_so() {
    let folder = Folder::new();
    let asked = AtomicUsize::new(0);
    let store = folder.open_with(Arc::new(move || {
        let is_first = asked.fetch_add(1, Ordering::SeqCst) == 0;
        assert!(is_first, "a clock that fails");
        SystemTime::now()
    }));
    assert_eq!(store.get(own("a"), key(0)).await, Ok(None));
    for _ in 0..2 {
        let reason = unavailable(store.get(own("a"), key(0)).await);
        assert_eq!(reason, "the store has stopped");
    }
}

#[tokio::test]
async fn a_store_that_hangs_can_be_dropped() {
    let folder = Folder::new();
    let (mut gate, clock) = Gate::new();
    let store = folder.open_with(clock);
    let mut plug = store.increment(own("a"), key(0), 1);
    assert!(begin(&mut plug).is_pending());
    gate.is_reached().await;
    drop(plug);
    drop(store);
    drop(gate);
}
