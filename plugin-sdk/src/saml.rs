//! The SAML assertion hook: Okta asks before it issues an assertion.
//!
//! The call is the common envelope, and the decision Okta's own commands.

pub use crate::commands::Decision;
pub use crate::envelope::Call;

/// This hook, for [`export!`](crate::export!).
#[doc(hidden)]
#[derive(Debug)]
pub enum Hook {}

crate::export::plain_hook!(Hook);
