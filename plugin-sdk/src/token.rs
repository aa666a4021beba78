//! The token hook: Okta asks before a custom authorization server mints tokens.
//!
//! The call is the common envelope, and the decision Okta's own commands.

pub use crate::commands::Decision;
pub use crate::envelope::Call;

/// This hook, for [`export!`](crate::export!).
#[doc(hidden)]
#[derive(Debug)]
pub enum Hook {}

crate::export::plain_hook!(Hook);
