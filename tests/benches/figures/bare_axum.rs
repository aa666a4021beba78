//! A server with nothing but the rule: what HTTP and the rule cost by themselves.
//!
//! It authenticates nobody, limits nothing, keeps no answers, logs and counts nothing.

use axum::Router;
use axum::body::Bytes;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::serve::ListenerExt as _;
use hookwarden_sdk::bindings::types::{ErrorCause, OktaError};
use serde::Serialize;
use tests::calls::PATH;
use tests::compiled_in;

use super::server::listen;

/// Serves until the process is killed.
pub(crate) fn serve() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let router = Router::new().route(PATH, post(answer));
        let listener = listen().await.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        axum::serve(listener, router).await.expect("served");
    });
}

async fn answer(body: Bytes) -> Response {
    let Ok(call) = String::from_utf8(body.into()) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    match compiled_in::decide(call) {
        Ok(decision) => match &decision.error {
            None => StatusCode::NO_CONTENT.into_response(),
            Some(error) => {
                let body = serde_json::to_vec(&Denial::new(error)).expect("strings serialize");
                ([(header::CONTENT_TYPE, "application/json")], body).into_response()
            }
        },
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The answer to Okta, as the host gives it.
#[derive(Serialize)]
struct Denial<'a> {
    commands: [Command; 1],
    error: Error<'a>,
}

#[derive(Serialize)]
struct Command {
    r#type: &'static str,
    value: Value,
}

#[derive(Serialize)]
struct Value {
    registration: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Error<'a> {
    error_summary: Option<&'a str>,
    error_causes: Vec<Cause<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Cause<'a> {
    error_summary: &'a str,
    reason: &'a str,
    location_type: &'a str,
    location: Option<&'a str>,
    domain: &'a str,
}

impl<'a> Denial<'a> {
    fn new(error: &'a OktaError) -> Self {
        let first = error.error_causes.first();
        let first = first.map(|cause| cause.error_summary.as_str());
        Self {
            commands: [Command {
                r#type: "com.okta.action.update",
                value: Value {
                    registration: "DENY",
                },
            }],
            error: Error {
                error_summary: error.error_summary.as_deref().or(first),
                error_causes: error.error_causes.iter().map(Cause::from).collect(),
            },
        }
    }
}

impl<'a> From<&'a ErrorCause> for Cause<'a> {
    fn from(cause: &'a ErrorCause) -> Self {
        Self {
            error_summary: &cause.error_summary,
            reason: cause.reason.as_deref().unwrap_or("POLICY_DENIED"),
            location_type: cause.location_type.as_deref().unwrap_or("body"),
            location: cause.location.as_deref(),
            domain: cause.domain.as_deref().unwrap_or("end-user"),
        }
    }
}
