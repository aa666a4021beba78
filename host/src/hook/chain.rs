//! The chain: policies in their order, each on the original call.
//!
//! The first denial ends it, and whatever else settles a call of its type; a failure
//! does not. Every evaluation gets the
//! lesser of its own deadline and what is left of the hook's, so that the answer
//! is there in time whatever a policy does.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use super::failure;
use super::report::{Entry, Report, Said};
use super::{Hook, RESERVE};
use crate::okta::{self, Effect, Malformed, Merge};
use crate::policy::{Conditions, Evaluation, EvaluationError, Policy, Question};

/// When a call came, by both clocks.
#[derive(Debug, Clone, Copy)]
pub struct Received {
    /// What its deadline is counted from.
    pub instant: Instant,
    /// What its policies see as the time.
    pub time: SystemTime,
}

impl Received {
    /// A call that comes now.
    #[must_use]
    pub fn now() -> Self {
        Self {
            instant: Instant::now(),
            time: SystemTime::now(),
        }
    }
}

pub(super) async fn run(
    hook: &Hook,
    call: &okta::Call,
    received: Received,
    conditions: &Conditions,
) -> Result<Report, Malformed> {
    let mut merge = okta::merge(call)?;
    let mut entries = Vec::with_capacity(hook.chain.len());
    let question = Question {
        hook: &hook.name,
        call,
        called: received.time,
        deadline: received.instant + hook.config.deadline.saturating_sub(RESERVE),
        conditions,
    };
    for policy in &hook.chain {
        let Evaluation { result, usage } = policy.decide(question).await;
        let judged = result.and_then(|decision| judge(policy, decision, &mut *merge));
        let failure = judged.as_ref().err();
        let failure = failure.map(|error| error as &dyn std::fmt::Display);
        policy.tally.count(usage.fuel, failure);
        let (said, reason) = judged.unwrap_or_else(|error| {
            let may_deny = policy.authority().deny;
            let mode = failure::mode(policy.config.on_failure, hook.hook_type, may_deny);
            (Said::Failed(error, mode), None)
        });
        entries.push(Entry::new(policy, said, reason, usage));
        if merge.is_settled() {
            break;
        }
    }
    let effect = merge.effect();
    failure::settle(&entries, &hook.config.failure_text, &mut *merge);
    let decision = match (effect, merge.effect()) {
        (Effect::Denied, _) => "denied",
        (_, Effect::Denied) => "denied-by-failure",
        (_, Effect::Acted) => "acted",
        (_, Effect::NoOpinion) => "no-opinion",
    };
    let conflicts = merge.conflicts();
    let conflicts = conflicts.iter().map(|conflict| {
        let okta::Conflict {
            kept,
            dropped,
            items,
        } = conflict;
        format!("{kept} over {dropped} ({items})")
    });
    Ok(Report {
        hook: Arc::clone(&hook.name),
        event_id: call.event_id().cloned(),
        decision,
        conflicts: conflicts.collect(),
        answer: merge.answer(),
        entries,
        time: received.instant.elapsed(),
    })
}

/// Checks a decision and adds it to the others; says what it was, and why.
fn judge<'a>(
    policy: &'a Policy,
    mut decision: okta::Decision,
    merge: &mut dyn Merge<'a>,
) -> Result<(Said, Option<String>), EvaluationError> {
    let reason = decision.reason.take();
    let name = policy.name.as_str();
    let said = match merge.add(name, decision, policy.authority())? {
        Effect::NoOpinion => Said::NoOpinion,
        Effect::Acted => Said::Acted,
        Effect::Denied => Said::Denied,
    };
    Ok((said, reason))
}
