//! An inline hook's call, from the request to the response.
//!
//! This is the map of a call: who is trusted, which hook answers, what is
//! refused, and where the bytes of the answer are made.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use super::State;
use super::rejection::Rejection;
use crate::hook::{Received, Report};
use crate::okta::{Answer, Call};
use crate::telemetry::foreign;

/// `POST /hooks/{hook}`.
pub(super) async fn handle(
    Shared(state): Shared<Arc<State>>,
    hook: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let received = Received::now();
    match answer(&state, hook, request, received).await {
        Ok(report) => {
            report.log();
            response(report.answer)
        }
        Err(rejection) => refuse(&state, rejection),
    }
}

async fn answer(
    state: &State,
    hook: Result<Path<String>, PathRejection>,
    request: Request,
    received: Received,
) -> Result<Report, Rejection> {
    let (head, body) = request.into_parts();
    state.authentication.check(&head.headers)?;
    let hooks = state.hooks.load_full();
    let name = hook.map_err(|_| Rejection::UnknownHook)?;
    let hook = hooks.get(&name).ok_or(Rejection::UnknownHook)?;
    if !is_json(&head.headers) {
        return Err(Rejection::NotJson);
    }
    let body = tokio::time::timeout_at(
        (received.instant + hook.config.deadline).into(),
        read(body, state.max_body),
    )
    .await
    .map_err(|_| Rejection::SlowBody)??;
    let _permit = state
        .calls
        .try_acquire()
        .map_err(|_| Rejection::Overloaded)?;
    let call = Call::parse(hook.hook_type, &body)?;
    let mut abandoned = Abandoned {
        hook: &hook.name,
        event_id: call.event_id(),
        answered: false,
    };
    let report = hook.answer(&call, received).await;
    abandoned.answered = true;
    Ok(report?)
}

/// A call whose caller hung up is dropped where it stands, its evaluation with
/// it. It is a line of the log all the same.
struct Abandoned<'a> {
    hook: &'a str,
    event_id: Option<&'a str>,
    answered: bool,
}

impl Drop for Abandoned<'_> {
    fn drop(&mut self) {
        if !self.answered {
            let event_id = foreign(self.event_id.unwrap_or("-")).to_string();
            tracing::warn!(
                hook = self.hook,
                event_id,
                "call abandoned: the caller hung up"
            );
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = content_type
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

async fn read(body: Body, limit: usize) -> Result<bytes::Bytes, Rejection> {
    match Limited::new(body, limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Rejection::BodyTooLarge { limit }),
        Err(_) => Err(Rejection::BrokenBody),
    }
}

fn response(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).expect("answers have 200 or 204");
    if answer.body.is_empty() {
        return status.into_response();
    }
    (
        status,
        [(header::CONTENT_TYPE, "application/json")],
        answer.body,
    )
        .into_response()
}

/// Any other method on a hook's path.
pub(super) async fn wrong_method(Shared(state): Shared<Arc<State>>) -> Response {
    refuse(&state, Rejection::WrongMethod)
}

/// Any other path.
pub(super) async fn no_such_path(Shared(state): Shared<Arc<State>>) -> Response {
    refuse(&state, Rejection::UnknownPath)
}

fn refuse(state: &State, rejection: Rejection) -> Response {
    state.refusals.count(&rejection);
    rejection.into_response()
}
