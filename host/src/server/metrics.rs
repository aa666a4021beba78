//! Metrics, for machines that the operator trusts.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State as Shared;
use axum::http::HeaderName;
use axum::http::header::CONTENT_TYPE;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::State;
use crate::hook::Hooks;
use crate::telemetry::metric::{POLICY_STATE, READY};

/// The media type of OpenMetrics, which Prometheus reads.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// `GET /metrics`: what the hooks are like now.
pub(super) async fn all(
    Shared(state): Shared<Arc<State>>,
) -> ([(HeaderName, &'static str); 1], String) {
    let registry = gauges(&state.hooks.load());
    let mut text = String::new();
    encode(&mut text, &registry).expect("a string takes all");
    ([(CONTENT_TYPE, OPEN_METRICS)], text)
}

fn gauges(hooks: &Hooks) -> Registry {
    let mut registry = Registry::default();
    let ready = Gauge::<i64>::default();
    ready.set(i64::from(hooks.unready().is_empty()));
    registry.register(READY.0, READY.1, ready);

    let states = Family::<Vec<(&str, String)>, Gauge>::default();
    // A chain has policies that the folder has not: those that are missing.
    let chains = hooks.iter().flat_map(|hook| &hook.chain);
    let policies: BTreeMap<_, _> = hooks
        .policies()
        .iter()
        .chain(chains)
        .map(|policy| (&policy.name, policy.state()))
        .collect();
    for (name, state) in policies {
        let labels = vec![("policy", name.to_string()), ("state", state.to_owned())];
        states.get_or_create(&labels).set(1);
    }
    registry.register(POLICY_STATE.0, POLICY_STATE.1, states);
    registry
}
