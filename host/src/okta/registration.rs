//! The registration hook, `com.okta.user.pre-registration`.
//!
//! **Request types.** `self.service.registration`, `progressive.profile`, and
//! none at all in Classic Engine and early Identity Engine, where what was
//! submitted tells: `data.userProfile` is a person signing up,
//! `data.userProfileUpdate` a person completing a profile.
//!
//! **Merge.** One denial denies and drops every update. Updates of different
//! attributes add up, in the order of the chain. If two policies set one
//! attribute, the earlier in the chain prevails, and the conflict is recorded;
//! within one policy the later command prevails, as Okta itself would have it.
//!
//! **Failure.** Okta refuses the registration when its hook fails, so a policy
//! that fails denies unless its operator says otherwise.
//!
//! **Answers.** No opinion: 204. Updates: 200 and one update command. Denied
//! without text: 200 and the denial command. Denied with text: that and `error`.
//! `debugContext` holds each policy's under the policy's name.
//!
//! Source: Okta, *Registration inline hook* reference and guide.

use std::borrow::Cow;

use indexmap::IndexMap;
use indexmap::map::Entry;
use serde_json::value::RawValue;

use super::answer::{Answer, Body, CommandBody, ErrorBody, MAX_BODY, Object};
use super::call::{self, Malformed, Members};
use super::decision::{Command, Decision, Error, ErrorCause};
use super::json;
use super::violation::{Rule, Violation};

const ACTION: &str = "com.okta.action.update";
const UPDATE: &str = "com.okta.user.profile.update";
const PROGRESSIVE_UPDATE: &str = "com.okta.user.progressive.profile.update";
const COMMANDS: &[&str] = &[ACTION, UPDATE, PROGRESSIVE_UPDATE];

const SELF_SERVICE: &str = "self.service.registration";
const PROGRESSIVE: &str = "progressive.profile";

/// The most commands of one decision; the contract says so.
const MAX_COMMANDS: usize = 64;

/// The only attribute that no command may set.
///
/// Source: Okta, *Registration inline hook* reference, `userProfile`.
const PASSWORD: &str = "password";

/// How much longer a text may be in JSON: `\u0000`.
const ESCAPED: usize = 6;

/// More than stands around one thing in an answer, in bytes.
const FRAME: usize = 512;

/// The longest attribute name at which a failure is shown, in bytes.
const MAX_FIELD: usize = 256;

/// Where error causes point. Okta shows those that name an attribute here, also
/// when a profile is completed.
const PROFILE: &str = "data.userProfile.";

/// Which of the two kinds of call this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestType {
    /// A person signs up.
    SelfServiceRegistration,
    /// A person completes or changes a profile.
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

/// What the host itself needs to know about a call.
#[derive(Debug, Clone)]
pub struct Call<'a> {
    request_type: RequestType,
    /// The submitted attributes: an object.
    submitted: Option<&'a str>,
}

impl<'a> Call<'a> {
    /// Reads what the host needs.
    ///
    /// # Errors
    ///
    /// An unknown request type, or members of another type than Okta documents.
    pub fn new(call: &'a call::Call) -> Result<Self, Malformed> {
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

    /// The submitted attribute at which a text that belongs to no field is shown: a
    /// cause that names none is not shown at all.
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

/// One policy's decision, checked: everything in it can be sent to Okta.
#[derive(Debug)]
pub struct Checked {
    effect: Effect,
    debug_context: Option<Box<RawValue>>,
}

#[derive(Debug)]
enum Effect {
    NoOpinion,
    Deny(Option<Error>),
    Update(Attributes),
}

/// Attributes and their new values, in the order in which they were first set.
type Attributes = IndexMap<String, Box<RawValue>>;

impl Checked {
    /// Whether the policy denied.
    #[must_use]
    pub fn is_denial(&self) -> bool {
        matches!(self.effect, Effect::Deny(_))
    }

    /// Whether the policy sets attributes.
    #[must_use]
    pub fn is_update(&self) -> bool {
        matches!(self.effect, Effect::Update(_))
    }
}

/// Checks one policy's decision about a call.
///
/// # Errors
///
/// The first thing in it that Okta would not accept or would misread.
pub fn check(decision: Decision, call: &Call<'_>) -> Result<Checked, Violation> {
    let Decision {
        commands,
        error,
        debug_context,
        reason: _,
    } = decision;
    if commands.len() > MAX_COMMANDS {
        let (limit, found) = (MAX_COMMANDS, commands.len());
        return Err(violation(
            Rule::TooManyCommands { limit, found },
            "commands",
        ));
    }
    let mut denied = error.is_some();
    let mut updates = Attributes::new();
    for (index, command) in commands.into_iter().enumerate() {
        let at = format!("commands[{index}]");
        match check_command(command, call, &at)? {
            Instruction::Allow | Instruction::Update(_) if error.is_some() => {
                return Err(violation(Rule::ErrorBesideCommand, at));
            }
            Instruction::Allow => {}
            Instruction::Deny => denied = true,
            Instruction::Update(attributes) => updates.extend(attributes),
        }
    }
    if let Some(error) = &error {
        check_error(error)?;
    }
    let effect = match (denied, updates.is_empty()) {
        (true, _) => Effect::Deny(error),
        (false, true) => Effect::NoOpinion,
        (false, false) => Effect::Update(updates),
    };
    let debug_context = debug_context
        .map(|context| raw(context, "debug-context"))
        .transpose()?;
    Ok(Checked {
        effect,
        debug_context,
    })
}

enum Instruction {
    Allow,
    Deny,
    Update(Vec<(String, Box<RawValue>)>),
}

fn check_command(command: Command, call: &Call<'_>, at: &str) -> Result<Instruction, Violation> {
    let Command { literal, value } = command;
    let expected = call.request_type.update();
    let rule = match literal.as_str() {
        ACTION => return check_action(value, &format!("{at}.value")),
        literal if literal == expected => return check_update(value, &format!("{at}.value")),
        UPDATE | PROGRESSIVE_UPDATE => Rule::OtherRequestType { expected },
        _ => Rule::UnknownCommand { known: COMMANDS },
    };
    Err(Violation {
        rule,
        at: format!("{at}.type"),
        said: Some(literal),
    })
}

fn check_action(value: String, at: &str) -> Result<Instruction, Violation> {
    let members = object(&value, at)?.into_vec();
    match members.as_slice() {
        [(name, action)] if name == "registration" => match action.get() {
            r#""ALLOW""# => return Ok(Instruction::Allow),
            r#""DENY""# => return Ok(Instruction::Deny),
            _ => {}
        },
        _ => {}
    }
    let known = r#"{"registration":"DENY"} or {"registration":"ALLOW"}"#;
    Err(Violation {
        rule: Rule::UnknownValue { known },
        at: at.to_owned(),
        said: Some(value),
    })
}

fn check_update(value: String, at: &str) -> Result<Instruction, Violation> {
    let attributes = object(&value, at)?;
    if attributes.names().any(|name| name == PASSWORD) {
        return Err(violation(
            Rule::ForbiddenAttribute,
            format!("{at}.{PASSWORD}"),
        ));
    }
    let attributes = attributes.into_vec().into_iter();
    let owned = |(name, value): (Cow<'_, str>, &RawValue)| (name.into_owned(), value.to_owned());
    Ok(Instruction::Update(attributes.map(owned).collect()))
}

fn check_error(error: &Error) -> Result<(), Violation> {
    let empty = |text: Option<&String>| text.is_some_and(|text| text.trim().is_empty());
    if empty(error.summary.as_ref()) {
        return Err(violation(Rule::EmptyText, "error.error-summary"));
    }
    for (index, cause) in error.causes.iter().enumerate() {
        let at = |member| format!("error.error-causes[{index}].{member}");
        if empty(Some(&cause.summary)) {
            return Err(violation(Rule::EmptyText, at("error-summary")));
        }
        let place = cause.location_type.as_deref();
        if place.is_some_and(|place| !["body", "header", "url", "query"].contains(&place)) {
            let known = "`body`, `header`, `url` or `query`";
            return Err(Violation {
                rule: Rule::UnknownValue { known },
                at: at("location-type"),
                said: cause.location_type.clone(),
            });
        }
        let location = cause.location.as_deref();
        if location.is_some_and(|path| path.strip_prefix(PROFILE).is_none_or(str::is_empty)) {
            let known = "`data.userProfile.<attribute>`: Okta shows no other";
            return Err(Violation {
                rule: Rule::UnknownValue { known },
                at: at("location"),
                said: cause.location.clone(),
            });
        }
    }
    Ok(())
}

fn object<'a>(json: &'a str, at: &str) -> Result<Members<'a>, Violation> {
    json::check(json.as_bytes()).map_err(|_| violation(Rule::NotJson, at))?;
    let expected = "an object";
    Members::of_object(json).ok_or_else(|| violation(Rule::WrongType { expected }, at))
}

fn raw(json: String, at: &str) -> Result<Box<RawValue>, Violation> {
    json::check(json.as_bytes()).map_err(|_| violation(Rule::NotJson, at))?;
    RawValue::from_string(json).map_err(|_| violation(Rule::NotJson, at))
}

fn violation(rule: Rule, at: impl Into<String>) -> Violation {
    Violation {
        rule,
        at: at.into(),
        said: None,
    }
}

/// The decisions of a chain, as they come in.
#[derive(Debug)]
pub struct Merge<'a> {
    call: &'a Call<'a>,
    denial: Option<Option<Error>>,
    /// With the policy that set each.
    updates: IndexMap<String, (&'a str, Box<RawValue>)>,
    debug_contexts: Vec<(&'a str, Box<RawValue>)>,
    conflicts: Vec<Conflict<'a>>,
}

/// Two policies that set the same attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict<'a> {
    /// The policy whose values are sent.
    pub kept: &'a str,
    /// The policy whose values are not.
    pub dropped: &'a str,
    /// How many attributes both set.
    pub attributes: usize,
}

impl<'a> Merge<'a> {
    /// Nothing decided yet.
    #[must_use]
    pub fn new(call: &'a Call<'a>) -> Self {
        Self {
            call,
            denial: None,
            updates: IndexMap::new(),
            debug_contexts: Vec::new(),
            conflicts: Vec::new(),
        }
    }

    /// Adds the decision of the next policy in the chain.
    ///
    /// # Errors
    ///
    /// With it the answer would be larger than Okta takes. Nothing of it is
    /// added then.
    pub fn add(&mut self, policy: &'a str, checked: Checked) -> Result<(), Violation> {
        let Checked {
            effect,
            debug_context,
        } = checked;
        if matches!(effect, Effect::NoOpinion) && debug_context.is_none() {
            return Ok(());
        }
        let before = (
            self.updates.len(),
            self.debug_contexts.len(),
            self.conflicts.len(),
        );
        match effect {
            Effect::NoOpinion => {}
            Effect::Deny(error) => self.denial = Some(error),
            Effect::Update(attributes) => {
                for (attribute, value) in attributes {
                    self.update(policy, attribute, value);
                }
            }
        }
        self.debug_contexts
            .extend(debug_context.map(|context| (policy, context)));

        self.make_room_for_denial();
        let Some(found) = self.too_large() else {
            return Ok(());
        };
        self.denial = None;
        self.updates.truncate(before.0);
        self.debug_contexts.truncate(before.1);
        self.conflicts.truncate(before.2);
        let limit = MAX_BODY;
        Err(violation(Rule::TooLarge { limit, found }, "the decision"))
    }

    fn update(&mut self, policy: &'a str, attribute: String, value: Box<RawValue>) {
        match self.updates.entry(attribute) {
            Entry::Occupied(earlier) => {
                let kept = earlier.get().0;
                let same = |conflict: &&mut Conflict<'_>| {
                    (conflict.kept, conflict.dropped) == (kept, policy)
                };
                match self.conflicts.iter_mut().find(same) {
                    Some(conflict) => conflict.attributes += 1,
                    None => self.conflicts.push(Conflict {
                        kept,
                        dropped: policy,
                        attributes: 1,
                    }),
                }
            }
            Entry::Vacant(free) => {
                free.insert((policy, value));
            }
        }
    }

    /// Denies because a policy failed, unless one denied. `text` is what the
    /// person reads, at a field that they submitted; without text they read
    /// Okta's own.
    pub fn deny_for_failure(&mut self, text: Option<&str>) {
        let error = || {
            let text = text?;
            let location = self.call.field();
            Some(Error {
                summary: None,
                causes: vec![ErrorCause {
                    summary: text.to_owned(),
                    reason: Some("POLICY_FAILED".to_owned()),
                    location: location.map(|field| format!("{PROFILE}{field}")),
                    ..ErrorCause::default()
                }],
            })
        };
        if self.denial.is_none() {
            self.denial = Some(error());
            self.make_room_for_denial();
        }
    }

    /// What policies have to say for Okta's log must not undo a denial: it gives
    /// way where there is no room for both.
    fn make_room_for_denial(&mut self) {
        if self.is_denied() && self.too_large().is_some() {
            self.debug_contexts.clear();
        }
    }

    /// How large the answer is if Okta does not take it. It is only written to find out
    /// if it may be.
    fn too_large(&self) -> Option<usize> {
        if self.at_most() <= MAX_BODY {
            return None;
        }
        Some(self.answer().body.len()).filter(|found| *found > MAX_BODY)
    }

    /// What the answer is not larger than.
    fn at_most(&self) -> usize {
        let error = self.denial.iter().flatten();
        let error = error.map(|error| {
            // The first cause's text may stand over them, too.
            2 * ESCAPED * error.size() + FRAME * error.causes.len()
        });
        let updates = self.updates.iter();
        let updates = updates
            .map(|(attribute, (_, value))| ESCAPED * attribute.len() + value.get().len() + FRAME);
        let contexts = self.debug_contexts.iter();
        let contexts = contexts.map(|(policy, context)| policy.len() + context.get().len() + FRAME);
        FRAME + error.sum::<usize>() + updates.sum::<usize>() + contexts.sum::<usize>()
    }

    /// Whether the registration is denied so far.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        self.denial.is_some()
    }

    /// Whether attributes are set so far.
    #[must_use]
    pub fn is_update(&self) -> bool {
        self.denial.is_none() && !self.updates.is_empty()
    }

    /// The conflicts so far.
    #[must_use]
    pub fn conflicts(&self) -> &[Conflict<'a>] {
        &self.conflicts
    }

    /// The answer to everything added so far.
    #[must_use]
    pub fn answer(&self) -> Answer {
        let mut body = Body::default();
        if let Some(error) = &self.denial {
            body.commands = Some(vec![CommandBody {
                r#type: ACTION,
                value: Object(vec![("registration", denial())]),
            }]);
            body.error = error.as_ref().map(ErrorBody::from);
        } else if !self.updates.is_empty() {
            let attributes = self.updates.iter();
            body.commands = Some(vec![CommandBody {
                r#type: self.call.request_type.update(),
                value: Object(
                    attributes
                        .map(|(attribute, (_, value))| (attribute.as_str(), &**value))
                        .collect(),
                ),
            }]);
        }
        if !self.debug_contexts.is_empty() {
            let contexts = self.debug_contexts.iter();
            body.debug_context = Some(Object(
                contexts
                    .map(|(policy, context)| (*policy, &**context))
                    .collect(),
            ));
        }
        if body.commands.is_none() && body.debug_context.is_none() {
            return Answer::no_content();
        }
        Answer::json(&body)
    }
}

fn denial() -> &'static RawValue {
    serde_json::from_str(r#""DENY""#).expect("a JSON string")
}

#[cfg(test)]
mod tests;
