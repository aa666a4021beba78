//! The child process that compiles one component.

use std::io::{self, Read, Write};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::{CompileError, compile_here};
use crate::sandbox::idle;

/// Exit status for a component that is at fault; standard error says why.
pub const INVALID: i32 = 65;

/// Exit status for want of memory.
pub const NO_MEMORY: i32 = 71;

/// The most that is said about a component, in bytes.
pub(super) const MAX_REASON: usize = 4 * 1024;

/// The compiler's stack, in bytes: it recurses as deep as the code is nested.
const STACK: usize = 64 * 1024 * 1024;

/// Limits this process for good: address space in bytes, processor time in
/// seconds.
///
/// # Errors
///
/// The system refuses.
pub fn limit(memory: u64, cpu_time: u64) -> io::Result<()> {
    // Where memory runs out, the system ends this process and not the host. It must
    // come before the limit on files.
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
    lower(Resource::As, memory, memory)?;
    // First the signal that says why, then the one that cannot be ignored.
    lower(Resource::Cpu, cpu_time, cpu_time.saturating_add(1))?;
    // What it compiles belongs into no core dump.
    lower(Resource::Core, 0, 0)?;
    // It writes to pipes, and to no file.
    lower(Resource::Fsize, 0, 0)
}

/// Lets this process run when nobody else wants the processor, for good.
pub fn stand_back() {
    idle::stand_back();
}

/// Where the host itself has less, that holds.
fn lower(resource: Resource, soft: u64, hard: u64) -> io::Result<()> {
    let most = getrlimit(resource).maximum.unwrap_or(u64::MAX);
    let limit = Rlimit {
        current: Some(soft.min(most)),
        maximum: Some(hard.min(most)),
    };
    Ok(setrlimit(resource, limit)?)
}

/// Compiles what comes in, and writes the code out: for memories that have this much
/// address space from the start, or all that they can ever have. Returns the exit
/// status.
///
/// # Errors
///
/// A pipe broke: nobody waits for the code any more.
pub fn run(
    reserve: Option<u64>,
    input: &mut dyn Read,
    output: &mut dyn Write,
    errors: &mut dyn Write,
) -> io::Result<i32> {
    let mut component = Vec::new();
    input.read_to_end(&mut component)?;
    let compile = move || compile_here(&component, reserve);
    let compiler = std::thread::Builder::new().stack_size(STACK).spawn(compile);
    let compiled = match compiler {
        Ok(compiler) => compiler.join(),
        Err(error) => {
            write!(errors, "{error}")?;
            return Ok(NO_MEMORY);
        }
    };
    match compiled {
        Ok(Ok(code)) => {
            output.write_all(&code)?;
            output.flush()?;
            Ok(0)
        }
        Ok(Err(CompileError::Invalid(reason))) => {
            let reason = reason.as_bytes();
            errors.write_all(&reason[..reason.len().min(MAX_REASON)])?;
            Ok(INVALID)
        }
        Ok(Err(error)) => {
            write!(errors, "{error}")?;
            Ok(1)
        }
        // The panic has written its message.
        Err(_) => Ok(101),
    }
}
