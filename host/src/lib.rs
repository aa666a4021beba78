//! Hookwarden: a host for Okta hooks that runs sandboxed WebAssembly policies.
//!
//! # The life of a call
//!
//! ```text
//! Okta ─▶ server/inline_hook    who is trusted, which hook, what is refused
//!           │ okta/call           bytes → a call that means one thing
//!           │ hook/chain          the policies, in their order
//!           │   policy              which revision, with which settings
//!           │     sandbox             a new store, limits armed, one export invoked
//!           │       guest
//!           │       capabilities/*      only while the guest runs
//!           │   okta/merge          check each decision · merge, by its hook type's rules
//!           │ hook/failure        only where there is no decision
//!           │ okta/merge          decisions → the bytes of the answer
//! Okta ◀────┘ hook/report         one line of the log
//! ```
//!
//! The same functions return on the way back. There is no channel and no
//! callback between the floors.
//!
//! # Floors
//!
//! The modules below stand in the order of the floors, the highest first. A
//! module uses those below it and none above; a test holds it to that. Only
//! `okta` knows Okta's JSON. Only `sandbox`, `capabilities` and `bindings` know
//! wasmtime. Only `server`, and
//! `capabilities/http` towards services, know HTTP; `config` and `cli` put its parts together.

pub mod cli;
pub mod package;
pub mod trial;

pub mod config;
pub mod server;

pub mod hook;

pub mod policy;

pub mod sandbox;

pub mod capabilities;
pub mod okta;

pub mod bindings;
pub mod files;
pub mod json;
pub mod storage;
pub mod telemetry;

mod allocator;

#[global_allocator]
static ALLOCATOR: allocator::Clearing = allocator::Clearing;
