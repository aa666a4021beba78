//! The chain: policies in their order, each on the original call.
//!
//! The first denial ends it; a failure does not. Every evaluation gets the
//! lesser of its own deadline and what is left of the hook's, so that the answer
//! is there in time whatever a policy does.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use super::failure;
use super::report::{Entry, Report, Said};
use super::{Hook, RESERVE};
use crate::okta::registration::{self, Merge};
use crate::okta::{self, Malformed};
use crate::policy::{Evaluation, EvaluationError, Question};

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

pub(super) async fn registration(
    hook: &Hook,
    call: &okta::Call,
    received: Received,
) -> Result<Report, Malformed> {
    let registration = registration::Call::new(call)?;
    let mut merge = Merge::new(&registration);
    let mut entries = Vec::with_capacity(hook.chain.len());
    let question = Question {
        hook: &hook.name,
        call: call.body(),
        event_id: call.event_id(),
        called: received.time,
        deadline: received.instant + hook.config.deadline.saturating_sub(RESERVE),
    };
    for policy in &hook.chain {
        let Evaluation { result, usage } = policy.decide_registration(question).await;
        let name = policy.name.as_str();
        let judged = result.and_then(|decision| judge(name, decision, &registration, &mut merge));
        let failure = judged.as_ref().err();
        let failure = failure.map(|error| error as &dyn std::fmt::Display);
        policy.tally.count(usage.fuel, failure);
        let (said, reason) = judged.unwrap_or_else(|error| {
            let mode = failure::mode(policy.config.on_failure, hook.hook_type);
            (Said::Failed(error, mode), None)
        });
        let denied = matches!(said, Said::Denied);
        entries.push(Entry::new(policy, said, reason, usage));
        if denied {
            break;
        }
    }
    let denied = merge.is_denied();
    failure::settle(&entries, &hook.config.failure_text, &mut merge);
    let decision = match (denied, merge.is_denied(), merge.is_update()) {
        (true, _, _) => "denied",
        (false, true, _) => "denied-by-failure",
        (false, false, true) => "updated",
        (false, false, false) => "no-opinion",
    };
    let conflict = |conflict: &registration::Conflict<'_>| {
        let registration::Conflict {
            kept,
            dropped,
            attributes,
        } = conflict;
        format!("{kept} over {dropped} ({attributes})")
    };
    Ok(Report {
        hook: Arc::clone(&hook.name),
        event_id: call.event_id().cloned(),
        decision,
        conflicts: merge.conflicts().iter().map(conflict).collect(),
        answer: merge.answer(),
        entries,
        time: received.instant.elapsed(),
    })
}

/// Checks a decision and adds it to the others; says what it was, and why.
fn judge<'a>(
    policy: &'a str,
    mut decision: okta::Decision,
    call: &registration::Call<'_>,
    merge: &mut Merge<'a>,
) -> Result<(Said, Option<String>), EvaluationError> {
    let reason = decision.reason.take();
    let checked = registration::check(decision, call)?;
    let said = if checked.is_denial() {
        Said::Denied
    } else if checked.is_update() {
        Said::Updated
    } else {
        Said::NoOpinion
    };
    merge.add(policy, checked)?;
    Ok((said, reason))
}
