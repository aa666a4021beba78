//! The threads that load policies: they give way to those that answer calls.
//!
//! Reading, hashing and linking take processor time, and whoever may drop files
//! decides how much of it.

use std::future::Future;
use std::io;

use rustix::process::nice;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

/// As far behind as a thread can be that still has a share when others are busy: a
/// change is to be served within a second.
const NICE: i32 = 19;

/// Threads for loading. They end with it.
pub struct Threads(Option<Runtime>);

impl Threads {
    /// Starts them.
    ///
    /// # Errors
    ///
    /// The system has no more.
    pub fn start() -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("loading")
            .on_thread_start(|| {
                let _ = nice(NICE);
            })
            .enable_all()
            .build()?;
        Ok(Self(Some(runtime)))
    }

    /// Does something there, and what that starts, too.
    pub fn spawn<F>(&self, work: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let runtime = self.0.as_ref().expect("it is taken only at the end");
        runtime.spawn(work)
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        // Whoever ends them may not wait.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
