//! An inline hook's call, from the request to the response.
//!
//! This is the map of a call: who is trusted, which hook answers, what is
//! refused, and where the bytes of the answer are made.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State as Shared};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use super::State;
use super::rejection::Rejection;
use crate::hook::{Given, Hook, Key, Received};
use crate::okta::{Answer, Call, Malformed};
use crate::telemetry::foreign;

/// `POST /hooks/{hook}`.
pub(super) async fn handle(
    Shared(state): Shared<Arc<State>>,
    hook: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let received = Received::now();
    let name = hook.map_or_else(|_| String::new(), |Path(name)| name);
    let hook = state.hooks.load().get(&name).cloned();
    let carries_secret = hook
        .as_ref()
        .is_some_and(|hook| hook.hook_type.carries_secret());
    let mut response = match answer(&state, &name, hook, request, received).await {
        Ok(answer) => response(answer),
        Err(rejection) => refuse(&state, rejection),
    };
    // What was read is in the connection's buffer for as long as that is open. A stranger
    // is not to find out by it what a hook is.
    if carries_secret || response.status() == StatusCode::UNAUTHORIZED {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}

async fn answer(
    state: &Arc<State>,
    name: &str,
    hook: Option<Arc<Hook>>,
    request: Request,
    received: Received,
) -> Result<Answer, Rejection> {
    let (head, body) = request.into_parts();
    state.authentication.check(name, &head.headers)?;
    let hook = hook.ok_or_else(|| state.authentication.unknown_hook())?;
    if !is_json(&head.headers) {
        return Err(Rejection::NotJson);
    }
    // One that would be refused in any case is refused before it is read.
    if state.calls.available_permits() == 0 {
        return Err(Rejection::Overloaded);
    }
    let body = tokio::time::timeout_at(
        (received.instant + hook.config.deadline).into(),
        read(body, state.max_body),
    )
    .await
    .map_err(|_| Rejection::SlowBody)??;
    let permit = Arc::clone(&state.calls).try_acquire_owned();
    let permit = permit.map_err(|_| Rejection::Overloaded)?;
    let call = Call::parse(hook.hook_type, &body)?;
    let key = Key::of(&hook, &call);
    let mut caller = Caller {
        state: Arc::clone(state),
        hook: Arc::clone(&hook),
        event_id: call.event_id().cloned(),
        answered: false,
    };
    let counting = Arc::clone(state);
    let answer = async move {
        // Belongs to what is done, and not to whoever waits for it.
        let _permit = permit;
        let report = hook.answer(&call, received).await?;
        report.log();
        counting.metrics.count(&report);
        Ok::<_, Malformed>(report.answer)
    };
    let given = state.replies.once(key, answer).await;
    caller.answered = true;
    let Given { answer, repeated } = given?;
    if repeated {
        caller.count_repeat();
    }
    Ok(answer)
}

/// Whoever waits for an answer.
struct Caller {
    state: Arc<State>,
    hook: Arc<Hook>,
    event_id: Option<Arc<str>>,
    answered: bool,
}

impl Caller {
    fn event_id(&self) -> String {
        foreign(self.event_id.as_deref().unwrap_or("-")).to_string()
    }

    fn count_repeat(&self) {
        self.state.metrics.count_repeat(&self.hook.name);
        tracing::info!(
            hook = &*self.hook.name,
            event_id = self.event_id(),
            "call repeated, and answered as before"
        );
    }
}

/// One that hangs up leaves a line of the log; its call is answered to its end.
impl Drop for Caller {
    fn drop(&mut self) {
        if !self.answered {
            self.state.metrics.count_abandoned(&self.hook.name);
            tracing::warn!(
                hook = &*self.hook.name,
                event_id = self.event_id(),
                "the caller hung up before the answer"
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
    state.metrics.count_refusal(&rejection);
    rejection.into_response()
}
