//! Whether the host is alive and ready.
//!
//! Alive: it answers. Ready: every chain is complete, so a call gets what the
//! operator meant it to get.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::http::StatusCode;

use super::State;

pub(super) async fn live() -> &'static str {
    "alive\n"
}

/// For balancers: the status, and not why.
pub(super) async fn ready(Shared(state): Shared<Arc<State>>) -> (StatusCode, &'static str) {
    if state.hooks.load().unready().is_empty() {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    }
}

/// For the operator: a line for each reason.
pub(super) async fn ready_and_why(Shared(state): Shared<Arc<State>>) -> (StatusCode, String) {
    let hooks = state.hooks.load();
    let reasons = hooks.unready();
    if reasons.is_empty() {
        return (StatusCode::OK, "ready\n".to_owned());
    }
    let lines: String = reasons.iter().map(|reason| format!("{reason}\n")).collect();
    (
        StatusCode::SERVICE_UNAVAILABLE,
        format!("not ready\n{lines}"),
    )
}
