//! The state of a store: what the host holds for one evaluation.

use std::borrow::Cow;

use wasmtime::component::{Linker, ResourceTable};
use wasmtime::{CallHook, CallHookHandler, Engine, Store, StoreContextMut};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtxView, WasiHttpView};

use super::limits::{Limiter, Limits};
use super::prepare::Links;
use crate::capabilities::evaluation::{self, Evaluation};
use crate::capabilities::granted::Access;
use crate::capabilities::log::{self, Log};
use crate::capabilities::meter::Meter;
use crate::capabilities::{dataset, http, key_value, secrets};

pub(super) struct State {
    pub(super) limiter: Limiter,
    meter: Meter,
    log: Log,
    evaluation: Evaluation,
    /// Only for components that import WASI.
    wasi: Option<WasiCtx>,
    /// Only for components that reach beyond their evaluation.
    access: Option<Box<Access>>,
    table: ResourceTable,
}

impl State {
    fn access(&mut self) -> &mut Access {
        let access = self.access.as_deref_mut();
        access.expect("what reaches out is linked only to components that do")
    }

    fn key_value(&mut self) -> key_value::View<'_> {
        let access = self.access.as_deref_mut();
        let key_value = access.and_then(|access| access.key_value.as_mut());
        key_value::View {
            key_value: key_value.expect("key-value is linked only where it is granted"),
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    /// Every host call of `wasi:http` comes for its context here, once.
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        self.meter.count();
        let access = self.access.as_deref_mut();
        let http = access.and_then(|access| access.http.as_mut());
        let http = http.expect("HTTP is linked only where it is granted");
        http.view(&mut self.table)
    }
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
    /// Only for components that reach beyond their evaluation.
    pub(super) access: Option<Box<Access>>,
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
        access,
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
        access,
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
/// for all others. What is granted is added for each component that has it.
pub(super) struct Linkers {
    plain: Linker<State>,
    wasi: Linker<State>,
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

    /// What a component with these links may import.
    pub(super) fn of(&self, links: &Links) -> wasmtime::Result<Cow<'_, Linker<State>>> {
        let linker = if links.wasi { &self.wasi } else { &self.plain };
        if !links.reach_out() {
            return Ok(Cow::Borrowed(linker));
        }
        let mut linker = linker.clone();
        if links.secrets {
            secrets::link(&mut linker, |state: &mut State| &mut state.access().secrets)?;
        }
        if links.dataset {
            dataset::link(&mut linker, |state: &mut State| {
                &mut state.access().datasets
            })?;
        }
        if links.key_value {
            key_value::link(&mut linker, State::key_value)?;
        }
        if links.http {
            http::link(&mut linker)?;
        }
        Ok(Cow::Owned(linker))
    }
}
