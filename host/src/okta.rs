//! Okta's JSON: calls, commands, answers, and what Okta does with them.
//!
//! Everything here is a pure function over bytes and values. One file per hook
//! type holds that hook's request types, the commands that Okta accepts, how
//! the decisions of several policies merge, and the bytes of the answer; the files
//! beside them hold what hook types have in common. A further hook type is a file here
//! and a line in [`merge`] and in `attributes`.

mod answer;
mod authority;
mod call;
mod check;
mod conflict;
mod cut;
mod decision;
mod hook_type;
mod inline_hook;
mod lint;
mod merge;
mod sample;
mod shown;
mod violation;

mod password_import;
mod registration;
mod saml;
mod telephony;
mod token;
mod user_import;
// What several of them are about.
mod patch;
mod profile;
#[cfg(test)]
mod testing;

pub use answer::Answer;
pub use authority::{Attributes, Authority};
pub use call::{Call, Malformed};
pub use conflict::Conflict;
pub use decision::{Command, Decision, Error, ErrorCause};
pub use hook_type::HookType;
pub use lint::{Finding, lint};
pub use merge::{Effect, Merge};
pub use sample::{SampleType, sample, sample_of, sample_types};
pub use shown::{Change, Field, Place, Shown, shown};
pub use violation::{Rule, Violation};

use inline_hook::InlineHook;
use merge::Decisions;

/// Begins to merge decisions about a call.
///
/// # Errors
///
/// It is not in the form of its hook type's calls.
pub fn merge(call: &Call) -> Result<Box<dyn Merge<'_> + '_>, Malformed> {
    Ok(match call.hook_type() {
        HookType::Registration => {
            Box::new(Decisions::<registration::Registration<'_>>::about(call)?)
        }
        HookType::Token => Box::new(Decisions::<token::Tokens<'_>>::about(call)?),
        HookType::Saml => Box::new(Decisions::<saml::Assertion<'_>>::about(call)?),
        HookType::UserImport => Box::new(Decisions::<user_import::UserImport>::about(call)?),
        HookType::PasswordImport => {
            Box::new(Decisions::<password_import::PasswordImport>::about(call)?)
        }
        HookType::Telephony => Box::new(Decisions::<telephony::Telephony>::about(call)?),
        HookType::Event => unreachable!("no hook of the host is of this type"),
    })
}

/// The members of `data` that are attributes or have attributes in them, in calls of a
/// hook type.
fn attributes(hook_type: HookType) -> cut::Places {
    match hook_type {
        HookType::Registration => registration::Registration::ATTRIBUTES,
        HookType::Token => token::Tokens::ATTRIBUTES,
        HookType::Saml => saml::Assertion::ATTRIBUTES,
        HookType::UserImport => user_import::UserImport::ATTRIBUTES,
        HookType::PasswordImport => password_import::PasswordImport::ATTRIBUTES,
        HookType::Telephony => telephony::Telephony::ATTRIBUTES,
        HookType::Event => unreachable!("no hook of the host is of this type"),
    }
}
