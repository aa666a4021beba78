//! A transaction: the operations of one batch, committed together.
//!
//! Each operation that changes something is undone alone if it fails. Only where the
//! database itself fails do all of the batch, because SQLite then ends the transaction.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::super::quota::{Quota, Totals};
use super::entries::{Entries, Failure, PURGE_STEP};
use super::fault::{Fault, Remedy};
use super::file::Access;
use super::held::{Held, integer, size};
use super::statements::Statements;
use super::task::Task;

/// The statements on a connection, and what it is for.
pub(super) struct Session<'c> {
    statements: Statements<'c>,
    access: Access,
}

/// What became of the buckets that a transaction changed.
#[derive(Debug, Default)]
pub(super) struct Committed {
    pub(super) totals: Vec<(Arc<str>, Totals)>,
    /// Whether more may have expired than was removed.
    pub(super) has_backlog: bool,
}

/// A batch: operations and their buckets.
pub(super) type Batch = Vec<(Arc<str>, Task)>;

/// One that has begun.
struct Transaction<'t, 'c> {
    statements: &'t mut Statements<'c>,
    access: Access,
    now: i64,
    buckets: HashMap<Arc<str>, Opened>,
}

/// A bucket that was looked at.
#[derive(Clone, Copy)]
struct Opened {
    quota: Quota,
    before: Held,
    held: Held,
}

impl<'c> Session<'c> {
    pub(super) fn new(connection: &'c Connection, access: Access) -> Result<Self, Fault> {
        let statements = Statements::prepare(connection, access)?;
        Ok(Self { statements, access })
    }

    /// Runs operations and commits what they did. Their answers hold only if it succeeds.
    pub(super) fn run(&mut self, batch: &mut Batch, now: i64) -> Result<Committed, Fault> {
        self.transact(now, |transaction| {
            for (bucket, task) in batch {
                transaction.run(bucket, task)?;
            }
            Ok(())
        })
    }

    /// Removes what has expired from these buckets, one step of it.
    pub(super) fn sweep(
        &mut self,
        buckets: &HashMap<Arc<str>, Quota>,
        now: i64,
    ) -> Result<Committed, Fault> {
        self.transact(now, |transaction| {
            for (bucket, quota) in buckets {
                transaction.open(bucket, *quota)?;
            }
            Ok(())
        })
    }

    fn transact(
        &mut self,
        now: i64,
        work: impl FnOnce(&mut Transaction<'_, 'c>) -> Result<(), Fault>,
    ) -> Result<Committed, Fault> {
        self.statements.begin.execute(())?;
        let mut transaction = Transaction {
            statements: &mut self.statements,
            access: self.access,
            now,
            buckets: HashMap::new(),
        };
        let done = work(&mut transaction).and_then(|()| transaction.commit());
        match done {
            Ok(committed) => Ok(committed),
            Err(fault) => Err(self.give_up(fault)),
        }
    }

    /// Ends a transaction that failed, if SQLite did not.
    fn give_up(&mut self, mut fault: Fault) -> Fault {
        let is_open = self.statements.is_in_transaction();
        if is_open && self.statements.rollback.execute(()).is_err() {
            fault.remedy = Remedy::Reopen;
        }
        fault
    }
}

impl<'c> Transaction<'_, 'c> {
    fn run(&mut self, bucket: &Arc<str>, task: &mut Task) -> Result<(), Fault> {
        let mut opened = *self.open(bucket, task.quota)?;
        let ran = task.job.run(&mut self.entries(bucket, &mut opened));
        self.buckets.insert(Arc::clone(bucket), opened);
        if let Err(error) = ran {
            let fault = Fault::from(error);
            if fault.remedy == Remedy::Reopen || !self.statements.is_in_transaction() {
                return Err(fault);
            }
            task.job.fail(&fault);
        }
        Ok(())
    }

    /// Keeps what the buckets hold, removes a little of what has expired, and commits.
    fn commit(mut self) -> Result<Committed, Fault> {
        let mut room = PURGE_STEP;
        let mut totals = Vec::new();
        for (bucket, mut opened) in std::mem::take(&mut self.buckets) {
            if self.access == Access::Write && room > 0 {
                room -= self.purge(&bucket, &mut opened, room)?;
            }
            if opened.held != opened.before {
                self.keep(&opened.held)?;
                totals.push((bucket, opened.held.totals));
            }
        }
        self.statements.commit.execute(())?;
        let has_backlog = room == 0;
        Ok(Committed {
            totals,
            has_backlog,
        })
    }

    fn purge(&mut self, bucket: &str, opened: &mut Opened, most: usize) -> Result<usize, Fault> {
        match self.entries(bucket, opened).purge(most) {
            Ok(purged) => Ok(purged),
            Err(Failure::Broken(error)) => Err(error.into()),
            Err(Failure::Refused(_)) => Ok(0),
        }
    }

    fn keep(&mut self, held: &Held) -> Result<(), Fault> {
        let Totals { keys, bytes } = held.totals;
        let (keys, bytes) = (integer(keys), integer(bytes));
        let keep = &mut self.statements.keep_bucket;
        keep.execute(params![held.id, keys, bytes, held.version])?;
        Ok(())
    }

    fn entries<'t>(&'t mut self, name: &'t str, opened: &'t mut Opened) -> Entries<'t, 'c> {
        Entries {
            statements: self.statements,
            name,
            held: &mut opened.held,
            quota: opened.quota,
            now: self.now,
        }
    }

    /// Looks at a bucket, the first time in its row.
    fn open(&mut self, bucket: &Arc<str>, quota: Quota) -> Result<&mut Opened, Fault> {
        if !self.buckets.contains_key(bucket) {
            let row = self.statements.bucket.query_row(params![bucket], |row| {
                let (keys, bytes) = (size(row, 1)?, size(row, 2)?);
                Ok(Held {
                    id: row.get(0)?,
                    totals: Totals { keys, bytes },
                    version: row.get(3)?,
                })
            });
            let held = row.optional()?.unwrap_or_default();
            let opened = Opened {
                quota,
                before: held,
                held,
            };
            self.buckets.insert(Arc::clone(bucket), opened);
        }
        let opened = self.buckets.get_mut(bucket).expect("it was just made");
        opened.quota = quota;
        Ok(opened)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::fmt::Debug;
    use std::path::PathBuf;
    use std::sync::Arc;
    use std::time::Duration;

    use rusqlite::Connection;

    use super::super::super::conformance::ROOMY;
    use super::super::super::{Error, Limit, Quota, Totals};
    use super::super::entries::{Entries, Failure};
    use super::super::fault::Remedy;
    use super::super::file::{Access, File};
    use super::super::task::{Reply, Task};
    use super::{Batch, Session};

    const EXPIRING: Quota = Quota {
        expire_after: Some(Duration::from_millis(100)),
        ..ROOMY
    };

    fn opened(dir: &tempfile::TempDir, pages: Option<u32>) -> (Connection, Connection) {
        let path: PathBuf = dir.path().join("key-value.db");
        let (writes, reads, _) = File { path, pages }.open().expect("a database");
        (writes, reads)
    }

    /// Puts an operation on the bucket `a` into a batch.
    fn add<T, F>(batch: &mut Batch, quota: Quota, run: F) -> Reply<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Entries<'_, '_>) -> Result<T, Failure> + Send + 'static,
    {
        let (task, reply) = Task::new(quota, run);
        batch.push(("a".into(), task));
        reply
    }

    fn add_entries(batch: &mut Batch, quota: Quota, count: usize) -> Reply<()> {
        add(batch, quota, move |entries| {
            (0..count).try_for_each(|number| entries.set(&format!("{number:04}"), b""))
        })
    }

    fn answer(batch: Batch) {
        batch.into_iter().for_each(|(_, task)| task.job.answer());
    }

    fn is<T: Debug + PartialEq>(mut reply: Reply<T>, expected: Result<T, Error>) {
        assert_eq!(reply.try_recv().expect("an answer"), expected);
    }

    fn keys(connection: &Connection) -> i64 {
        let count = "SELECT count(*) FROM entry";
        let count = connection.query_row(count, (), |row| row.get(0));
        count.expect("a count")
    }

    #[test]
    fn an_operation_that_fails_undoes_nothing_of_the_others() {
        let dir = tempfile::tempdir().expect("a folder");
        let (writes, reads) = opened(&dir, None);
        let mut session = Session::new(&writes, Access::Write).expect("good");
        let small = Quota { keys: 2, ..ROOMY };
        let mut batch = Batch::new();
        let first = add(&mut batch, small, |entries| entries.set("a", b"x"));
        let many = add(&mut batch, small, |entries| {
            let more = ["b", "c"].map(|key| (key.to_owned(), b"y".to_vec()));
            entries.set_many(&more)
        });
        let sum = add(&mut batch, small, |entries| entries.increment("a", 1));
        let last = add(&mut batch, small, |entries| entries.set("d", b"z"));
        let committed = session.run(&mut batch, 0).expect("committed");
        answer(batch);
        is(first, Ok(()));
        let (what, limit) = (Limit::Keys, 2);
        is(many, Err(Error::QuotaExceeded { what, limit }));
        is(sum, Err(Error::NotANumber));
        is(last, Ok(()));
        let totals = Totals { keys: 2, bytes: 4 };
        assert_eq!(committed.totals, [("a".into(), totals)]);
        assert_eq!(keys(&reads), 2);
    }

    #[test]
    fn a_transaction_that_fails_leaves_nothing_and_the_next_is_good() {
        let dir = tempfile::tempdir().expect("a folder");
        let (writes, reads) = opened(&dir, Some(20));
        let mut session = Session::new(&writes, Access::Write).expect("good");
        let mut batch = Batch::new();
        let _first = add(&mut batch, ROOMY, |entries| entries.set("a", b"x"));
        let _large = add(&mut batch, ROOMY, |entries| entries.set("b", &[0; 100_000]));
        let fault = session.run(&mut batch, 0).expect_err("it is full");
        assert_eq!(fault.remedy, Remedy::Wait);
        assert_eq!(keys(&reads), 0);
        let mut batch = Batch::new();
        let set = add(&mut batch, ROOMY, |entries| entries.set("a", b"x"));
        session.run(&mut batch, 0).expect("committed");
        answer(batch);
        is(set, Ok(()));
        assert_eq!(keys(&reads), 1);
    }

    #[test]
    fn a_transaction_removes_a_step_of_what_has_expired() {
        let dir = tempfile::tempdir().expect("a folder");
        let (writes, reads) = opened(&dir, None);
        let mut session = Session::new(&writes, Access::Write).expect("good");
        let mut batch = Batch::new();
        let _all = add_entries(&mut batch, EXPIRING, 250);
        let committed = session.run(&mut batch, 0).expect("committed");
        assert!(!committed.has_backlog);

        let mut batch = Batch::new();
        let _one = add(&mut batch, EXPIRING, |entries| entries.set("new", b""));
        let committed = session.run(&mut batch, 100).expect("committed");
        assert!(committed.has_backlog);
        assert_eq!(keys(&reads), 151);
        let expiring = HashMap::from([(Arc::from("a"), EXPIRING)]);
        for (left, has_backlog) in [(51, true), (1, false)] {
            let committed = session.sweep(&expiring, 100).expect("committed");
            assert_eq!((keys(&reads), committed.has_backlog), (left, has_backlog));
        }
    }

    #[test]
    fn room_is_made_for_an_operation_in_bounds() {
        let dir = tempfile::tempdir().expect("a folder");
        let (writes, reads) = opened(&dir, None);
        let mut session = Session::new(&writes, Access::Write).expect("good");
        let bytes = 8_000;
        let quota = Quota { bytes, ..EXPIRING };
        let mut batch = Batch::new();
        let _all = add_entries(&mut batch, quota, 2_000);
        session.run(&mut batch, 0).expect("committed");
        let mut large = |expected| {
            let mut batch = Batch::new();
            let set = add(&mut batch, quota, |entries| entries.set("new", &[0; 7_000]));
            session.run(&mut batch, 100).expect("committed");
            answer(batch);
            is(set, expected);
        };
        let (what, limit) = (Limit::Bytes, bytes);
        large(Err(Error::QuotaExceeded { what, limit }));
        assert_eq!(keys(&reads), 900);
        large(Ok(()));
    }

    #[test]
    fn a_connection_that_reads_cannot_write() {
        let dir = tempfile::tempdir().expect("a folder");
        let (_writes, reads) = opened(&dir, None);
        let mut session = Session::new(&reads, Access::Read).expect("good");
        let mut batch = Batch::new();
        let _set = add(&mut batch, ROOMY, |entries| entries.set("a", b"x"));
        session.run(&mut batch, 0).expect_err("it reads");
        drop(session);
        assert_eq!(keys(&reads), 0);
    }
}
