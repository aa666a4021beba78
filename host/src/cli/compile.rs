//! `hookwarden compile`: the child process in which a host compiles. A component on
//! standard input, code for this host on standard output.

use std::process::ExitCode;

use crate::sandbox::child;

/// What the process may use, and what it is to make.
pub(super) struct Options {
    pub(super) memory: u64,
    pub(super) cpu_time: u64,
    pub(super) reserve: Option<u64>,
    pub(super) normal_priority: bool,
}

pub(super) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    child::limit(options.memory, options.cpu_time)?;
    if !options.normal_priority {
        child::stand_back();
    }
    let (mut input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    let status = child::run(
        options.reserve,
        &mut input,
        &mut output,
        &mut std::io::stderr().lock(),
    )?;
    Ok(u8::try_from(status).map_or(ExitCode::FAILURE, ExitCode::from))
}
