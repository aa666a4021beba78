//! What the operator sees of the policies.

use std::sync::Arc;

use axum::Json;
use axum::extract::State as Shared;
use serde::Serialize;

use super::State;
use crate::policy::Policy;

#[derive(Serialize)]
pub(super) struct Listing {
    policies: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    name: String,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<String>,
    hooks: Vec<&'static str>,
}

/// `GET /policies`: every policy of the folder, its revision and its state:
/// `loaded`, `failed`, or `as-before` if the file that is there now cannot be loaded
/// and the one before it goes on.
pub(super) async fn list(Shared(state): Shared<Arc<State>>) -> Json<Listing> {
    let hooks = state.hooks.load();
    let policies = hooks.policies().iter();
    Json(Listing {
        policies: policies.map(|policy| line(policy)).collect(),
    })
}

fn line(policy: &Policy) -> Line {
    let problem = policy.revision.as_ref().err().or(policy.refused.as_ref());
    Line {
        name: policy.name.to_string(),
        state: match (&policy.revision, &policy.refused) {
            (Ok(_), None) => "loaded",
            (Ok(_), Some(_)) => "as-before",
            (Err(_), _) => "failed",
        },
        reason: problem.map(ToString::to_string),
        revision: policy.digest().map(ToString::to_string),
        hooks: policy.hooks.iter().map(|hook| hook.name()).collect(),
    }
}
