//! The user import hook: Okta asks once for each new user of an import.
//!
//! A [`Call`] is a user of an app, mapped and matched, before it becomes a user of
//! Okta; a [`Decision`] is what the policy has to say about it. There is no denial:
//! the import goes on, whatever the policy says.
//!
//! ```
//! use hookwarden_sdk::user_import::{Call, Decision};
//!
//! fn decide(call: Call) -> Decision {
//!     match call.app_user().text("accountType") {
//!         Some("PRO") => Decision::set_user("userType", "Customer"),
//!         _ => Decision::no_opinion(),
//!     }
//! }
//!
//! hookwarden_sdk::export!(user_import = decide);
//! ```

mod call;
mod decision;

pub use call::{Action, Application, Call, Context, Job};
pub use decision::Decision;

/// This hook, for [`export!`](crate::export!).
#[doc(hidden)]
#[derive(Debug)]
pub enum Hook {}

crate::export::plain_hook!(Hook);
