//! `hookwarden compile`: the child process in which a host compiles. A component on
//! standard input, code for this host on standard output.

use std::process::ExitCode;

use crate::sandbox::child;

pub(super) fn run(memory: u64, cpu_time: u64, reserve: Option<u64>) -> anyhow::Result<ExitCode> {
    child::limit(memory, cpu_time)?;
    let (mut input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    let status = child::run(
        reserve,
        &mut input,
        &mut output,
        &mut std::io::stderr().lock(),
    )?;
    Ok(u8::try_from(status).map_or(ExitCode::FAILURE, ExitCode::from))
}
