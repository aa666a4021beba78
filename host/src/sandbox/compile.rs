//! Compiling: from the bytes of a component to code for this machine.
//!
//! The compiler reads what anybody wrote, and nothing in it bounds its time or
//! memory. It runs in a child process of its own, at idle priority and under the
//! system's limits: `hookwarden compile`, a component in, code out.

mod backoff;
pub mod child;
mod room;

use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use tokio::sync::Semaphore;
use wasmtime::Engine;

use super::component::Component;
use super::engine::{self, Priority};
use super::prepare::chain;
use crate::telemetry::foreign;
use backoff::Backoff;

/// What compiling one component may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompileLimits {
    /// Address space of the child, its own code included.
    pub memory: bytesize::ByteSize,
    /// Processor time, in whole seconds.
    #[serde(with = "humantime_serde")]
    pub cpu_time: Duration,
    /// Time by the clock, at whatever speed idle priority gives.
    #[serde(with = "humantime_serde")]
    pub timeout: Duration,
}

/// Where components are compiled.
#[derive(Debug, Clone)]
pub enum Compiler {
    /// In this process, without limits: for tests of other things.
    InProcess,
    /// In a child process each.
    Child(Children),
}

/// Child processes that compile. Clones share how many there may be at once.
#[derive(Debug, Clone)]
pub struct Children {
    program: PathBuf,
    limits: CompileLimits,
    priority: Priority,
    at_once: usize,
    room: Arc<Semaphore>,
    backoff: Arc<Backoff>,
}

/// How long whoever waits for a component is willing to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Patience {
    /// Not for a compiler: only for code that was compiled before.
    None,
    /// A short while, to give way to others then.
    Short,
    /// As long as the limits allow.
    Full,
}

impl Patience {
    /// The next longer one; `None` if there is none.
    #[must_use]
    pub fn more(self) -> Option<Self> {
        match self {
            Self::None => Some(Self::Short),
            Self::Short => Some(Self::Full),
            Self::Full => None,
        }
    }
}

/// A short while.
const SHORT: Duration = Duration::from_secs(3);

/// The most code that is taken of a child, in bytes.
const MAX_CODE: u64 = 256 * 1024 * 1024;

/// Why a component was not compiled.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// The code is invalid, or uses a proposal that is switched off. The text names
    /// types and functions, which whoever made the component controls.
    #[error("it does not compile: {}", foreign(.0))]
    Invalid(String),
    /// It took too long.
    #[error(
        "it takes more than {0:?} of processor time to compile; make it smaller, or raise `compile.cpu_time`"
    )]
    CpuTime(Duration),
    /// It takes longer than the patience, and whoever wants it asks again with more.
    #[error("it is still being compiled")]
    Pending,
    /// It took too long by the clock.
    #[error(
        "it was not compiled within {0:?}; make it smaller, give the machine time, or raise `compile.timeout`"
    )]
    Timeout(Duration),
    /// It took too much memory.
    #[error(
        "it takes more than {0} of memory to compile; make it smaller, or raise `compile.memory`"
    )]
    Memory(bytesize::ByteSize),
    /// Its code is too large.
    #[error("its code has more than {MAX_CODE} bytes; make it smaller")]
    Code,
    /// It hit a limit a short while ago, and would hit it again.
    #[error("{reason}; the same file is not compiled again within the next {wait:?}")]
    BackedOff {
        /// What was wrong then.
        reason: String,
        /// How much longer.
        wait: Duration,
    },
    /// Somebody killed the compiler.
    #[error(
        "the system killed its compiler, mostly for want of memory; make it smaller, or lower `compile.memory` to what there is"
    )]
    Killed,
    /// The compiler crashed.
    #[error("the compiler failed on it ({0}); report the component to Hookwarden's authors")]
    Crashed(ExitStatus),
    /// The child does not run.
    #[error("the compiler cannot be run: {0}")]
    NotRun(io::Error),
    /// The code is not for this host.
    #[error("the compiler made what this host cannot use: {0}")]
    Unusable(String),
}

impl CompileError {
    /// Whether a limit ended it: everything that could be spent on it was.
    fn is_limit(&self) -> bool {
        matches!(
            self,
            Self::CpuTime(_) | Self::Timeout(_) | Self::Memory(_) | Self::Code | Self::Killed
        )
    }
}

impl Compiler {
    /// Compiles in child processes of this program: in the version that runs, even if
    /// the file was replaced since.
    ///
    /// # Errors
    ///
    /// The program cannot be found.
    pub fn children(limits: CompileLimits) -> io::Result<Self> {
        let program = if cfg!(target_os = "linux") {
            PathBuf::from("/proc/self/exe")
        } else {
            std::env::current_exe()?
        };
        Ok(Self::children_of(program, limits))
    }

    /// Compiles in child processes of a program that has the command `compile`.
    #[must_use]
    pub fn children_of(program: PathBuf, limits: CompileLimits) -> Self {
        let at_once = room::children(limits.memory.as_u64());
        Self::Child(Children {
            program,
            limits,
            priority: Priority::Idle,
            at_once,
            room: Arc::new(Semaphore::new(at_once)),
            backoff: Arc::default(),
        })
    }

    /// The same, whose processes stand so to others; idle ones if nothing is said.
    #[must_use]
    pub fn with(mut self, priority: Priority) -> Self {
        if let Self::Child(children) = &mut self {
            children.priority = priority;
        }
        self
    }

    /// How many components are compiled at once, at most.
    pub(super) fn at_once(&self) -> usize {
        match self {
            Self::InProcess => *room::MOST,
            Self::Child(children) => children.at_once,
        }
    }

    pub(super) async fn compile(
        &self,
        engine: &Engine,
        reserve: Option<u64>,
        component: &Component,
        patience: Patience,
    ) -> Result<Vec<u8>, CompileError> {
        match self {
            Self::InProcess => {
                let (engine, component) = (engine.clone(), component.clone());
                super::blocking(move || precompile(&engine, component.bytes())).await
            }
            Self::Child(children) => children.compile(component, reserve, patience).await,
        }
    }
}

fn precompile(engine: &Engine, component: &[u8]) -> Result<Vec<u8>, CompileError> {
    let compiled = engine.precompile_component(component);
    compiled.map_err(|error| CompileError::Invalid(chain(&error)))
}

impl Children {
    async fn compile(
        &self,
        component: &Component,
        reserve: Option<u64>,
        patience: Patience,
    ) -> Result<Vec<u8>, CompileError> {
        self.backoff.check(component)?;
        let compiled = if patience == Patience::Short && SHORT < self.limits.timeout {
            let compile = tokio::time::timeout(SHORT, self.compile_in_room(component, reserve));
            compile.await.unwrap_or(Err(CompileError::Pending))
        } else {
            self.compile_in_room(component, reserve).await
        };
        if let Err(error) = &compiled
            && error.is_limit()
        {
            self.backoff.note(component, error);
        }
        compiled
    }

    /// Waiting for room is not the component's fault, and does not count.
    async fn compile_in_room(
        &self,
        component: &Component,
        reserve: Option<u64>,
    ) -> Result<Vec<u8>, CompileError> {
        let _room = self.room.acquire().await;
        let timeout = self.limits.timeout;
        let run = tokio::time::timeout(timeout, self.run(component, reserve));
        run.await.unwrap_or(Err(CompileError::Timeout(timeout)))
    }

    /// Runs a child to its end; kills it if nobody waits for it any more.
    async fn run(
        &self,
        component: &Component,
        reserve: Option<u64>,
    ) -> Result<Vec<u8>, CompileError> {
        let CompileLimits {
            memory, cpu_time, ..
        } = self.limits;
        let mut child = Command::new(&self.program)
            .arg("compile")
            .args(["--memory", &memory.as_u64().to_string()])
            .args(["--cpu-time", &cpu_time.as_secs().to_string()])
            .args(reserve.map(|bytes| format!("--reserve={bytes}")))
            .args((self.priority == Priority::Normal).then_some("--normal-priority"))
            // It needs none of what the environment has, secrets least of all.
            .env_clear()
            // What its allocator sets aside beforehand is address space, too.
            .env("MIMALLOC_ARENA_RESERVE", "16MiB")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(CompileError::NotRun)?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(mut stdin), Some(stdout), Some(stderr)) = pipes else {
            unreachable!("all three are piped");
        };
        let (mut code, mut message) = (Vec::new(), Vec::new());
        let feed = async {
            // One that ends early says why by other means.
            let _ = stdin.write_all(component.bytes()).await;
            drop(stdin);
        };
        let (mut stdout, mut stderr) = (stdout.take(MAX_CODE + 1), stderr);
        let listen = async {
            let most = child::MAX_REASON as u64;
            (&mut stderr).take(most).read_to_end(&mut message).await?;
            // Whatever else it says, it must not wait for a reader.
            tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await
        };
        let read = async {
            let read = stdout.read_to_end(&mut code).await;
            // One that goes on writing ends by that.
            drop(stdout);
            read
        };
        let (read, listened, ()) = tokio::join!(read, listen, feed);
        read.and(listened.map(|_| 0))
            .map_err(CompileError::NotRun)?;
        if code.len() as u64 > MAX_CODE {
            return Err(CompileError::Code);
        }
        let status = child.wait().await.map_err(CompileError::NotRun)?;
        if status.success() {
            return Ok(code);
        }
        Err(self.reason(status, &message))
    }

    fn reason(&self, status: ExitStatus, message: &[u8]) -> CompileError {
        let message = String::from_utf8_lossy(message).into_owned();
        if status.code() == Some(child::INVALID) {
            return CompileError::Invalid(message);
        }
        let signal = |name: rustix::process::Signal| status.signal() == Some(name.as_raw());
        if signal(rustix::process::Signal::XCPU) {
            return CompileError::CpuTime(self.limits.cpu_time);
        }
        if signal(rustix::process::Signal::KILL) {
            return CompileError::Killed;
        }
        // What Rust's runtime says when the system refuses memory; it then aborts.
        if status.code() == Some(child::NO_MEMORY) || message.contains("memory allocation of") {
            return CompileError::Memory(self.limits.memory);
        }
        CompileError::Crashed(status)
    }
}

/// Compiles a component for the engine of a host, in this process.
fn compile_here(component: &[u8], reserve: Option<u64>) -> Result<Vec<u8>, CompileError> {
    let engine = engine::for_compiling(reserve);
    let engine = engine.map_err(|error| CompileError::Unusable(chain(&error)))?;
    precompile(&engine, component)
}
