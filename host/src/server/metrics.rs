//! Metrics, for machines that the operator trusts.

mod labels;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State as Shared;
use axum::http::HeaderName;
use axum::http::header::CONTENT_TYPE;
use labels::{Labels, Value};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Metric as Kind, Registry};

use super::State;
use super::rejection::Rejection;
use crate::hook::{Hooks, Report, Said};
use crate::policy::{Digest, Grantor, Policy, PolicyName};
use crate::sandbox::Lane;
use crate::telemetry::lost_lines;
use crate::telemetry::metric::{self, Metric};

/// The media type of OpenMetrics, which Prometheus reads.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper bounds of the buckets for time, in seconds: from an ordinary decision to
/// the longest deadline.
const SECONDS: [f64; 15] = [
    0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
    1.0, 2.5,
];

/// Upper bounds of the buckets for fuel: from next to nothing to the default limit
/// and beyond.
const FUEL: [f64; 11] = [1e4, 3e4, 1e5, 3e5, 1e6, 3e6, 1e7, 3e7, 1e8, 3e8, 1e9];

type Counters = Family<Labels, Counter>;
type Histograms = Family<Labels, Histogram, fn() -> Histogram>;

/// What is counted as it happens.
#[derive(Debug)]
pub(super) struct Metrics {
    loads: Counters,
    calls: Counters,
    call_duration: Histograms,
    repeated: Counters,
    abandoned: Counters,
    refused: Counters,
    evaluations: Counters,
    failures: Counters,
    evaluation_duration: Histograms,
    evaluation_wait: Histograms,
    evaluation_fuel: Histograms,
    slow_evaluations: Counters,
}

impl Default for Metrics {
    fn default() -> Self {
        let seconds = || Histogram::new(SECONDS);
        let fuel = || Histogram::new(FUEL);
        Self {
            loads: Counters::default(),
            calls: Counters::default(),
            call_duration: Family::new_with_constructor(seconds),
            repeated: Counters::default(),
            abandoned: Counters::default(),
            refused: Counters::default(),
            evaluations: Counters::default(),
            failures: Counters::default(),
            evaluation_duration: Family::new_with_constructor(seconds),
            evaluation_wait: Family::new_with_constructor(seconds),
            evaluation_fuel: Family::new_with_constructor(fuel),
            slow_evaluations: Counters::default(),
        }
    }
}

impl Metrics {
    /// Counts the policies that are not what they were.
    pub(super) fn count_changes(&self, before: &Hooks, now: &Hooks) {
        let before = policies(before);
        let now = policies(now);
        let changed = now
            .iter()
            .filter(|(name, is)| before.get(*name) != Some(is));
        let states = changed.map(|(_, is)| is.state);
        let gone = before.keys().filter(|name| !now.contains_key(*name));
        for outcome in states.chain(gone.map(|_| "removed")) {
            let of_outcome = Labels::of(metric::LOADS, [outcome.into()]);
            self.loads.get_or_create(&of_outcome).inc();
        }
    }

    /// Counts a call that was decided, and what each policy said.
    pub(super) fn count(&self, report: &Report) {
        let hook = Value::from(&report.hook);
        let of_call = Labels::of(metric::CALLS, [hook.clone(), report.decision.into()]);
        self.calls.get_or_create(&of_call).inc();
        let of_hook = Labels::of(metric::CALL_DURATION, [hook]);
        let duration = self.call_duration.get_or_create(&of_hook);
        duration.observe(report.time.as_secs_f64());
        for entry in &report.entries {
            let name = Value::from(entry.policy.name.shared());
            let said = match &entry.said {
                Said::Failed(error, mode) => {
                    let (cause, mode) = (error.cause().word(), mode.word());
                    let values = [name.clone(), cause.into(), mode.into()];
                    let of_failure = Labels::of(metric::FAILURES, values);
                    self.failures.get_or_create(&of_failure).inc();
                    "failed"
                }
                said => said.word(),
            };
            let of_evaluation = Labels::of(metric::EVALUATIONS, [name.clone(), said.into()]);
            self.evaluations.get_or_create(&of_evaluation).inc();
            let of_policy = Labels::of(metric::EVALUATION_DURATION, [name]);
            let duration = self.evaluation_duration.get_or_create(&of_policy);
            duration.observe(entry.time.as_secs_f64());
            if !entry.waited.is_zero() {
                let wait = self.evaluation_wait.get_or_create(&of_policy);
                wait.observe(entry.waited.as_secs_f64());
            }
            if let Some(fuel) = entry.fuel {
                #[expect(clippy::cast_precision_loss, reason = "a bucket takes no offence")]
                let fuel = fuel as f64;
                self.evaluation_fuel.get_or_create(&of_policy).observe(fuel);
            }
            if entry.lane == Lane::Slow {
                self.slow_evaluations.get_or_create(&of_policy).inc();
            }
        }
    }

    pub(super) fn count_repeat(&self, hook: &Arc<str>) {
        let of_hook = Labels::of(metric::CALLS_REPEATED, [hook.into()]);
        self.repeated.get_or_create(&of_hook).inc();
    }

    pub(super) fn count_abandoned(&self, hook: &Arc<str>) {
        let of_hook = Labels::of(metric::CALLS_ABANDONED, [hook.into()]);
        self.abandoned.get_or_create(&of_hook).inc();
    }

    pub(super) fn count_refusal(&self, rejection: &Rejection) {
        let of_reason = Labels::of(metric::CALLS_REFUSED, [rejection.kind().into()]);
        self.refused.get_or_create(&of_reason).inc();
    }

    fn register(&self, registry: &mut Registry) {
        for (metric, counters) in [
            (metric::LOADS, &self.loads),
            (metric::CALLS, &self.calls),
            (metric::CALLS_REPEATED, &self.repeated),
            (metric::CALLS_ABANDONED, &self.abandoned),
            (metric::CALLS_REFUSED, &self.refused),
            (metric::EVALUATIONS, &self.evaluations),
            (metric::FAILURES, &self.failures),
            (metric::SLOW_EVALUATIONS, &self.slow_evaluations),
        ] {
            register(registry, metric, counters.clone());
        }
        for (metric, histograms) in [
            (metric::CALL_DURATION, &self.call_duration),
            (metric::EVALUATION_DURATION, &self.evaluation_duration),
            (metric::EVALUATION_WAIT, &self.evaluation_wait),
            (metric::EVALUATION_FUEL, &self.evaluation_fuel),
        ] {
            register(registry, metric, histograms.clone());
        }
    }
}

/// `GET /metrics`: what was counted, and what the host is like now.
pub(super) async fn all(
    Shared(state): Shared<Arc<State>>,
) -> ([(HeaderName, &'static str); 1], String) {
    let mut registry = Registry::default();
    register_hooks(&mut registry, &state.hooks.load());
    state.metrics.register(&mut registry);
    register_load(&mut registry, &state);
    register_granted(&mut registry, &state.grantor);
    let mut text = String::new();
    encode(&mut text, &registry).expect("a string takes all");
    ([(CONTENT_TYPE, OPEN_METRICS)], text)
}

fn register(registry: &mut Registry, metric: Metric, kind: impl Kind) {
    // The library puts the ending of counters back.
    let name = metric.name.strip_suffix("_total").unwrap_or(metric.name);
    registry.register(name, metric.tells, kind);
}

fn gauge<N: TryInto<i64>>(registry: &mut Registry, metric: Metric, value: N) {
    let gauge = Gauge::<i64>::default();
    gauge.set(value.try_into().unwrap_or(i64::MAX));
    register(registry, metric, gauge);
}

fn gauges<const N: usize>(
    registry: &mut Registry,
    metric: Metric,
    values: impl IntoIterator<Item = ([Value; N], usize)>,
) {
    let gauges = Family::<Labels, Gauge>::default();
    for (of, value) in values {
        let value = i64::try_from(value).unwrap_or(i64::MAX);
        gauges.get_or_create(&Labels::of(metric, of)).set(value);
    }
    register(registry, metric, gauges);
}

fn register_hooks(registry: &mut Registry, hooks: &Hooks) {
    gauge(registry, metric::READY, hooks.unready().is_empty());
    let states = policies(hooks).into_iter();
    let states = states.map(|(name, is)| ([name.shared().into(), is.state.into()], 1));
    gauges(registry, metric::POLICY_STATE, states);
}

/// What is different when a policy was loaded, or could not be.
#[derive(PartialEq)]
struct Is<'a> {
    state: &'static str,
    revision: Option<&'a Digest>,
    problem: Option<String>,
}

/// All policies: those of the folder, and those that it should have.
fn policies(hooks: &Hooks) -> BTreeMap<&PolicyName, Is<'_>> {
    let chains = hooks.iter().flat_map(|hook| &hook.chain);
    let policies = hooks.policies().iter().chain(chains);
    policies
        .map(|policy| (&policy.name, Is::of(policy)))
        .collect()
}

impl<'a> Is<'a> {
    fn of(policy: &'a Policy) -> Self {
        Self {
            state: policy.state(),
            revision: policy.digest(),
            problem: policy.problem().map(ToString::to_string),
        }
    }
}

fn register_load(registry: &mut Registry, state: &State) {
    let lost = Counter::<u64>::default();
    lost.inc_by(lost_lines());
    register(registry, metric::LOG_LINES_LOST, lost);
    gauge(
        registry,
        metric::CALLS_IN_PROGRESS,
        state.calls_in_progress(),
    );
    let occupancy = state.sandbox.occupancy();
    let front = occupancy.evaluations.saturating_sub(occupancy.slow);
    let lanes = [("front", front), ("slow", occupancy.slow)];
    let named = |(name, value): (&'static str, usize)| ([name.into()], value);
    gauges(registry, metric::RUNNING, lanes.map(named));
    let oldest = Gauge::<f64, std::sync::atomic::AtomicU64>::default();
    oldest.set(occupancy.oldest.unwrap_or_default().as_secs_f64());
    register(registry, metric::OLDEST, oldest);
    if let Some(pool) = state.sandbox.pool() {
        let slots = [
            ("memory", pool.memories),
            ("table", pool.tables),
            ("stack", pool.stacks),
        ];
        gauges(registry, metric::POOL_SLOTS, slots.map(named));
        gauge(registry, metric::POOL_KEPT, pool.kept);
    }
}

/// What policies are granted, as it is now.
fn register_granted(registry: &mut Registry, grantor: &Grantor) {
    let name = |name: &str| Value::from(&Arc::<str>::from(name));
    let datasets = || grantor.datasets();
    let entries = datasets().filter_map(|dataset| {
        let content = dataset.snapshot()?;
        Some(([name(dataset.name())], content.len()))
    });
    gauges(registry, metric::DATASET_ENTRIES, entries);
    let broken = datasets().filter(|dataset| dataset.problem().is_some());
    let broken = broken.map(|dataset| ([name(dataset.name())], 1));
    gauges(registry, metric::DATASET_BROKEN, broken);

    let requests = Counters::default();
    for (policy, granted) in grantor.all_given() {
        let http = granted.http.as_ref();
        let Some(counts) = http.and_then(|http| http.services.counts()) else {
            continue;
        };
        for (outcome, count) in counts.snapshot() {
            let of = Labels::of(
                metric::HTTP_REQUESTS,
                [policy.shared().into(), outcome.into()],
            );
            requests.get_or_create(&of).inc_by(count);
        }
    }
    register(registry, metric::HTTP_REQUESTS, requests);

    let buckets = grantor.buckets();
    let size = |size: u64| usize::try_from(size).unwrap_or(usize::MAX);
    let keys = buckets
        .iter()
        .map(|(name, totals)| ([name.into()], size(totals.keys)));
    gauges(registry, metric::BUCKET_KEYS, keys);
    let bytes = buckets
        .iter()
        .map(|(name, totals)| ([name.into()], size(totals.bytes)));
    gauges(registry, metric::BUCKET_BYTES, bytes);
}
