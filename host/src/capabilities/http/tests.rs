//! The client against servers of this machine, well-behaved and not.
//!
//! Names are resolved by a [`Names`] that says what a test wants. What is under test is
//! the error or what the server saw, never how long it took.

mod addresses;
mod bounds;
mod connections;
mod exchanges;
mod setup;
mod tls;
