//! Where failure becomes an answer.
//!
//! A policy that failed did not deny. What its failure counts as is the
//! operator's choice, made beforehand; this is the only place where the two
//! meet.

use super::report::{Entry, Said};
use crate::okta::{HookType, Merge};
use crate::policy::OnFailure;

/// What a failure counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The policy counts as having denied.
    Deny,
    /// The policy counts as having no opinion.
    Skip,
}

impl Mode {
    /// A word for machines.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Skip => "skip",
        }
    }
}

/// Lets the failures of a chain count, once all its policies have been asked: if
/// one counts as a denial and nobody denied, the call is denied with `text`, or
/// with Okta's own if that is empty.
pub(super) fn settle(entries: &[Entry], text: &str, merge: &mut dyn Merge<'_>) {
    let counts_as_denial = |entry: &Entry| matches!(entry.said, Said::Failed(_, Mode::Deny));
    if entries.iter().any(counts_as_denial) {
        merge.deny_for_failure(Some(text).filter(|text| !text.is_empty()));
    }
}

/// What the failure of a policy counts as, on a hook of this type, whatever its
/// cause. Where nothing denies, or the policy may not, a failure does not either: it
/// could fail on purpose.
#[must_use]
pub fn mode(on_failure: OnFailure, hook_type: HookType, may_deny: bool) -> Mode {
    match on_failure {
        _ if !hook_type.has_denial() || !may_deny => Mode::Skip,
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
        for (on_failure, hook_type, expected) in [
            (OnFailure::AsOkta, HookType::Registration, Mode::Deny),
            (OnFailure::AsOkta, HookType::Token, Mode::Skip),
            (OnFailure::Skip, HookType::Registration, Mode::Skip),
            (OnFailure::Deny, HookType::Token, Mode::Deny),
            (OnFailure::Deny, HookType::Telephony, Mode::Skip),
        ] {
            assert_eq!(mode(on_failure, hook_type, true), expected);
            assert_eq!(mode(on_failure, hook_type, false), Mode::Skip);
        }
    }
}
