//! `hookwarden eval`: what a policy makes of a call, with what that cost and how the person
//! will see it. It prints the call's own values: run it where the call may be seen.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::trying::{self, memory, prepare, share, status, thousands};
use crate::capabilities::log::Level;
use crate::config::Config;
use crate::okta::{Call, Shown, shown};
use crate::sandbox::Lane;
use crate::telemetry::foreign;
use crate::trial::{Trial, Tried, Verdict};

/// Evaluates once. A policy that is not loaded or failed is no success.
pub(super) async fn run(
    options: trying::Tried,
    json: bool,
    config: Config,
) -> anyhow::Result<ExitCode> {
    let (trial, call) = prepare(&options, &config).await?;
    let tried = trial.ask(&call).await.context("the call")?;
    let shown = shown(&call, &tried.answer);
    let text = if json {
        serde_json::to_string_pretty(&Told::new(&trial, &call, &tried, &shown))?
    } else {
        text(&trial, &call, &tried, &shown)?
    };
    writeln!(std::io::stdout(), "{}", text.trim_end())?;
    Ok(status(&tried))
}

/// For people.
fn text(trial: &Trial, call: &Call, tried: &Tried, shown: &Shown) -> anyhow::Result<String> {
    let (policy, limits) = (trial.policy(), trial.limits());
    let mut text = String::new();
    let revision = policy.digest().map(ToString::to_string).unwrap_or_default();
    writeln!(text, "policy    {} {revision}", policy.name)?;
    writeln!(text, "hook      {}", call.hook_type())?;
    writeln!(text, "decision  {}", tried.said)?;
    if let Verdict::Failed { cause, .. } = &tried.said {
        writeln!(text, "cause     {}", cause.tells())?;
    }
    if let Some(reason) = &tried.reason {
        writeln!(text, "reason    {}", foreign(reason))?;
    }
    if let Some(fuel) = tried.fuel {
        let limit = limits.fuel_for(call.body().len());
        let share = share(fuel, limit);
        let lane = match tried.lane {
            Lane::Front => "within its first slice",
            Lane::Slow => "beyond its first slice, `limits.slice`: a host goes on in the slow lane",
        };
        writeln!(
            text,
            "fuel      {}, {share} of its limit, {lane}",
            thousands(fuel)
        )?;
    }
    if let Some(memory) = memory(tried, limits) {
        writeln!(text, "memory    {memory}")?;
    }
    writeln!(
        text,
        "time      {}{}",
        milliseconds(tried.time),
        late(tried.time, limits.deadline)
    )?;
    for (level, line) in &tried.lines {
        writeln!(text, "log       {} {line}", word(*level))?;
    }
    for request in &tried.unanswered {
        let request = foreign(request);
        writeln!(
            text,
            "request   {request} has no answer: a case gives one, with `[[http]]`"
        )?;
    }
    for (key, value) in tried.bucket.iter().flatten() {
        writeln!(text, "key       {} = {}", foreign(key), foreign(value))?;
    }
    writeln!(text, "\nOkta gets {}", tried.answer.status)?;
    if let Ok(body) = serde_json::from_slice::<Value>(&tried.answer.body) {
        writeln!(text, "{body:#}")?;
    }
    write!(text, "\n{shown}")?;
    Ok(text)
}

fn milliseconds(time: Duration) -> String {
    format!("{:.3} ms", time.as_secs_f64() * 1_000.0)
}

/// What a host would have said about the time.
fn late(time: Duration, deadline: Duration) -> String {
    if time <= deadline {
        return String::new();
    }
    let deadline = milliseconds(deadline);
    format!(", more than `limits.deadline` ({deadline}): a host would have ended it")
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
    }
}

/// For machines.
#[derive(Serialize)]
struct Told<'a> {
    policy: &'a str,
    revision: Option<&'a str>,
    hook: &'static str,
    decision: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<Failure<'a>>,
    reason: Option<&'a str>,
    status: u16,
    /// JSON, to the letter; `null` if there is none.
    answer: Option<&'a RawValue>,
    fuel: Option<u64>,
    fuel_limit: u64,
    /// Bytes.
    memory: Option<usize>,
    memory_limit: usize,
    time_us: u128,
    lane: &'static str,
    log: Vec<Line<'a>>,
    shown: &'a Shown,
}

#[derive(Serialize)]
struct Failure<'a> {
    cause: &'static str,
    message: &'a str,
    detail: Option<&'a str>,
}

#[derive(Serialize)]
struct Line<'a> {
    level: &'static str,
    message: &'a str,
}

impl<'a> Told<'a> {
    fn new(trial: &'a Trial, call: &Call, tried: &'a Tried, shown: &'a Shown) -> Self {
        let (policy, limits) = (trial.policy(), trial.limits());
        let line = |(level, message): &'a (Level, String)| Line {
            level: word(*level),
            message,
        };
        let failure = match &tried.said {
            Verdict::Failed {
                cause,
                message,
                detail,
            } => Some(Failure {
                cause: cause.word(),
                message,
                detail: detail.as_deref(),
            }),
            _ => None,
        };
        Self {
            policy: policy.name.as_str(),
            revision: policy.digest().map(crate::policy::Digest::as_str),
            hook: call.hook_type().name(),
            decision: tried.said.word(),
            failure,
            reason: tried.reason.as_deref(),
            status: tried.answer.status,
            answer: serde_json::from_slice(&tried.answer.body).ok(),
            fuel: tried.fuel,
            fuel_limit: limits.fuel_for(call.body().len()),
            memory: tried.memory,
            memory_limit: limits.memory,
            time_us: tried.time.as_micros(),
            lane: match tried.lane {
                Lane::Front => "front",
                Lane::Slow => "slow",
            },
            log: tried.lines.iter().map(line).collect(),
            shown,
        }
    }
}
