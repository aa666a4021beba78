//! Okta's JSON: calls, commands, answers, and what Okta does with them.
//!
//! Everything here is a pure function over bytes and values. One file per hook
//! type holds that hook's request types, the commands that Okta accepts, how
//! the decisions of several policies merge, and the bytes of the answer.

mod answer;
mod call;
mod decision;
mod hook_type;
mod json;
pub mod registration;
mod violation;

pub use answer::Answer;
pub use call::{Call, Malformed};
pub use decision::{Command, Decision, Error, ErrorCause};
pub use hook_type::HookType;
pub use violation::{Rule, Violation};
