//! The registration hook, `com.okta.user.pre-registration`.
//!
//! **Request types.** `self.service.registration`, `progressive.profile`, and
//! none at all in Classic Engine and early Identity Engine, where what was
//! submitted tells: `data.userProfile` is a person signing up,
//! `data.userProfileUpdate` a person completing a profile.
//!
//! **Commands.** `com.okta.user.profile.update` or, when a profile is completed,
//! `com.okta.user.progressive.profile.update`: attributes to set, never `password`.
//! `com.okta.action.update`: `{"registration":"DENY"}` or `"ALLOW"`. An `error` denies.
//!
//! **Attributes.** Seen: the members of `data.userProfile`, `data.userProfileUpdate` and
//! `data.context.user.profile`, and `data.context.session.login`, if it is ever there, as
//! `login`. Set: the members of an update's value.
//!
//! **Merge.** One denial denies and drops every update. Updates add up, as `profile`
//! says.
//!
//! **Failure.** Okta refuses the registration when its hook fails, so a policy
//! that fails denies unless its operator says otherwise.
//!
//! **Answers.** No opinion: 204. Updates: 200 and one update command. Denied
//! without text: 200 and the denial command. Denied with text: that and `error`.
//!
//! Source: Okta, *Registration inline hook* reference and guide.

use super::answer::{CommandBody, Value};
use super::authority::Attributes;
use super::call::{self, Malformed, Members};
use super::check::{self, violation_of};
use super::conflict::Conflicts;
use super::cut::{PERSON, Place, Places};
use super::decision::{Command, Error, ErrorCause};
use super::inline_hook::{ErrorMeans, FAILED, InlineHook, Instruction, Silence};
use super::profile::Updates;
use super::violation::{Rule, Violation};

pub(super) const ACTION: &str = "com.okta.action.update";
pub(super) const UPDATE: &str = "com.okta.user.profile.update";
pub(super) const PROGRESSIVE_UPDATE: &str = "com.okta.user.progressive.profile.update";
const COMMANDS: &[&str] = &[ACTION, UPDATE, PROGRESSIVE_UPDATE];

pub(super) const SELF_SERVICE: &str = "self.service.registration";
pub(super) const PROGRESSIVE: &str = "progressive.profile";

/// The longest attribute name at which a failure is shown, in bytes.
const MAX_FIELD: usize = 256;

/// Where error causes point. Okta shows those that name an attribute here, also
/// when a profile is completed.
pub(super) const PROFILE: &str = "data.userProfile.";

/// A person who signs up, or who completes a profile.
pub(super) struct Registration<'a> {
    request_type: RequestType,
    /// The submitted attributes: an object.
    submitted: Option<&'a str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RequestType {
    SelfServiceRegistration,
    ProgressiveProfile,
}

impl RequestType {
    fn update(self) -> &'static str {
        match self {
            Self::SelfServiceRegistration => UPDATE,
            Self::ProgressiveProfile => PROGRESSIVE_UPDATE,
        }
    }
}

impl<'a> InlineHook<'a> for Registration<'a> {
    const SILENCE: Silence = Silence::NoContent;
    const ERROR: ErrorMeans = ErrorMeans::Denial;
    const ATTRIBUTES: Places = &[
        ("context", PERSON),
        ("userProfile", Place::Attributes),
        ("userProfileUpdate", Place::Attributes),
    ];
    type Wishes = Updates;

    fn of(call: &'a call::Call) -> Result<Self, Malformed> {
        let data = call.data_members();
        let profile = data.object("userProfile", "data.userProfile")?;
        let update = data.object("userProfileUpdate", "data.userProfileUpdate")?;
        let request_type = match call.request_type() {
            Some(SELF_SERVICE) => RequestType::SelfServiceRegistration,
            Some(PROGRESSIVE) => RequestType::ProgressiveProfile,
            Some(_) => {
                let known = "`self.service.registration` and `progressive.profile`";
                return Err(Malformed::UnknownRequestType { known });
            }
            None if profile.is_some() => RequestType::SelfServiceRegistration,
            None if update.is_some() => RequestType::ProgressiveProfile,
            None => {
                return Err(Malformed::WrongType {
                    member: "data.userProfile",
                    expected: "there, if there is no `requestType`",
                });
            }
        };
        let submitted = match request_type {
            RequestType::SelfServiceRegistration => profile,
            RequestType::ProgressiveProfile => update,
        };
        Ok(Self {
            request_type,
            submitted,
        })
    }

    fn read(
        &self,
        command: Command,
        at: &str,
        set: &Attributes,
        wishes: &mut Updates,
    ) -> Result<Instruction, Violation> {
        let Command { literal, value } = command;
        let expected = self.request_type.update();
        match literal.as_str() {
            ACTION => action(&value, &format!("{at}.value")),
            literal if literal == expected => {
                wishes.read(&value, &format!("{at}.value"), set)?;
                Ok(Instruction::Other)
            }
            UPDATE | PROGRESSIVE_UPDATE => {
                let rule = Rule::OtherRequestType { expected };
                Err(violation_of(rule, format!("{at}.type"), literal))
            }
            _ => Err(check::unknown_command(COMMANDS, at, literal)),
        }
    }

    fn check_error(&self, error: &Error) -> Result<(), Violation> {
        check::error(error)?;
        for (index, cause) in error.causes.iter().enumerate() {
            if let Some(path) = &cause.location
                && path.strip_prefix(PROFILE).is_none_or(str::is_empty)
            {
                let known = "`data.userProfile.<attribute>`: Okta shows no other";
                let at = format!("error.error-causes[{index}].location");
                return Err(violation_of(Rule::UnknownValue { known }, at, path));
            }
        }
        Ok(())
    }

    fn is_empty(wishes: &Updates) -> bool {
        wishes.is_empty()
    }

    fn join(all: &mut Updates, own: Updates, policy: usize, conflicts: &mut Conflicts) {
        all.join(own, policy, conflicts);
    }

    fn commands<'w>(&self, wishes: &'w Updates) -> Vec<CommandBody<'w>> {
        if wishes.is_empty() {
            return Vec::new();
        }
        vec![CommandBody {
            r#type: self.request_type.update(),
            value: wishes.value(),
        }]
    }

    fn denial() -> Option<CommandBody<'static>> {
        Some(CommandBody {
            r#type: ACTION,
            value: Value::Word("registration", "DENY"),
        })
    }

    /// At a field that the person submitted: a cause that names none is not shown.
    fn failure(&self, text: &str) -> Option<Error> {
        let location = self.field().map(|field| format!("{PROFILE}{field}"));
        Some(Error {
            summary: None,
            causes: vec![ErrorCause {
                summary: text.to_owned(),
                reason: Some(FAILED.to_owned()),
                location,
                ..ErrorCause::default()
            }],
        })
    }
}

impl<'a> Registration<'a> {
    /// Whether a profile is completed; otherwise somebody signs up.
    pub(super) fn is_progressive(&self) -> bool {
        self.request_type == RequestType::ProgressiveProfile
    }

    /// What was submitted: attributes and their values.
    pub(super) fn submitted(&self) -> Members<'a> {
        let submitted = self.submitted.and_then(Members::of_object);
        submitted.unwrap_or_default()
    }

    /// The submitted attribute at which a text that belongs to no field is shown.
    fn field(&self) -> Option<String> {
        let submitted = Members::of_object(self.submitted?)?;
        let named = |wanted| submitted.names().find(|name| *name == wanted);
        let field = named("email").or_else(|| named("login"));
        field
            .or_else(|| submitted.names().next())
            .filter(|name| name.len() <= MAX_FIELD)
            .map(str::to_owned)
    }
}

fn action(value: &str, at: &str) -> Result<Instruction, Violation> {
    match check::word(value, "registration", at)? {
        Some("DENY") => Ok(Instruction::Deny),
        Some("ALLOW") => Ok(Instruction::Other),
        _ => {
            let known = r#"{"registration":"DENY"} or {"registration":"ALLOW"}"#;
            Err(violation_of(Rule::UnknownValue { known }, at, value))
        }
    }
}

#[cfg(test)]
mod tests;
