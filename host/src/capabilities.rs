//! What a policy can do beyond computing: one file per import of the contract.
//!
//! Each capability knows its own context and nothing of the store that holds
//! it; `sandbox` links them. What is not linked cannot be called: a component
//! that imports it is refused when it is loaded. What their calls cost is
//! counted together, by [`meter`].

pub mod dataset;
pub mod evaluation;
pub mod granted;
pub mod http;
pub mod key_value;
pub mod log;
pub mod meter;
pub mod secrets;
pub mod wasi;
