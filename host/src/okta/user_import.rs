//! The user import hook, `com.okta.import.transform`.
//!
//! Once for each new user of an import, after matching and before the user is created.
//!
//! **Commands.** `com.okta.appUser.profile.update` and `com.okta.user.profile.update`:
//! attributes to set, never `password`. `com.okta.action.update`:
//! `{"result":"CREATE_USER"}` or `{"result":"LINK_USER"}`, the latter only together with
//! `com.okta.user.update` and the `id` of the user to link to. An `error` is written to
//! Okta's System Log.
//!
//! **Attributes.** Seen: the members of `data.appUser.profile` and `data.user.profile`, and
//! `data.context.matches`, which are users in a form that Okta does not document, as
//! `matches`. Set: the members of an update's value, in both profiles. What is done with
//! the user is none.
//!
//! **Merge.** Updates add up, as `profile` says, each profile by itself. Policies that
//! say what is to be done with the user must agree, on the user to link to as well:
//! where they do not, the earlier in the chain prevails, and the conflict is recorded.
//! An `error` drops every command.
//!
//! **Failure.** Okta goes on with the import when its hook fails, so a policy that fails
//! is as if it were not there. Nothing denies here.
//!
//! **Answers.** No opinion: 204. Otherwise 200, what is to be done with the user first.
//!
//! Source: Okta, *User import inline hook* reference.

use serde_json::value::RawValue;

use super::answer::{CommandBody, Value};
use super::authority::Attributes;
use super::call::{Call, Malformed};
use super::check::{self, violation, violation_of};
use super::conflict::Conflicts;
use super::cut::{Place, Places};
use super::decision::Command;
use super::inline_hook::{ErrorMeans, InlineHook, Instruction, Silence};
use super::profile::Updates;
use super::violation::{Rule, Violation};

pub(super) const ACTION: &str = "com.okta.action.update";
pub(super) const APP_USER_UPDATE: &str = "com.okta.appUser.profile.update";
pub(super) const USER_UPDATE: &str = "com.okta.user.profile.update";
pub(super) const LINK: &str = "com.okta.user.update";
const COMMANDS: &[&str] = &[ACTION, APP_USER_UPDATE, USER_UPDATE, LINK];

/// A user who is imported.
pub(super) struct UserImport;

const CREATE: &str = "CREATE_USER";
pub(super) const LINK_TO: &str = "LINK_USER";

/// What policies want to be done with the user.
#[derive(Debug, Default, Clone)]
pub(super) struct Wishes {
    app_user: Updates,
    user: Updates,
    /// What becomes of the user, and the policy that said so first.
    result: Option<(usize, &'static str)>,
    /// The user to link to, as JSON: there if, and only if, that is the result.
    id: Option<Box<RawValue>>,
}

impl<'a> InlineHook<'a> for UserImport {
    const SILENCE: Silence = Silence::NoContent;
    const ERROR: ErrorMeans = ErrorMeans::Action;
    const ATTRIBUTES: Places = &[
        (
            "context",
            Place::Within(&[("matches", Place::Attribute("matches"))]),
        ),
        ("appUser", Place::Within(&[("profile", Place::Attributes)])),
        ("user", Place::Within(&[("profile", Place::Attributes)])),
    ];
    type Wishes = Wishes;

    fn of(call: &'a Call) -> Result<Self, Malformed> {
        let data = call.data_members();
        data.object("appUser", "data.appUser")?;
        data.object("user", "data.user")?;
        Ok(Self)
    }

    fn read(
        &self,
        command: Command,
        at: &str,
        set: &Attributes,
        wishes: &mut Wishes,
    ) -> Result<Instruction, Violation> {
        let Command { literal, value } = command;
        let at_value = format!("{at}.value");
        match literal.as_str() {
            APP_USER_UPDATE => wishes.app_user.read(&value, &at_value, set)?,
            USER_UPDATE => wishes.user.read(&value, &at_value, set)?,
            ACTION => {
                let result = result(&value, &at_value)?;
                if wishes.result.is_some_and(|(_, earlier)| earlier != result) {
                    return Err(violation(Rule::Contradiction, at_value));
                }
                wishes.result = Some((0, result));
            }
            LINK => {
                let id = id(&value, &at_value)?;
                let earlier = wishes.id.as_ref();
                if earlier.is_some_and(|earlier| earlier.get() != id.get()) {
                    return Err(violation(Rule::Contradiction, at_value));
                }
                wishes.id = Some(id);
            }
            _ => return Err(check::unknown_command(COMMANDS, at, literal)),
        }
        Ok(Instruction::Other)
    }

    fn check(&self, wishes: &Wishes) -> Result<(), Violation> {
        let links = wishes.result.is_some_and(|(_, result)| result == LINK_TO);
        let (at, command) = match (links, &wishes.id) {
            (true, None) => (r#"{"result":"LINK_USER"}"#, LINK),
            (false, Some(_)) => (LINK, r#"{"result":"LINK_USER"}"#),
            _ => return Ok(()),
        };
        Err(violation(Rule::Lacks { command }, at))
    }

    fn is_empty(wishes: &Wishes) -> bool {
        wishes.app_user.is_empty() && wishes.user.is_empty() && wishes.result.is_none()
    }

    fn join(all: &mut Wishes, own: Wishes, policy: usize, conflicts: &mut Conflicts) {
        all.app_user.join(own.app_user, policy, conflicts);
        all.user.join(own.user, policy, conflicts);
        match (all.result, own.result) {
            (_, None) => {}
            (None, Some((_, result))) => {
                all.result = Some((policy, result));
                all.id = own.id;
            }
            (Some((kept, earlier)), Some((_, result))) => {
                if earlier != result || text(all.id.as_deref()) != text(own.id.as_deref()) {
                    conflicts.note(kept, policy);
                }
            }
        }
    }

    fn commands<'w>(&self, wishes: &'w Wishes) -> Vec<CommandBody<'w>> {
        let mut commands = Vec::new();
        if let Some((_, result)) = wishes.result {
            commands.push(CommandBody {
                r#type: ACTION,
                value: Value::Word("result", result),
            });
        }
        if let Some(id) = &wishes.id {
            commands.push(CommandBody {
                r#type: LINK,
                value: Value::Object(vec![("id", id)]),
            });
        }
        for (r#type, updates) in [
            (APP_USER_UPDATE, &wishes.app_user),
            (USER_UPDATE, &wishes.user),
        ] {
            if !updates.is_empty() {
                let value = updates.value();
                commands.push(CommandBody { r#type, value });
            }
        }
        commands
    }
}

fn result(value: &str, at: &str) -> Result<&'static str, Violation> {
    match check::word(value, "result", at)? {
        Some(CREATE) => Ok(CREATE),
        Some(LINK_TO) => Ok(LINK_TO),
        _ => {
            let known = r#"{"result":"CREATE_USER"} or {"result":"LINK_USER"}"#;
            Err(violation_of(Rule::UnknownValue { known }, at, value))
        }
    }
}

/// An id as text: one can be written in several ways.
fn text(id: Option<&RawValue>) -> Option<String> {
    serde_json::from_str(id?.get()).ok()
}

/// The id of the user to link to, as JSON.
fn id(value: &str, at: &str) -> Result<Box<RawValue>, Violation> {
    match check::object(value, at)?.into_vec().as_slice() {
        [(name, id)] if name == "id" && id.get().starts_with('"') && id.get() != r#""""# => {
            Ok(RawValue::to_owned(id))
        }
        _ => {
            let known = r#"{"id":"<user id>"}"#;
            Err(violation_of(Rule::UnknownValue { known }, at, value))
        }
    }
}

#[cfg(test)]
mod tests;
