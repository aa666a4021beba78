//! The rule of `plugins/only-example-com`, compiled into this program: what the
//! export of its component does, without a component.

#[path = "../../plugins/only-example-com/src/lib.rs"]
#[expect(unreachable_pub, reason = "it is the root of a package of its own")]
mod rule;

pub use hookwarden_sdk::bindings::types::{Decision, Failure};
use hookwarden_sdk::registration::Hook;

/// Decides one call, with the settings that the plugin has by default.
///
/// # Errors
///
/// The call is not understood.
pub fn decide(call: String) -> Result<Decision, Failure> {
    hookwarden_sdk::export::run::<Hook, rule::Rule, _, _>(rule::decide, call, "{}")
}
