//! `hookwarden bench`: how long a policy takes, what it burns and what it holds, beside its
//! limits and what Okta waits.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;

use super::trying::{Tried, memory, prepare, share, status, thousands};
use crate::config::Config;
use crate::trial::latency;

/// How long Okta waits for an answer, the way there and back included.
///
/// Source: Okta, *Inline hooks*, concepts, timeout and retry.
const OKTA_WAITS: Duration = Duration::from_secs(3);

/// The shares that are told.
const PERCENTILES: [(&str, f64); 5] = [
    ("half", 50.0),
    ("90 %", 90.0),
    ("99 %", 99.0),
    ("99.9 %", 99.9),
    ("all", 100.0),
];

/// Evaluates again and again, one call after the other. A policy that fails is no success.
pub(super) async fn run(tried: Tried, time: Duration, config: Config) -> anyhow::Result<ExitCode> {
    let (trial, call) = prepare(&tried, &config).await?;
    let latency = latency(&trial, &call, time).await;
    let latency = latency.context("the call")?;
    let (tried, limits) = (&latency.last, trial.limits());
    let mut out = std::io::stdout();
    let evaluations = thousands(latency.count() as u64);
    writeln!(
        out,
        "{}: {evaluations} evaluations, one after the other",
        trial.policy().name
    )?;
    writeln!(out, "decision  {}", tried.said)?;
    for (name, percent) in PERCENTILES {
        let time = latency.percentile(percent);
        let of = |limit: Duration| {
            let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
            share(micros(time), micros(limit))
        };
        writeln!(
            out,
            "time      {name:>6} within {:>9.3} ms, {} of its deadline, {} of what Okta waits",
            time.as_secs_f64() * 1_000.0,
            of(limits.deadline),
            of(OKTA_WAITS),
        )?;
    }
    if let Some(fuel) = tried.fuel {
        let limit = limits.fuel_for(call.body().len());
        writeln!(
            out,
            "fuel      {}, {} of its limit",
            thousands(fuel),
            share(fuel, limit)
        )?;
    }
    if let Some(memory) = memory(tried, limits) {
        writeln!(out, "memory    {memory}")?;
    }
    Ok(status(tried))
}
