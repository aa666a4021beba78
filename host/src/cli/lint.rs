//! `hookwarden lint`: whether Okta would take an answer, for people whose hook is a
//! service of their own. It prints what it was given: run it where the call may be seen.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};

use super::trying::read_or_stdin;
use crate::okta::{Answer, Finding, lint};
use crate::telemetry::foreign;
use crate::trial::parse_call;

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
    let body = answer.map_or_else(|| Ok(Vec::new()), read_or_stdin)?;
    let json = read_or_stdin(call)?;
    let call = parse_call(&json).with_context(|| format!("the call {}", named(call)))?;
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
