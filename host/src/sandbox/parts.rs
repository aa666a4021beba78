//! The parts of an evaluation, timed one by one: where a benchmark looks when the
//! whole has become slower.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use wasmtime::CallHook;

use super::invoke::Invocation;
use super::prepare::{Prepared, chain};
use super::state;
use crate::okta::HookType;

/// How long each part took. Together they are less than an evaluation takes, which also
/// finds a place, keeps to its deadline and converts what is returned.
#[derive(Debug, Clone, Copy, Default)]
pub struct Parts {
    /// Making a store with its limits.
    pub store: Duration,
    /// Making an instance.
    pub instantiate: Duration,
    /// Writing the arguments into its memory.
    pub lower: Duration,
    /// The guest's own function.
    pub guest: Duration,
    /// Reading what it returned.
    pub lift: Duration,
    /// Dropping store and instance, memory reset included.
    pub drop: Duration,
}

impl Prepared {
    /// Evaluates the policy on a call of a hook type, on the thread of the caller, under
    /// its limits, and tells how long each part took.
    ///
    /// # Errors
    ///
    /// The guest trapped, or exports no such function.
    pub async fn time_parts(
        self: &Arc<Self>,
        hook_type: HookType,
        invocation: Invocation<'_>,
    ) -> Result<Parts, String> {
        let failed = |error: wasmtime::Error| chain(&error);
        let policy = self.policy(hook_type);
        let policy = policy.map_err(|error| error.to_string())?;
        let (call, settings) = (invocation.call, invocation.settings);
        let (imports, ..) = self.imports(&invocation, invocation.deadline);
        let entered = Arc::new(Mutex::new(Vec::with_capacity(16)));

        let start = Instant::now();
        let engine = &self.sandbox.engine;
        let mut store = state::store(engine, &invocation.limits, call.len(), imports);
        let made = Instant::now();
        let instance = policy.instantiate(&mut store).await.map_err(failed)?;
        let instantiated = Instant::now();
        let marks = Arc::clone(&entered);
        // The guest is entered for each argument's memory, for its function, and to free
        // what it returned.
        store.call_hook(move |_, event| {
            if matches!(event, CallHook::CallingWasm | CallHook::ReturningFromWasm) {
                let mut marks = marks.lock().unwrap_or_else(PoisonError::into_inner);
                marks.push(Instant::now());
            }
            Ok(())
        });
        let called = Instant::now();
        let returned = instance.decide(&mut store, call, settings).await;
        let ended = Instant::now();
        returned
            .map_err(failed)?
            .map_err(|failure| format!("{failure:?}"))?;
        let dropping = Instant::now();
        drop(store);
        let dropped = Instant::now();

        let marks = entered.lock().unwrap_or_else(PoisonError::into_inner);
        let visits = marks.chunks_exact(2).map(|visit| (visit[0], visit[1]));
        let longest = visits.max_by_key(|(entered, left)| *left - *entered);
        let (entered, left) = longest.ok_or("the guest was never entered")?;
        Ok(Parts {
            store: made - start,
            instantiate: instantiated - made,
            lower: entered - called,
            guest: left - entered,
            lift: ended - left,
            drop: dropped - dropping,
        })
    }
}
