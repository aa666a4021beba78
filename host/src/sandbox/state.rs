//! The state of a store: what the host holds for one evaluation.

use wasmtime::component::{Linker, ResourceTable};
use wasmtime::{CallHook, CallHookHandler, Engine, Store, StoreContextMut};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use super::limits::{Limiter, Limits};
use crate::capabilities::evaluation::{self, Evaluation};
use crate::capabilities::log::{self, Log};
use crate::capabilities::meter::Meter;

pub(super) struct State {
    pub(super) limiter: Limiter,
    meter: Meter,
    log: Log,
    evaluation: Evaluation,
    /// Only for components that import WASI.
    wasi: Option<WasiCtx>,
    table: ResourceTable,
}

impl WasiView for State {
    /// Every host call of WASI's comes for its context here, once.
    fn ctx(&mut self) -> WasiCtxView<'_> {
        self.meter.count();
        WasiCtxView {
            ctx: self
                .wasi
                .as_mut()
                .expect("WASI is linked only to components that import it"),
            table: &mut self.table,
        }
    }
}

/// What is done after a host call of WASI's, whose functions are not ours.
struct AfterHostCall;

#[wasmtime_wasi::async_trait]
impl CallHookHandler<State> for AfterHostCall {
    async fn handle_call_event(
        &self,
        store: StoreContextMut<'_, State>,
        event: CallHook,
    ) -> wasmtime::Result<()> {
        let meter = &store.data().meter;
        if matches!(event, CallHook::ReturningFromHost) && meter.is_due() {
            meter.clone().settle().await?;
        }
        Ok(())
    }
}

/// What one evaluation imports.
pub(super) struct Imports {
    pub(super) meter: Meter,
    pub(super) log: Log,
    pub(super) evaluation: Evaluation,
    /// Only for components that import WASI.
    pub(super) wasi: Option<WasiCtx>,
}

/// Makes a store with its limits armed. There is no other way to make one.
#[expect(clippy::disallowed_methods, reason = "this is where stores are made")]
pub(super) fn store(
    engine: &Engine,
    limits: &Limits,
    call_size: usize,
    imports: Imports,
) -> Store<State> {
    let Imports {
        meter,
        log,
        evaluation,
        wasi,
    } = imports;
    let mut table = ResourceTable::new();
    table.set_max_capacity(limits.handles);
    let imports_wasi = wasi.is_some();
    let state = State {
        limiter: Limiter::new(limits),
        meter,
        log,
        evaluation,
        wasi,
        table,
    };
    let mut store = Store::new(engine, state);
    store.limiter(|state| &mut state.limiter);
    store.set_hostcall_fuel(limits.handed_over());
    // What the host keeps is to be full first: that error says what it is.
    store.set_max_component_handles(limits.handles.saturating_mul(2));
    if imports_wasi {
        store.call_hook_async(AfterHostCall);
    }
    store
        .set_fuel(limits.fuel_for(call_size))
        .and_then(|()| store.fuel_async_yield_interval(Some(limits.slice_for(call_size))))
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
