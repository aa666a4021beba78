//! The telephony hook, `com.okta.telephony.provider`.
//!
//! Somebody else delivers a one-time code by SMS or voice. The call carries the code.
//!
//! **Request types.** `com.okta.user.telephony.pre-enrollment`, `…mfa-verification`,
//! `…account-unlock` and `…password-reset`; none in calls of before 2022.
//!
//! **Commands.** `com.okta.telephony.action`: a list of one object with `status`
//! (`SUCCESSFUL`, `PENDING` or `FAILED`) and, as they like, `provider`, `transactionId`
//! and `transactionMetadata`. With an `error` Okta's own provider delivers the code.
//!
//! **Attributes.** Seen: the members of `data.userProfile` and `data.messageProfile`, the
//! text of the message, which has the code in it, among them. None can be set.
//!
//! **Merge.** The first policy that acts, with a command or an `error`, ends the chain:
//! nobody is sent two codes.
//!
//! **Failure.** A policy that fails is as if it were not there. Nothing denies here.
//!
//! **Answers.** Always 200: Okta takes no other status. No opinion: `{}`, and Okta's own
//! provider delivers the code. Otherwise one command, or an `error`.
//!
//! Source: Okta, *Telephony inline hook* reference and guide.

use serde_json::value::RawValue;

use super::answer::{CommandBody, Value};
use super::authority::Attributes;
use super::call::{Call, Malformed};
use super::check::{self, violation, violation_of};
use super::conflict::Conflicts;
use super::cut::{Place, Places};
use super::decision::Command;
use super::inline_hook::{ErrorMeans, InlineHook, Instruction, Silence};
use super::violation::{Rule, Violation};

pub(super) const ACTION: &str = "com.okta.telephony.action";
const COMMANDS: &[&str] = &[ACTION];

const REQUEST_TYPES: &[&str] = &[
    "com.okta.user.telephony.pre-enrollment",
    "com.okta.user.telephony.mfa-verification",
    "com.okta.user.telephony.account-unlock",
    "com.okta.user.telephony.password-reset",
];

/// A person who waits for a one-time code.
pub(super) struct Telephony;

impl<'a> InlineHook<'a> for Telephony {
    const SILENCE: Silence = Silence::EmptyObject;
    const ERROR: ErrorMeans = ErrorMeans::Action;
    const ATTRIBUTES: Places = &[
        ("userProfile", Place::Attributes),
        ("messageProfile", Place::Attributes),
    ];
    /// What became of the code: an object.
    type Wishes = Option<Box<RawValue>>;

    fn of(call: &'a Call) -> Result<Self, Malformed> {
        let request_type = call.request_type();
        if request_type.is_some_and(|name| !REQUEST_TYPES.contains(&name)) {
            let known = "`com.okta.user.telephony.` and `pre-enrollment`, `mfa-verification`, `account-unlock` or `password-reset`";
            return Err(Malformed::UnknownRequestType { known });
        }
        call.data_members()
            .object("messageProfile", "data.messageProfile")?;
        Ok(Self)
    }

    fn read(
        &self,
        command: Command,
        at: &str,
        _set: &Attributes,
        wishes: &mut Self::Wishes,
    ) -> Result<Instruction, Violation> {
        let Command { literal, value } = command;
        if literal != ACTION {
            return Err(check::unknown_command(COMMANDS, at, literal));
        }
        if wishes.is_some() {
            return Err(violation(Rule::Contradiction, at));
        }
        *wishes = Some(delivery(&value, &format!("{at}.value"))?);
        Ok(Instruction::Other)
    }

    fn is_empty(wishes: &Self::Wishes) -> bool {
        wishes.is_none()
    }

    fn is_settled(wishes: &Self::Wishes) -> bool {
        wishes.is_some()
    }

    /// Only one policy acts; those after it are not asked.
    fn join(all: &mut Self::Wishes, own: Self::Wishes, _policy: usize, _conflicts: &mut Conflicts) {
        if all.is_none() {
            *all = own;
        }
    }

    fn commands<'w>(&self, wishes: &'w Self::Wishes) -> Vec<CommandBody<'w>> {
        let delivery = wishes.as_deref().map(|delivery| CommandBody {
            r#type: ACTION,
            value: Value::List(vec![delivery]),
        });
        delivery.into_iter().collect()
    }
}

/// What became of the code, from the value of a command.
fn delivery(value: &str, at: &str) -> Result<Box<RawValue>, Violation> {
    let list = check::list(value, at)?;
    let [delivery] = list.as_slice() else {
        let expected = "a list of one object";
        return Err(violation(Rule::WrongType { expected }, at));
    };
    let at = format!("{at}[0]");
    let mut has_status = false;
    for (name, json) in check::object(delivery.get(), &at)?.into_vec() {
        match &*name {
            "status" => {
                let status = json.get();
                if !matches!(status, r#""SUCCESSFUL""# | r#""PENDING""# | r#""FAILED""#) {
                    let known = "`SUCCESSFUL`, `PENDING` or `FAILED`";
                    let rule = Rule::UnknownValue { known };
                    return Err(violation_of(rule, format!("{at}.status"), status));
                }
                has_status = true;
            }
            "provider" | "transactionId" | "transactionMetadata" => {
                if !json.get().starts_with('"') {
                    let expected = "text";
                    let at = format!("{at}.{name}");
                    return Err(violation(Rule::WrongType { expected }, at));
                }
            }
            _ => {
                let known =
                    "an object of `status`, `provider`, `transactionId` and `transactionMetadata`";
                return Err(violation_of(Rule::UnknownValue { known }, at, name));
            }
        }
    }
    if !has_status {
        let expected = "there: `SUCCESSFUL`, `PENDING` or `FAILED`";
        return Err(violation(
            Rule::WrongType { expected },
            format!("{at}.status"),
        ));
    }
    Ok(RawValue::to_owned(delivery))
}

#[cfg(test)]
mod tests;
