//! `evaluation`: what a policy may know about its own evaluation.

use std::time::Instant;

use wasmtime::component::{HasSelf, Linker};

use crate::bindings::v0_1::capabilities::hookwarden::policy::evaluation as contract;

/// One evaluation, as its policy sees it.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// The hook that is being answered; empty while a policy is loaded.
    pub hook: String,
    /// When the evaluation is cut off.
    pub deadline: Instant,
}

impl contract::Host for Evaluation {
    fn hook(&mut self) -> String {
        self.hook.clone()
    }

    fn remaining(&mut self) -> u32 {
        let left = self.deadline.saturating_duration_since(Instant::now());
        left.as_millis().try_into().unwrap_or(u32::MAX)
    }
}

/// Links `evaluation` to those that `get` finds in a store's data.
///
/// # Errors
///
/// The linker already has it.
pub fn link<T: 'static>(
    linker: &mut Linker<T>,
    get: fn(&mut T) -> &mut Evaluation,
) -> wasmtime::Result<()> {
    contract::add_to_linker::<T, HasSelf<Evaluation>>(linker, get)
}
