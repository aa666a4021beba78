//! Where failure becomes an answer.
//!
//! A policy that failed did not deny. What its failure counts as is the
//! operator's choice, made beforehand; this is the only place where the two
//! meet.

use crate::okta::HookType;
use crate::policy::OnFailure;

/// What a failure counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The policy counts as having denied.
    Deny,
    /// The policy counts as having no opinion.
    Skip,
}

/// What the failure of a policy counts as, on a hook of this type.
#[must_use]
pub fn mode(on_failure: OnFailure, hook_type: HookType) -> Mode {
    match on_failure {
        OnFailure::Deny => Mode::Deny,
        OnFailure::Skip => Mode::Skip,
        OnFailure::AsOkta => okta(hook_type),
    }
}

/// What Okta itself does when a hook of this type fails.
///
/// Source: Okta, *Inline hooks*, concepts, timeout and failure table.
fn okta(hook_type: HookType) -> Mode {
    match hook_type {
        HookType::Registration | HookType::PasswordImport => Mode::Deny,
        HookType::Token
        | HookType::Saml
        | HookType::UserImport
        | HookType::Telephony
        | HookType::Event => Mode::Skip,
    }
}

#[cfg(test)]
mod tests {
    use super::{Mode, mode};
    use crate::okta::HookType;
    use crate::policy::OnFailure;

    #[test]
    fn the_operators_word_counts_and_okta_fills_in() {
        assert_eq!(mode(OnFailure::AsOkta, HookType::Registration), Mode::Deny);
        assert_eq!(mode(OnFailure::AsOkta, HookType::Token), Mode::Skip);
        assert_eq!(mode(OnFailure::Skip, HookType::Registration), Mode::Skip);
        assert_eq!(mode(OnFailure::Deny, HookType::Token), Mode::Deny);
    }
}
