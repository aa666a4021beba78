//! The password import hook: Okta asks whether a password is right.
//!
//! It does so when a user who was created without a password, and with a password
//! hook, signs in for the first time. A [`Call`] is that sign-in; a [`Decision`]
//! says whether the password is the user's. Okta keeps one that was verified, and
//! asks no more.
//!
//! # What to know
//!
//! - The call holds the password in plain text. Keep it out of every text: reasons,
//!   log lines, failures, settings. No type of this module prints it; a text that
//!   [`Password::as_str`] or [`Call::json`] gave you does.
//! - [`Decision::verified`] must never be the answer to doubt. Return a
//!   [`Failure`](crate::Failure) when you are unsure: the person can try again, and
//!   a wrong password that Okta keeps opens the account.
//! - Compare secrets with [`is_same_secret`], never with `==`.
//!
//! ```
//! use hookwarden_sdk::password_import::{Call, Decision, is_same_secret};
//!
//! fn decide(call: Call) -> Decision {
//!     let known = call.username() == "rosario.jones@example.com";
//!     // A real policy compares a hash that is made to be slow.
//!     if known && is_same_secret(call.password().as_bytes(), b"correct horse") {
//!         Decision::verified()
//!     } else {
//!         Decision::unverified()
//!     }
//! }
//!
//! hookwarden_sdk::export!(password_import = decide);
//! ```

mod call;
mod decision;
mod password;

pub use call::Call;
pub use decision::Decision;
pub use password::{Password, is_same_secret};

pub use crate::context::Request;

/// This hook, for [`export!`](crate::export!).
#[doc(hidden)]
#[derive(Debug)]
pub enum Hook {}

crate::export::plain_hook!(Hook);
