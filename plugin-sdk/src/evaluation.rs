//! What the policy may know about its own evaluation.

use std::time::Duration;

#[cfg(target_arch = "wasm32")]
use crate::bindings::capabilities::hookwarden::policy::evaluation;

/// The name of the hook being answered, such as `registration`. In native tests
/// it is empty.
#[must_use]
pub fn hook() -> String {
    #[cfg(target_arch = "wasm32")]
    return evaluation::hook();
    #[cfg(not(target_arch = "wasm32"))]
    String::new()
}

/// How long until this evaluation is cut off, in whole milliseconds. In native
/// tests it is [`Duration::MAX`].
#[must_use]
pub fn remaining() -> Duration {
    #[cfg(target_arch = "wasm32")]
    return Duration::from_millis(evaluation::remaining().into());
    #[cfg(not(target_arch = "wasm32"))]
    Duration::MAX
}
