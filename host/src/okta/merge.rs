//! How the decisions of a chain become one answer: what is the same for every hook
//! type. What differs is said at the head of each type's file.
//!
//! Commands of several policies add up, and where they cannot the policy that comes
//! first in the chain prevails. An `error` and a denial stand alone: they drop every
//! command, and end the chain. `debugContext` holds each policy's under the policy's
//! name.

use serde_json::value::RawValue;

use super::answer::{Answer, Body, ErrorBody, MAX_BODY};
use super::authority::Authority;
use super::call::{Call, Malformed};
use super::check::{self, violation};
use super::conflict::{Conflict, Conflicts};
use super::decision::{Decision, Error};
use super::inline_hook::{ErrorMeans, InlineHook, Instruction, Silence};
use super::violation::{Rule, Violation};

/// The most commands of one decision; the contract says so.
const MAX_COMMANDS: usize = 64;

/// The longest `debugContext` of one policy, in bytes. One that is longer is left out,
/// which is said in its place: it is no reason to fail a decision.
const MAX_DEBUG_CONTEXT: usize = 64 * 1024;

/// What a decision does, or all decisions so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: Okta goes on as if nobody had been asked.
    NoOpinion,
    /// It has Okta do something else than it would have done.
    Acted,
    /// It denies.
    Denied,
}

/// The decisions of a chain about one call, as they come in.
pub trait Merge<'a>: Send {
    /// Checks the decision of the next policy in the chain, which has this authority, and
    /// adds it to the others; says what it does.
    ///
    /// # Errors
    ///
    /// The first thing in it that Okta would not accept or would misread or that the
    /// policy may not do, or that with it the answer would be larger than Okta takes.
    /// Nothing of it is added then.
    fn add(
        &mut self,
        policy: &'a str,
        decision: Decision,
        authority: &Authority,
    ) -> Result<Effect, Violation>;

    /// Denies because a policy failed, unless one denied. `text` is what the person
    /// reads; without one they read Okta's own. Only for hooks that can deny.
    fn deny_for_failure(&mut self, text: Option<&str>);

    /// What all decisions so far do.
    fn effect(&self) -> Effect;

    /// Whether policies that were not asked yet need not be.
    fn is_settled(&self) -> bool;

    /// Policies that wanted what cannot be had together.
    fn conflicts(&self) -> Vec<Conflict<'a>>;

    /// The answer to everything added so far.
    fn answer(&self) -> Answer;
}

/// The decisions about a call of hook type `H`.
pub(super) struct Decisions<'a, H: InlineHook<'a>> {
    hook: H,
    /// The policies that were added, by their numbers.
    policies: Vec<&'a str>,
    all: All<H::Wishes>,
}

/// Everything that is in the answer.
#[derive(Debug, Clone)]
struct All<W> {
    wishes: W,
    /// A denial, with its text if it has one; or, where an error denies nothing, the
    /// error.
    error: Option<Option<Error>>,
    debug_contexts: Vec<(usize, Box<RawValue>)>,
    conflicts: Conflicts,
}

/// One policy's decision, checked: everything in it can be sent to Okta.
struct Checked<W> {
    wishes: W,
    error: Option<Option<Error>>,
    debug_context: Option<Box<RawValue>>,
}

impl<'a, H: InlineHook<'a>> Decisions<'a, H> {
    /// Nothing decided yet about this call.
    ///
    /// # Errors
    ///
    /// It is no call of the type.
    pub(super) fn about(call: &'a Call) -> Result<Self, Malformed> {
        Ok(Self {
            hook: H::of(call)?,
            policies: Vec::new(),
            all: All {
                wishes: H::Wishes::default(),
                error: None,
                debug_contexts: Vec::new(),
                conflicts: Conflicts::default(),
            },
        })
    }

    fn check(
        &self,
        decision: Decision,
        authority: &Authority,
    ) -> Result<Checked<H::Wishes>, Violation> {
        let Decision {
            commands,
            error,
            debug_context,
            reason: _,
        } = decision;
        if commands.len() > MAX_COMMANDS {
            let (of, limit, found) = ("commands", MAX_COMMANDS, commands.len());
            return Err(violation(Rule::TooMany { of, limit, found }, "commands"));
        }
        if error.is_some() && H::ERROR == ErrorMeans::Undefined {
            return Err(violation(Rule::NoError, "error"));
        }
        let mut denies = false;
        let mut wishes = H::Wishes::default();
        for (index, command) in commands.into_iter().enumerate() {
            let at = format!("commands[{index}]");
            match self.hook.read(command, &at, &authority.set, &mut wishes)? {
                Instruction::Deny if !authority.deny => {
                    return Err(violation(Rule::MayNotDeny, at));
                }
                Instruction::Deny => denies = true,
                Instruction::Other if error.is_some() => {
                    return Err(violation(Rule::ErrorBesideCommand, at));
                }
                Instruction::Other => {}
            }
        }
        self.hook.check(&wishes)?;
        if let Some(error) = &error {
            self.hook.check_error(error)?;
            if H::ERROR == ErrorMeans::Denial && !authority.deny {
                return Err(violation(Rule::MayNotDeny, "error"));
            }
        }
        let debug_context = debug_context
            .map(|context| check::raw(context, "debug-context"))
            .transpose()?;
        Ok(Checked {
            wishes,
            error: (denies || error.is_some()).then_some(error),
            debug_context: debug_context
                .filter(|_| authority.debug_context)
                .map(capped),
        })
    }

    fn body(&self) -> Body<'_> {
        let mut body = Body::default();
        let all = &self.all;
        if let Some(error) = &all.error {
            let denial = H::denial();
            // Where there is no command for it, only an error denies.
            body.error = match (error, &denial) {
                (None, None) => Some(ErrorBody::default()),
                (error, _) => error.as_ref().map(ErrorBody::from),
            };
            body.commands = denial.into_iter().collect();
        } else {
            body.commands = self.hook.commands(&all.wishes);
        }
        let contexts = all.debug_contexts.iter();
        body.debug_context = contexts
            .map(|(policy, context)| (self.policies[*policy], &**context))
            .collect();
        body
    }

    /// What policies have to say for Okta's log must not undo a denial: it gives way
    /// where there is no room for both.
    fn make_room_for_denial(&mut self) {
        if self.all.error.is_some() && self.too_large().is_some() {
            self.all.debug_contexts.clear();
        }
    }

    /// How large the answer is if Okta does not take it. It is only written to find out
    /// if it may be.
    fn too_large(&self) -> Option<usize> {
        if self.body().at_most() <= MAX_BODY {
            return None;
        }
        Some(self.answer().body.len()).filter(|found| *found > MAX_BODY)
    }
}

impl<'a, H: InlineHook<'a>> Merge<'a> for Decisions<'a, H> {
    fn add(
        &mut self,
        policy: &'a str,
        decision: Decision,
        authority: &Authority,
    ) -> Result<Effect, Violation> {
        let number = self.policies.len();
        self.policies.push(policy);
        let Checked {
            wishes,
            error,
            debug_context,
        } = self.check(decision, authority)?;
        let effect = effect::<H>(error.as_ref(), &wishes);
        if effect == Effect::NoOpinion && debug_context.is_none() {
            return Ok(effect);
        }
        let before = self.all.clone();
        if error.is_some() {
            self.all.error = error;
        } else {
            let All {
                wishes: all,
                conflicts,
                ..
            } = &mut self.all;
            H::join(all, wishes, number, conflicts);
        }
        let context = debug_context.map(|context| (number, context));
        self.all.debug_contexts.extend(context);
        self.make_room_for_denial();
        match self.too_large() {
            None => Ok(effect),
            Some(found) => {
                self.all = before;
                let limit = MAX_BODY;
                Err(violation(Rule::TooLarge { limit, found }, "the decision"))
            }
        }
    }

    fn deny_for_failure(&mut self, text: Option<&str>) {
        if self.all.error.is_none() {
            self.all.error = Some(text.and_then(|text| self.hook.failure(text)));
            self.make_room_for_denial();
        }
    }

    fn effect(&self) -> Effect {
        effect::<H>(self.all.error.as_ref(), &self.all.wishes)
    }

    fn is_settled(&self) -> bool {
        self.all.error.is_some() || H::is_settled(&self.all.wishes)
    }

    fn conflicts(&self) -> Vec<Conflict<'a>> {
        self.all.conflicts.named(&self.policies)
    }

    fn answer(&self) -> Answer {
        let body = self.body();
        if body.is_empty() && H::SILENCE == Silence::NoContent {
            return Answer::no_content();
        }
        Answer::json(&body)
    }
}

/// What an error, or wishes without one, do.
fn effect<'a, H: InlineHook<'a>>(error: Option<&Option<Error>>, wishes: &H::Wishes) -> Effect {
    match error {
        Some(_) if H::ERROR == ErrorMeans::Action => Effect::Acted,
        Some(_) => Effect::Denied,
        None if H::is_empty(wishes) => Effect::NoOpinion,
        None => Effect::Acted,
    }
}

/// A debug context, or that it is left out.
fn capped(context: Box<RawValue>) -> Box<RawValue> {
    let bytes = context.get().len();
    if bytes <= MAX_DEBUG_CONTEXT {
        return context;
    }
    let note = format!(r#""left out: {bytes} bytes, more than {MAX_DEBUG_CONTEXT}""#);
    RawValue::from_string(note).expect("a JSON string")
}
