//! The telephony hook: Okta asks somebody else to deliver a one-time code.
//!
//! A [`Call`] is a code that a person waits for, by SMS or by voice; a [`Decision`]
//! says what became of it. The call holds the code and the phone number: keep both
//! out of every text. The `Debug` of no type here shows them.
//!
//! ```
//! use hookwarden_sdk::telephony::{Call, Channel, Decision};
//!
//! fn decide(call: Call) -> Decision {
//!     match call.message().channel() {
//!         Some(Channel::Voice) => Decision::failed().reason("no voice calls"),
//!         _ => Decision::no_opinion(),
//!     }
//! }
//!
//! hookwarden_sdk::export!(telephony = decide);
//! ```

mod call;
mod decision;

pub use call::{Call, Channel, Message, RequestType, User};
pub use decision::Decision;

pub use crate::context::Request;

/// This hook, for [`export!`](crate::export!).
#[doc(hidden)]
#[derive(Debug)]
pub enum Hook {}

crate::export::plain_hook!(Hook);
