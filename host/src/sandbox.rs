//! The sandbox: the only place that builds a store.
//!
//! Everything about `wasmtime` is in here, in `capabilities` and in `bindings`.
//! A component is *prepared* once, when a policy is loaded: compiled by a child
//! process, unless the cache has its code, and linked. Each evaluation then
//! runs in a store and an instance of its own, under limits that are armed where
//! the store is made, in the lane that fits what it does, and both are dropped at
//! its end, whatever that end is.

mod cache;
mod code;
mod compile;
mod component;
mod deadline;
mod decide;
mod engine;
mod export;
mod idle;
mod invoke;
mod invoke_error;
mod lane;
mod limits;
mod parts;
mod prepare;
mod state;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use cache::Cache;
use code::Room;
pub use code::TooMuchCode;
pub use compile::{CompileError, CompileLimits, Compiler, Patience, child};
pub use component::{Component, hexadecimal};
pub use engine::{
    Allocator, Config, FileConfig, LEAST_STACK, MOST_STACK, Pool, Priority, StartError,
};
pub use invoke::{Evaluated, Failure, Invocation, Outcome, Problem};
pub use invoke_error::InvokeError;
use lane::Lanes;
pub use lane::{Full, Lane, Occupancy, Places, Whose};
pub use limits::{LONGEST_SLICE, Limits};
pub use parts::Parts;
pub use prepare::{Links, PrepareError, Prepared, WrongExport};

use crate::storage::Storage;
use state::Linkers;

/// The engine and the linkers, one per process. Clones share them.
#[derive(Clone)]
pub struct Sandbox {
    engine: wasmtime::Engine,
    linkers: Arc<Linkers>,
    lanes: Arc<Lanes>,
    stack: usize,
    allocator: Allocator,
    /// Address space that a memory has from the start, if not all.
    reserve: Option<u64>,
    compiler: Compiler,
    cache: Option<Cache>,
    code: Room,
}

impl Sandbox {
    /// Starts the engine. What is compiled is kept in the storage, if there is one.
    ///
    /// # Errors
    ///
    /// The engine does not run on this machine.
    pub fn start(
        config: &Config,
        compiler: Compiler,
        storage: Option<Storage>,
    ) -> Result<Self, StartError> {
        let (engine, allocator) = engine::start(config)?;
        let linkers = Linkers::new(&engine).map_err(StartError::from)?;
        let places = Places::new(config.evaluations, config.slow);
        Ok(Self {
            cache: storage.map(|storage| Cache::new(storage, &engine)),
            compiler,
            engine,
            linkers: Arc::new(linkers),
            // The allocator has room for each evaluation that has a place.
            lanes: Arc::new(Lanes::start(places, config.priority).map_err(StartError::from)?),
            stack: config.stack,
            reserve: match allocator {
                Allocator::Pooling => None,
                Allocator::OnDemand { .. } => Some(config.memory as u64),
            },
            allocator,
            code: Room::new(config.code),
        })
    }

    /// How many components are compiled at once, at most.
    #[must_use]
    pub fn compilers(&self) -> usize {
        self.compiler.at_once()
    }

    /// How the memory of instances is allocated.
    #[must_use]
    pub fn allocator(&self) -> &Allocator {
        &self.allocator
    }

    /// How busy it is.
    #[must_use]
    pub fn occupancy(&self) -> Occupancy {
        self.lanes.occupancy()
    }

    /// How the allocator's slots are used; `None` without slots.
    #[must_use]
    pub fn pool(&self) -> Option<Pool> {
        Pool::of(&self.engine)
    }

    /// Removes compiled code from the storage, except that of these components, by
    /// their digests, and what was written within the last while.
    pub fn sweep_code(&self, components: &BTreeSet<String>, grace: Duration) {
        if let Some(cache) = &self.cache {
            cache.sweep(components, grace);
        }
    }
}

/// Runs what takes long on a thread for that. A panic goes on here.
async fn blocking<T: Send + 'static>(task: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(task).await {
        Ok(done) => done,
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Only a runtime that is shutting down does not run it.
            Err(_) => std::future::pending().await,
        },
    }
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox")
            .field("allocator", &self.allocator)
            .finish_non_exhaustive()
    }
}
