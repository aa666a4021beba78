//! What an inline hook is to the host: one implementation a hook type, each in the
//! file of that type. What is the same for all of them is in `merge`.

use super::answer::CommandBody;
use super::authority::Attributes;
use super::call::{Call, Malformed};
use super::check;
use super::conflict::Conflicts;
use super::cut::Places;
use super::decision::{Command, Error, ErrorCause};
use super::violation::Violation;

/// A call of one hook type, and that type's rules. Reads of the call only what they
/// depend on.
pub(super) trait InlineHook<'a>: Send + Sized + 'a {
    /// How Okta is told that nobody has an opinion.
    const SILENCE: Silence;

    /// What Okta does with an `error`.
    const ERROR: ErrorMeans;

    /// The members of a call's `data` that are attributes or have attributes in them.
    const ATTRIBUTES: Places;

    /// What policies want Okta to do, besides denying: one policy's, and that of all
    /// together.
    type Wishes: Default + Clone + Send;

    /// Reads a call.
    ///
    /// # Errors
    ///
    /// Members of another type than Okta documents, or an unknown request type.
    fn of(call: &'a Call) -> Result<Self, Malformed>;

    /// Checks one command of a policy that may set these attributes, and adds what it wants
    /// to what the policy wants so far.
    ///
    /// # Errors
    ///
    /// Okta would not accept it or would misread it, or it sets another attribute.
    fn read(
        &self,
        command: Command,
        at: &str,
        set: &Attributes,
        wishes: &mut Self::Wishes,
    ) -> Result<Instruction, Violation>;

    /// Checks all that one policy wants together.
    ///
    /// # Errors
    ///
    /// Its commands need or contradict each other.
    fn check(&self, _wishes: &Self::Wishes) -> Result<(), Violation> {
        Ok(())
    }

    /// Checks an `error`.
    ///
    /// # Errors
    ///
    /// Okta would not show it as it is meant.
    fn check_error(&self, error: &Error) -> Result<(), Violation> {
        check::error(error)
    }

    /// Whether nothing is wanted.
    fn is_empty(wishes: &Self::Wishes) -> bool;

    /// Whether policies that were not asked yet need not be.
    fn is_settled(_wishes: &Self::Wishes) -> bool {
        false
    }

    /// Adds what one policy wants to what those before it want.
    fn join(all: &mut Self::Wishes, own: Self::Wishes, policy: usize, conflicts: &mut Conflicts);

    /// The commands that Okta is sent.
    fn commands<'w>(&self, wishes: &'w Self::Wishes) -> Vec<CommandBody<'w>>;

    /// The command that denies; `None` where an `error` does.
    fn denial() -> Option<CommandBody<'static>> {
        None
    }

    /// The `error` of a denial that is for a failure.
    fn failure(&self, text: &str) -> Option<Error> {
        Some(Error {
            summary: Some(text.to_owned()),
            causes: vec![ErrorCause {
                summary: text.to_owned(),
                reason: Some(FAILED.to_owned()),
                ..ErrorCause::default()
            }],
        })
    }
}

/// The machine's word for a denial that is for a failure.
pub(super) const FAILED: &str = "POLICY_FAILED";

/// What a command is to the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Instruction {
    /// The hook's own denial.
    Deny,
    /// Anything else, also what Okta would do anyway.
    Other,
}

/// An answer without content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Silence {
    /// 204.
    NoContent,
    /// 200 and `{}`, where Okta takes no other status.
    EmptyObject,
}

/// What Okta does with an `error`, whatever is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ErrorMeans {
    /// What was asked for is denied.
    Denial,
    /// Something else, in place of commands.
    Action,
    /// Nothing: the hook has none.
    Undefined,
}
