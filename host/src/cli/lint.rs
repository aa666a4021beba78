//! `hookwarden lint`: whether Okta would take an answer, for people whose hook is a
//! service of their own. It prints what it was given: run it where the call may be seen.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::okta::{Answer, Call, Finding, HookType, lint};
use crate::telemetry::foreign;

/// Checks an answer; fails if Okta would not take it.
pub(super) fn run(
    call: &Path,
    answer: Option<&Path>,
    status: Option<u16>,
) -> anyhow::Result<ExitCode> {
    let is_stdin = |path: &Path| path == Path::new("-");
    if is_stdin(call) && answer.is_some_and(is_stdin) {
        bail!("call and answer cannot both be standard input");
    }
    let named = |path: &Path| format!("`{}`", path.display());
    let body = answer.map_or_else(|| Ok(Vec::new()), read)?;
    let json = read(call)?;
    let call = parse(&json).with_context(|| format!("the call {}", named(call)))?;
    let answer = Answer {
        status: status.unwrap_or(if body.is_empty() { 204 } else { 200 }),
        body: body.into(),
    };
    let findings = lint(&call, &answer).context("the call")?;
    let mut out = std::io::stdout();
    for Finding {
        is_wrong,
        message,
        said,
    } in &findings
    {
        let severity = if *is_wrong { "error" } else { "note" };
        let said = said.as_deref().map(|said| format!(": `{}`", foreign(said)));
        writeln!(out, "{severity}: {message}{}", said.unwrap_or_default())?;
    }
    if findings.iter().any(|finding| finding.is_wrong) {
        return Ok(ExitCode::FAILURE);
    }
    let hook_type = call.hook_type();
    writeln!(out, "an answer that Okta takes to a `{hook_type}` call")?;
    Ok(ExitCode::SUCCESS)
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))
}

/// A call, of the hook type that it says.
fn parse(json: &[u8]) -> anyhow::Result<Call> {
    let envelope: Value = serde_json::from_slice(json).context("is not JSON")?;
    let literal = envelope.get("eventType").and_then(Value::as_str);
    let served = |hook: &HookType| hook.is_served();
    let hook_type = literal.and_then(HookType::from_event_type).filter(served);
    let Some(hook_type) = hook_type else {
        let known = HookType::ALL.into_iter().filter(served);
        let known: Vec<_> = known
            .map(|hook| format!("`{}`", hook.event_type()))
            .collect();
        bail!("its `eventType` must be one of {}", known.join(", "));
    };
    Ok(Call::parse(hook_type, json)?)
}
