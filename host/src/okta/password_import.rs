//! The password import hook, `com.okta.user.credential.password.import`.
//!
//! A user who was created with a password hook signs in for the first time: is this
//! the right password? The call carries it in plain text.
//!
//! **Commands.** `com.okta.action.update`: `{"credential":"VERIFIED"}` or
//! `{"credential":"UNVERIFIED"}`. `error` is not defined here.
//!
//! **Attributes.** Seen: the members of `data.context.credential`, `username` and
//! `password`. None can be set.
//!
//! **Merge.** One `UNVERIFIED` settles it, whatever others say: it is this hook's
//! denial. Without one, one `VERIFIED` is enough.
//!
//! **Failure.** Okta refuses the sign-in when its hook fails, so a policy that fails
//! counts as `UNVERIFIED` unless its operator says otherwise.
//!
//! **Answers.** No opinion: 204, and Okta refuses the password. Otherwise 200 and one
//! command.
//!
//! Source: Okta, *Password import inline hook* reference and guide.

use super::answer::{CommandBody, Value};
use super::authority::Attributes;
use super::call::{Call, Malformed};
use super::check::{self, violation_of};
use super::conflict::Conflicts;
use super::cut::{Place, Places};
use super::decision::{Command, Error};
use super::inline_hook::{ErrorMeans, InlineHook, Instruction, Silence};
use super::violation::{Rule, Violation};

pub(super) const ACTION: &str = "com.okta.action.update";
const COMMANDS: &[&str] = &[ACTION];

/// A person who signs in with a password that Okta does not know.
pub(super) struct PasswordImport;

/// Whether a policy said that it is the right password.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Verified(bool);

impl<'a> InlineHook<'a> for PasswordImport {
    const SILENCE: Silence = Silence::NoContent;
    const ERROR: ErrorMeans = ErrorMeans::Undefined;
    const ATTRIBUTES: Places = &[(
        "context",
        Place::Within(&[("credential", Place::Attributes)]),
    )];
    type Wishes = Verified;

    fn of(call: &'a Call) -> Result<Self, Malformed> {
        let data = call.data_members();
        let context = data.object("context", "data.context")?;
        let context = context.and_then(super::call::Members::of_object);
        if let Some(context) = context {
            context.object("credential", "data.context.credential")?;
        }
        Ok(Self)
    }

    fn read(
        &self,
        command: Command,
        at: &str,
        _set: &Attributes,
        wishes: &mut Verified,
    ) -> Result<Instruction, Violation> {
        let Command { literal, value } = command;
        if literal != ACTION {
            return Err(check::unknown_command(COMMANDS, at, literal));
        }
        let at = format!("{at}.value");
        match check::word(&value, "credential", &at)? {
            Some("UNVERIFIED") => Ok(Instruction::Deny),
            Some("VERIFIED") => {
                *wishes = Verified(true);
                Ok(Instruction::Other)
            }
            _ => {
                let known = r#"{"credential":"VERIFIED"} or {"credential":"UNVERIFIED"}"#;
                Err(violation_of(Rule::UnknownValue { known }, at, value))
            }
        }
    }

    fn is_empty(wishes: &Verified) -> bool {
        !wishes.0
    }

    fn join(all: &mut Verified, own: Verified, _policy: usize, _conflicts: &mut Conflicts) {
        all.0 |= own.0;
    }

    fn commands<'w>(&self, wishes: &'w Verified) -> Vec<CommandBody<'w>> {
        let verified = wishes.0.then_some("VERIFIED");
        verified.map(command).into_iter().collect()
    }

    fn denial() -> Option<CommandBody<'static>> {
        Some(command("UNVERIFIED"))
    }

    /// Nobody would read it.
    fn failure(&self, _text: &str) -> Option<Error> {
        None
    }
}

fn command(word: &'static str) -> CommandBody<'static> {
    CommandBody {
        r#type: ACTION,
        value: Value::Word("credential", word),
    }
}

#[cfg(test)]
mod tests;
