//! Key-value: small values that a policy keeps from one evaluation to the next.
//!
//! A policy has one [`Bucket`] of its own, if the operator granted it, who bounds how
//! many keys there are, how large they are and how long they are kept. What an
//! operation reports is on disk.
//!
//! Okta may repeat a call. What must happen once is done by whoever
//! [claims](Bucket::claim) it:
//!
//! ```
//! use hookwarden_sdk::key_value::{Bucket, Claim};
//! use hookwarden_sdk::registration::{Call, Decision};
//! use hookwarden_sdk::{Failure, testing};
//!
//! fn decide(call: Call) -> Result<Decision, Failure> {
//!     let event = call.event_id();
//!     let event = event.ok_or_else(|| Failure::invalid_call("no `eventId`"))?;
//!     let voucher = call.text("voucher").unwrap_or_default();
//!     Ok(match Bucket::open()?.claim(&format!("voucher/{voucher}"), event)? {
//!         Claim::New | Claim::Again => Decision::allow(),
//!         Claim::Taken => Decision::deny_field("voucher", "This voucher was used."),
//!     })
//! }
//!
//! // In a native test:
//! let _values = testing::key_value();
//! let call = |event| testing::sign_up_with([("/eventId", event), ("/data/userProfile/voucher", "a")]);
//! assert_eq!(decide(call("one")), Ok(Decision::allow()));
//! assert_eq!(decide(call("one")), Ok(Decision::allow()));
//! assert!(decide(call("two")).is_ok_and(|decision| decision.is_denial()));
//! ```

mod bucket;
mod error;
#[cfg(target_arch = "wasm32")]
mod host;

pub use bucket::{Bucket, Cas, Claim, KeyAndValue, Keys, Swap};
pub use error::Error;

/// What the operations come down to.
#[cfg(target_arch = "wasm32")]
use host as backend;

#[cfg(not(target_arch = "wasm32"))]
use crate::testing::fakes::key_value as backend;
