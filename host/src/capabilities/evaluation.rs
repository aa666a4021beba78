//! `evaluation`: what a policy may know about its own evaluation.

use std::sync::Arc;
use std::time::Instant;

use wasmtime::component::{HasSelf, Linker};

use super::meter::Meter;
use crate::bindings::v0_1::capabilities::hookwarden::policy::evaluation as contract;

/// One evaluation, as its policy sees it.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// The hook that is being answered; empty while a policy is loaded.
    pub hook: Arc<str>,
    /// When the evaluation is cut off.
    pub deadline: Instant,
    /// What asking costs.
    pub meter: Meter,
}

impl contract::Host for Evaluation {
    async fn hook(&mut self) -> wasmtime::Result<String> {
        self.meter.charge(self.hook.len()).await?;
        Ok(self.hook.to_string())
    }

    async fn remaining(&mut self) -> wasmtime::Result<u32> {
        self.meter.charge(0).await?;
        let left = self.deadline.saturating_duration_since(Instant::now());
        Ok(left.as_millis().try_into().unwrap_or(u32::MAX))
    }
}

/// Links `evaluation` to those that `get` finds in a store's data.
///
/// # Errors
///
/// The linker already has it.
pub fn link<T: Send + 'static>(
    linker: &mut Linker<T>,
    get: fn(&mut T) -> &mut Evaluation,
) -> wasmtime::Result<()> {
    contract::add_to_linker::<T, HasSelf<Evaluation>>(linker, get)
}
