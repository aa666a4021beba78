//! The sandbox: the only place that builds a store.
//!
//! Everything about `wasmtime` is in here, in `capabilities` and in `bindings`.
//! A component is *prepared* once, when a policy is loaded; each evaluation then
//! runs in a store and an instance of its own, under limits that are armed where
//! the store is made, and both are dropped at its end, whatever that end is.

mod deadline;
mod engine;
mod invoke;
mod limits;
mod prepare;
mod state;

use std::sync::Arc;

pub use engine::{Allocator, Config, FileConfig, StartError};
pub use invoke::{Evaluated, Failure, Invocation, InvokeError, Outcome, Problem};
pub use limits::Limits;
pub use prepare::{PrepareError, Prepared, Wasi, WrongExport};
use tokio::sync::Semaphore;

use state::Linkers;

/// The engine and the linkers, one per process. Clones share them.
#[derive(Clone)]
pub struct Sandbox {
    engine: wasmtime::Engine,
    linkers: Arc<Linkers>,
    /// One permit for each evaluation that the allocator has room for.
    permits: Arc<Semaphore>,
    allocator: Allocator,
}

impl Sandbox {
    /// Starts the engine.
    ///
    /// # Errors
    ///
    /// The engine does not run on this machine.
    pub fn start(config: &Config) -> Result<Self, StartError> {
        let (engine, allocator) = engine::start(config)?;
        let linkers = Linkers::new(&engine).map_err(StartError::from)?;
        Ok(Self {
            engine,
            linkers: Arc::new(linkers),
            permits: Arc::new(Semaphore::new(config.concurrency)),
            allocator,
        })
    }

    /// How the memory of instances is allocated.
    #[must_use]
    pub fn allocator(&self) -> &Allocator {
        &self.allocator
    }
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox")
            .field("allocator", &self.allocator)
            .finish_non_exhaustive()
    }
}
