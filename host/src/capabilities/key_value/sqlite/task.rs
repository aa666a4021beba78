//! A task: an operation on its way to a worker and back.
//!
//! The worker runs it in a transaction, and answers only when it knows what became of
//! that.

use rusqlite::Error as Broken;
use tokio::sync::oneshot;

use super::super::quota::Quota;
use super::super::store::Error;
use super::entries::{Entries, Failure};
use super::fault::Fault;

/// An operation that waits for its turn.
pub(super) struct Task {
    pub(super) quota: Quota,
    pub(super) job: Box<dyn Job>,
}

/// What is done, whatever the type of its answer.
pub(super) trait Job: Send {
    /// Whether nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool;

    /// Does it, and keeps the answer. What fails for the operation's own reasons is
    /// an answer too.
    fn run(&mut self, entries: &mut Entries<'_, '_>) -> Result<(), Broken>;

    /// Keeps this for an answer instead.
    fn fail(&mut self, fault: &Fault);

    /// Gives the answer to whoever waits.
    fn answer(self: Box<Self>);
}

/// A job, and who waits for it.
struct Pending<T, F> {
    run: F,
    answer: Result<T, Error>,
    reply: oneshot::Sender<Result<T, Error>>,
}

/// Where an answer will be.
pub(super) type Reply<T> = oneshot::Receiver<Result<T, Error>>;

impl Task {
    /// A task, and where its answer will be.
    pub(super) fn new<T, F>(quota: Quota, run: F) -> (Self, Reply<T>)
    where
        T: Send + 'static,
        F: FnMut(&mut Entries<'_, '_>) -> Result<T, Failure> + Send + 'static,
    {
        let (reply, receiver) = oneshot::channel();
        let answer = Err(stopped());
        let job = Box::new(Pending { run, answer, reply });
        (Self { quota, job }, receiver)
    }
}

impl<T, F> Job for Pending<T, F>
where
    T: Send,
    F: FnMut(&mut Entries<'_, '_>) -> Result<T, Failure> + Send,
{
    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn run(&mut self, entries: &mut Entries<'_, '_>) -> Result<(), Broken> {
        self.answer = match (self.run)(entries) {
            Ok(answer) => Ok(answer),
            Err(Failure::Refused(error)) => Err(error),
            Err(Failure::Broken(error)) => return Err(error),
        };
        Ok(())
    }

    fn fail(&mut self, fault: &Fault) {
        self.answer = Err(Error::Unavailable(fault.reason.clone()));
    }

    fn answer(self: Box<Self>) {
        // Who went away meanwhile does not want to know.
        let _ = self.reply.send(self.answer);
    }
}

/// What an operation comes to that nobody will do.
pub(super) fn stopped() -> Error {
    Error::Unavailable("the store has stopped".to_owned())
}
