//! A worker: a thread that has a connection, and does what waits in its queue.
//!
//! There are two. One writes: it runs a batch in one transaction and then answers all of
//! it, so that many callers share one wait for the disk; between batches it removes what
//! has expired, in steps that nobody notices. The other reads, and so does not wait
//! for the disk while that is written; a transaction that begins after a commit sees it,
//! and what was answered was committed.
//!
//! Whatever fails, a worker goes on: a batch that could not be committed is unavailable
//! to its callers, and where the connection is at fault the next batch opens the file
//! anew.

use std::io;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use rusqlite::Connection;

use super::super::store::{Clock, Error};
use super::fault::{Fault, Remedy};
use super::file::{Access, File};
use super::held::integer;
use super::ledger::Ledger;
use super::queue::{Load, Queue, Refused};
use super::task::{Task, stopped};
use super::transaction::{Batch, Committed, Session};

/// The names of the threads.
const READER: &str = "kv-reader";
pub(super) const WRITER: &str = "kv-writer";

/// A worker, as those see it who have something to do.
pub(super) struct Worker {
    queue: Arc<Queue<Task>>,
    /// Ends when the thread has.
    running: Mutex<Receiver<()>>,
}

/// What a worker needs.
#[derive(Clone)]
pub(super) struct Means {
    pub(super) file: File,
    pub(super) clock: Clock,
    pub(super) ledger: Arc<Ledger>,
    /// How often the one that writes looks for what has expired.
    pub(super) sweep_every: Duration,
}

/// What the thread has, but for the connection.
struct Work {
    access: Access,
    means: Means,
    queue: Arc<Queue<Task>>,
    /// When to look for what has expired.
    sweep_at: Instant,
    /// Whether the last batch failed.
    is_failing: bool,
}

/// Why a connection is used no more.
enum Ended {
    /// Nobody needs the worker.
    Closed,
    /// It is at fault.
    Broken,
}

/// Drops what waits when the thread ends, so that nobody waits in vain.
struct Abandon(Arc<Queue<Task>>);

impl Drop for Abandon {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

impl Worker {
    pub(super) fn start(access: Access, means: Means, connection: Connection) -> io::Result<Self> {
        let queue = Arc::new(Queue::new());
        let work = Work {
            access,
            sweep_at: Instant::now() + means.sweep_every,
            means,
            queue: Arc::clone(&queue),
            is_failing: false,
        };
        let (runs, running) = sync_channel::<()>(0);
        let work = move || {
            work.run(connection);
            drop(runs);
        };
        let name = match access {
            Access::Read => READER,
            Access::Write => WRITER,
        };
        let builder = thread::Builder::new().name(name.to_owned());
        builder.spawn(work)?;
        let running = Mutex::new(running);
        Ok(Self { queue, running })
    }

    /// Puts a task into the bucket's line.
    pub(super) fn submit(&self, bucket: &str, load: Load, task: Task) -> Result<(), Error> {
        let pushed = self.queue.push(bucket, load, task);
        pushed.map_err(|refused| match refused {
            Refused::Full => {
                let reason = "too many operations of this bucket wait";
                Error::Unavailable(reason.to_owned())
            }
            Refused::Closed => stopped(),
        })
    }

    /// Ends the thread and waits for it, until some time at most.
    pub(super) fn end(&mut self, until: Instant) {
        self.queue.close();
        let running = self.running.get_mut();
        let running = running.unwrap_or_else(PoisonError::into_inner);
        // An error either way: nothing is ever sent.
        let _ = running.recv_timeout(until.saturating_duration_since(Instant::now()));
    }
}

impl Work {
    /// Works until the queue is closed.
    fn run(mut self, connection: Connection) {
        let _abandon = Abandon(Arc::clone(&self.queue));
        let mut connection = Some(connection);
        while let Some(batch) = self.queue.take(self.means.sweep_every) {
            let opened = connection.take();
            let opened = opened.map_or_else(|| self.means.file.reopen(self.access), Ok);
            match opened {
                Ok(opened) => {
                    if let Ended::Closed = self.serve(&opened, batch) {
                        return;
                    }
                }
                Err(error) => self.refuse(batch, &error.into()),
            }
        }
    }

    /// Works on one connection, as long as it is good.
    fn serve(&mut self, connection: &Connection, first: Batch) -> Ended {
        let mut session = match Session::new(connection, self.access) {
            Ok(session) => session,
            Err(fault) => {
                self.refuse(first, &fault);
                return Ended::Broken;
            }
        };
        let mut batch = first;
        loop {
            if let Err(Remedy::Reopen) = self.turn(&mut session, batch) {
                return Ended::Broken;
            }
            let wait = self.sweep_at.saturating_duration_since(Instant::now());
            match self.queue.take(wait) {
                Some(next) => batch = next,
                None => return Ended::Closed,
            }
        }
    }

    /// Does a batch, and a step of the sweep if it is time.
    fn turn(&mut self, session: &mut Session<'_>, batch: Batch) -> Result<(), Remedy> {
        self.settle(session, batch)?;
        if Instant::now() >= self.sweep_at {
            self.sweep(session)?;
        }
        Ok(())
    }

    /// Runs a batch and answers it, one way or the other.
    fn settle(&mut self, session: &mut Session<'_>, mut batch: Batch) -> Result<(), Remedy> {
        batch.retain(|(_, task)| !task.job.is_abandoned());
        if batch.is_empty() {
            return Ok(());
        }
        let quotas = batch.iter().map(|(bucket, task)| (bucket, task.quota));
        self.means.ledger.learn(quotas);
        match session.run(&mut batch, self.now()) {
            Ok(committed) => {
                self.note(committed);
                self.is_well();
                batch.into_iter().for_each(|(_, task)| task.job.answer());
                Ok(())
            }
            Err(fault) => {
                self.refuse(batch, &fault);
                Err(fault.remedy)
            }
        }
    }

    /// Removes some of what has expired. If that fails it is tried again later.
    fn sweep(&mut self, session: &mut Session<'_>) -> Result<(), Remedy> {
        self.sweep_at = Instant::now() + self.means.sweep_every;
        if self.access == Access::Read {
            return Ok(());
        }
        let expiring = self.means.ledger.expiring();
        if !expiring.is_empty() {
            let swept = session.sweep(&expiring, self.now());
            self.note(swept.map_err(|fault| fault.remedy)?);
        }
        Ok(())
    }

    fn note(&mut self, committed: Committed) {
        if committed.has_backlog {
            self.sweep_at = Instant::now();
        }
        if !committed.totals.is_empty() {
            self.means.ledger.count(committed.totals);
        }
    }

    fn refuse(&mut self, batch: Batch, fault: &Fault) {
        if !std::mem::replace(&mut self.is_failing, true) {
            let path = self.means.file.path.display();
            tracing::error!("key-values are unavailable: `{path}`: {}", fault.reason);
        }
        for (_, mut task) in batch {
            task.job.fail(fault);
            task.job.answer();
        }
    }

    fn is_well(&mut self) {
        if std::mem::replace(&mut self.is_failing, false) {
            let path = self.means.file.path.display();
            tracing::info!("key-values are available again: `{path}`");
        }
    }

    /// Milliseconds of the Unix epoch.
    fn now(&self) -> i64 {
        let since = (self.means.clock)().duration_since(SystemTime::UNIX_EPOCH);
        integer(since.unwrap_or_default().as_millis())
    }
}
