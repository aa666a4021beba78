//! Write a Hookwarden policy in Rust.
//!
//! A policy decides about calls that Okta makes while something happens: a
//! person signs up, a token is minted, a user is imported. This is a whole one:
//!
//! ```
//! use hookwarden_sdk::registration::{Call, Decision};
//!
//! fn decide(call: Call) -> Decision {
//!     match call.email_domain() {
//!         Some("example.com") => Decision::allow(),
//!         _ => Decision::deny_field("email", "Only example.com addresses can register."),
//!     }
//! }
//!
//! hookwarden_sdk::export!(registration = decide);
//! ```
//!
//! It is for people who sign up. A person who completes a profile submits the
//! changes alone: a policy for both asks first whether the address is among them,
//! with `call.submitted().has("email")`.
//!
//! Put it in the `src/lib.rs` of a package with `crate-type = ["cdylib"]`, and
//! run `hookwarden dev` on the package's folder: it builds the policy, serves
//! it, prints a call to try, and does so again whenever you save.
//!
//! # What to know
//!
//! - A decision depends on the call, the settings and what the host is asked. Each
//!   evaluation is a fresh instance: nothing you keep in a static is there in the next
//!   call, and what must be there is kept in [`key_value`].
//! - Return a [`Failure`] when you could not decide. What Okta is told then is
//!   the operator's choice. A denial is a decision; a failure is not a denial.
//! - A panic fails the evaluation. The operator's log gets its file and line,
//!   and not its message, which may quote the call.
//! - What there is of the world is what the operator granted: [`secrets`],
//!   [`dataset`], [`key_value`] and [`http`]. A policy asks by using them, and one that
//!   was not granted what it asks for is not loaded.
//! - There are no files, no sockets, no clock, no environment and no threads.
//!   `std::time` and `std::thread` panic; `std::fs`, `std::net` and `std::env` find
//!   nothing.
//! - Computing is limited by fuel, time and memory. A rule over one call uses
//!   well under a hundredth of the defaults.
//!
//! # Where to look
//!
//! - [`registration`]: the call of a person who signs up, and the decision.
//! - [`token`]: a client that asks for tokens, and what is to change in them.
//! - [`saml`]: a person who signs in to an application, and what is to change in the
//!   assertion.
//! - [`user_import`]: the call of a user who comes from an app.
//! - [`password_import`]: the call of a password that Okta does not know yet.
//! - [`telephony`]: the call of a one-time code to deliver.
//! - [`event`]: what happened, afterwards.
//! - [`settings`]: what whoever deploys the policy may change.
//! - [`email`]: addresses and domains, compared properly.
//! - [`log`] and [`evaluation`]: what every policy may ask the host.
//! - [`secrets`], [`dataset`], [`key_value`] and [`http`]: what an operator grants.
//! - [`testing`]: calls and fakes for `cargo test`, which runs a policy natively.

#![deny(missing_docs)]

mod attributes;
#[doc(hidden)]
pub mod bindings;
mod context;
pub mod dataset;
mod decision;
pub mod email;
mod envelope;
pub mod evaluation;
pub mod event;
#[doc(hidden)]
pub mod export;
mod failure;
pub mod http;
pub mod key_value;
pub mod log;
// Other WebAssembly targets bring a C library with a heap of its own.
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod memory;
mod named;
mod part;
pub mod password_import;
mod patch;
pub mod registration;
pub mod saml;
pub mod secrets;
pub mod settings;
pub mod telephony;
pub mod testing;
mod text;
pub mod token;
mod updates;
pub mod user_import;

pub use attributes::Attributes;
pub use failure::Failure;
