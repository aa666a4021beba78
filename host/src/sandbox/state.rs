//! The state of a store: what the host holds for one evaluation.

use wasmtime::component::{Linker, ResourceTable};
use wasmtime::{Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use super::limits::{HANDED_OVER, HANDLES, Limiter, Limits};
use crate::capabilities::evaluation::{self, Evaluation};
use crate::capabilities::log::{self, Log};

/// What a guest may burn before it must yield: about 0.1 ms of computing.
const SLICE: u64 = 1_000_000;

/// A larger call makes longer slices, because reading it is ordinary work; but
/// never of more than about 1 ms.
const SLICE_PER_BYTE: u64 = 200;
const LONGEST_SLICE: u64 = 10 * SLICE;

pub(super) struct State {
    pub(super) limiter: Limiter,
    log: Log,
    evaluation: Evaluation,
    /// Only for components that import WASI.
    wasi: Option<WasiCtx>,
    table: ResourceTable,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: self
                .wasi
                .as_mut()
                .expect("WASI is linked only to components that import it"),
            table: &mut self.table,
        }
    }
}

/// Makes a store with its limits armed. There is no other way to make one.
#[expect(clippy::disallowed_methods, reason = "this is where stores are made")]
pub(super) fn store(
    engine: &Engine,
    limits: &Limits,
    call_size: usize,
    log: Log,
    evaluation: Evaluation,
    wasi: Option<WasiCtx>,
) -> Store<State> {
    let mut table = ResourceTable::new();
    table.set_max_capacity(HANDLES);
    let state = State {
        limiter: Limiter::new(limits),
        log,
        evaluation,
        wasi,
        table,
    };
    let mut store = Store::new(engine, state);
    store.limiter(|state| &mut state.limiter);
    store.set_hostcall_fuel(HANDED_OVER);
    store.set_max_component_handles(HANDLES);
    let slice = u64::try_from(call_size)
        .unwrap_or(u64::MAX)
        .saturating_mul(SLICE_PER_BYTE)
        .saturating_add(SLICE)
        .min(LONGEST_SLICE);
    store
        .set_fuel(limits.fuel_for(call_size))
        .and_then(|()| store.fuel_async_yield_interval(Some(slice)))
        .expect("the engine consumes fuel");
    store
}

/// What components may import: one table for those that import WASI, and one
/// for all others.
pub(super) struct Linkers {
    pub(super) plain: Linker<State>,
    pub(super) wasi: Linker<State>,
}

impl Linkers {
    pub(super) fn new(engine: &Engine) -> wasmtime::Result<Self> {
        let mut plain = Linker::new(engine);
        log::link(&mut plain, |state: &mut State| &mut state.log)?;
        evaluation::link(&mut plain, |state: &mut State| &mut state.evaluation)?;
        let mut wasi = plain.clone();
        wasmtime_wasi::p2::add_to_linker_async(&mut wasi)?;
        Ok(Self { plain, wasi })
    }
}
