//! HTTP: two listeners, and every route of both.
//!
//! Okta's listener takes calls and tells a balancer whether the host is alive
//! and ready; it says nothing else. The operator's listener is for people and
//! machines that the operator trusts.

mod authentication;
mod client;
mod health;
mod inline_hook;
mod listener;
mod metrics;
mod policies;
mod rejection;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::Router;
use axum::routing::{get, post};
use serde::Deserialize;
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;

pub use authentication::{Authentication, Secret, SecretError};
pub use client::{AskError, ask};
pub use listener::{Connections, serve};
use metrics::Metrics;
pub use policies::{DatasetLine, Failure, Line, Listing};
use rejection::Refusals;

use crate::capabilities::secrets::SecretSource;
use crate::hook::{Hooks, ReplyCache};
use crate::policy::{Grantor, Loader};
use crate::sandbox::Sandbox;

/// Okta's listener, as it is configured.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OktaConfig {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The header that carries the secret.
    pub header: String,
    /// Where the secrets are: one, or two while they are rotated.
    pub secrets: Vec<SecretSource>,
    /// The largest body.
    pub max_body: bytesize::ByteSize,
    /// The largest head: request line and headers.
    pub max_head: bytesize::ByteSize,
    /// How long a connection may take to send a head, idle time included.
    #[serde(with = "humantime_serde")]
    pub head_timeout: Duration,
    /// How many connections are open at once; others wait to be accepted.
    pub max_connections: usize,
    /// How many calls are in progress at once; others are refused.
    pub max_calls: usize,
}

/// The operator's listener, as it is configured.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatorConfig {
    /// Where it listens.
    pub listen: SocketAddr,
}

/// What the handlers share.
#[derive(Debug)]
pub struct State {
    /// The hooks as they are now. A call takes them once and keeps them.
    hooks: ArcSwap<Hooks>,
    authentication: Authentication,
    max_body: usize,
    calls: Arc<Semaphore>,
    replies: ReplyCache,
    refusals: Refusals,
    metrics: Metrics,
    max_calls: usize,
    sandbox: Sandbox,
    grantor: Grantor,
}

impl State {
    /// A state that serves these hooks.
    #[must_use]
    pub fn new(
        hooks: Hooks,
        authentication: Authentication,
        config: &OktaConfig,
        replies: ReplyCache,
        loader: &Loader,
    ) -> Self {
        let state = Self {
            hooks: ArcSwap::default(),
            authentication,
            max_body: usize::try_from(config.max_body.as_u64()).unwrap_or(usize::MAX),
            calls: Arc::new(Semaphore::new(config.max_calls)),
            replies,
            refusals: Refusals::default(),
            metrics: Metrics::default(),
            max_calls: config.max_calls,
            sandbox: loader.sandbox().clone(),
            grantor: loader.grantor().clone(),
        };
        state.serve(hooks);
        state
    }

    /// The hooks as they are now.
    #[must_use]
    pub fn hooks(&self) -> Arc<Hooks> {
        self.hooks.load_full()
    }

    /// Serves these hooks from now on. Calls in progress end with the hooks that they
    /// began with.
    pub fn serve(&self, hooks: Hooks) {
        self.metrics.count_changes(&self.hooks.load(), &hooks);
        self.hooks.store(Arc::new(hooks));
    }

    fn calls_in_progress(&self) -> usize {
        let places = self.calls.available_permits();
        self.max_calls.saturating_sub(places)
    }

    /// Tells the operator of refused calls while the host runs. Never ends.
    pub async fn keep_reporting_refusals(&self) {
        self.refusals.keep_reporting().await;
    }
}

/// The routes of Okta's listener.
pub fn okta_router(state: Arc<State>) -> Router {
    let hook = post(inline_hook::handle).fallback(inline_hook::wrong_method);
    Router::new()
        .route("/hooks/{hook}", hook)
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .fallback(inline_hook::no_such_path)
        .layer(CatchPanicLayer::custom(rejection::panicked))
        .with_state(state)
}

/// The routes of the operator's listener.
pub fn operator_router(state: Arc<State>) -> Router {
    Router::new()
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready_and_why))
        .route("/policies", get(policies::list))
        .route("/metrics", get(metrics::all))
        .layer(CatchPanicLayer::custom(rejection::panicked))
        .with_state(state)
}
