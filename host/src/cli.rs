//! The command line: one file for each subcommand.

mod bench;
mod build;
mod compile;
mod dev;
mod eval;
mod inspect;
mod lint;
mod new;
mod rollback;
mod sample;
mod serve;
mod serving;
mod status;
mod test;
mod trying;

use std::ffi::OsString;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tokio::runtime::Builder;

use crate::config::{self, ConfigError};
use crate::okta::HookType;
use crate::package::Language;
use crate::policy::Folder;
use crate::telemetry;

/// A host for Okta hooks that runs sandboxed WebAssembly policies.
#[derive(Parser)]
#[command(name = "hookwarden", version, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the policies of a folder.
    Serve {
        /// The configuration file; see `default-config`.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// The only folder of policies, instead of those that are configured.
        #[arg(long, value_name = "DIR")]
        policies: Option<PathBuf>,
    },
    /// Make a package for a new policy, with a rule to start from, its cases, and all that
    /// it is built of.
    New {
        /// The policy's name, which says what it decides: `deny-free-mail`.
        #[arg(value_name = "NAME")]
        name: String,
        /// The hook that it serves.
        #[arg(long, value_parser = new::hook())]
        hook: HookType,
        /// The language that it is written in.
        #[arg(long = "lang", value_parser = new::language())]
        language: Language,
        /// The folder to make, instead of one with the policy's name.
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
    /// Build a policy.
    Build {
        /// The folder of its package.
        #[arg(default_value = ".", value_name = "DIR")]
        dir: PathBuf,
    },
    /// Build, serve and watch policies while you write them.
    Dev {
        /// Folders of policy packages.
        #[arg(required = true, value_name = "DIR")]
        dirs: Vec<PathBuf>,
        /// The configuration file; see `default-config`.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Tell what a file is, what it asks for and would be granted, and whether it would
    /// be loaded, before it is dropped.
    Inspect {
        /// A component; settings are read from the `.toml` beside it.
        #[arg(value_name = "FILE.wasm")]
        file: PathBuf,
        /// The folder that it is for, of those that are configured. Without it, the one that
        /// it is in.
        #[arg(long, value_name = "NAME")]
        folder: Option<String>,
        /// The configuration file; see `default-config`.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Print a call of Okta's to try policies with, as JSON.
    Sample {
        /// The hook type, such as `registration`.
        #[arg(required_unless_present = "list", value_name = "HOOK")]
        hook: Option<String>,
        /// The type of its calls; without it, the first of those that `--list` prints.
        #[arg(long = "type", value_name = "TYPE")]
        type_name: Option<String>,
        /// Print the types that there are, of all hooks or of this one.
        #[arg(long, conflicts_with = "type_name")]
        list: bool,
    },
    /// Build policies and run their cases.
    Test {
        #[command(flatten)]
        of: test::Tested,
        /// What an operator would say about the policies; see `default-config`.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Tell what a policy makes of a call, what that costs, and how the person sees it.
    Eval {
        #[command(flatten)]
        of: trying::Tried,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Tell how long a policy takes, call after call, beside its limits.
    Bench {
        #[command(flatten)]
        of: trying::Tried,
        /// How long it is measured.
        #[arg(long, value_name = "TIME", default_value = "3s")]
        time: humantime::Duration,
    },
    /// Tell whether Okta would take an answer of a service of yours, by the rules that
    /// this host holds policies to.
    Lint {
        /// Okta's call, as JSON; `-` for standard input.
        #[arg(value_name = "CALL.json")]
        call: PathBuf,
        /// The answer's body, as JSON; `-` for standard input. Without it, an answer
        /// without a body.
        #[arg(value_name = "ANSWER.json")]
        answer: Option<PathBuf>,
        /// The answer's status. Without it 200, or 204 if there is no body.
        #[arg(long)]
        status: Option<u16>,
    },
    /// Tell what a host that runs serves: each policy, its revision and state, what
    /// it was asked and how it failed.
    Status {
        /// The configuration file of the host; see `default-config`.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Go back to an earlier good revision of a policy, and stay there whatever is
    /// dropped.
    Rollback {
        /// The policy.
        #[arg(value_name = "NAME")]
        name: String,
        /// The revision, instead of the one before the one that serves.
        #[arg(long, value_name = "REVISION")]
        to: Option<String>,
        /// The configuration file of the host; see `default-config`.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Serve what is in the folder again, after `rollback`.
    Unpin {
        /// The policy.
        #[arg(value_name = "NAME")]
        name: String,
        /// The configuration file of the host; see `default-config`.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Compile a component from standard input to standard output: what a host
    /// starts for each policy.
    #[command(hide = true)]
    Compile {
        /// Address space, in bytes.
        #[arg(long, value_name = "BYTES")]
        memory: u64,
        /// Processor time, in seconds.
        #[arg(long, value_name = "SECONDS")]
        cpu_time: u64,
        /// Address space that a memory has from the start, if not all, in bytes.
        #[arg(long, value_name = "BYTES")]
        reserve: Option<u64>,
        /// Not only when nobody else wants the processor.
        #[arg(long)]
        normal_priority: bool,
    },
    /// Print the default configuration: every key, with a sentence about it.
    DefaultConfig,
}

/// Exit status for a configuration that cannot be used (`EX_CONFIG` of BSD's
/// `sysexits`).
const BAD_CONFIGURATION: u8 = 78;

/// Runs the command line of this process, until the command ends.
#[must_use]
pub fn run() -> ExitCode {
    run_with(std::env::args_os())
}

fn run_with(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version go to standard output, and are no errors.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    match run_command(arguments.command) {
        Ok(status) => status,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "hookwarden: {error:#}");
            let configuration = error.is::<ConfigError>();
            ExitCode::from(if configuration { BAD_CONFIGURATION } else { 1 })
        }
    }
}

fn run_command(command: Command) -> anyhow::Result<ExitCode> {
    let done = |()| ExitCode::SUCCESS;
    match command {
        Command::DefaultConfig => {
            std::io::stdout().write_all(config::DEFAULT.as_bytes())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Serve { config, policies } => {
            let serve = |mut config: config::Config| {
                if let Some(policies) = policies {
                    config.folders = vec![Folder::only(policies)];
                }
                serve::run(config)
            };
            start(config.as_deref(), serve).map(done)
        }
        Command::New {
            name,
            hook,
            language,
            dir,
        } => new::run(&name, hook, language, dir).map(done),
        Command::Build { dir } => alone(build::run(&dir)).map(done),
        Command::Dev { dirs, config } => {
            start(config.as_deref(), |config| dev::run(dirs, config)).map(done)
        }
        Command::Test { of, config } => {
            let run = |read| test::run(of, read, config.clone());
            start(config.as_deref(), run)
        }
        Command::Eval { of, json } => {
            let path = of.config.clone();
            start(path.as_deref(), |config| eval::run(of, json, config))
        }
        Command::Bench { of, time } => {
            let path = of.config.clone();
            start(path.as_deref(), |config| bench::run(of, *time, config))
        }
        Command::Inspect {
            file,
            folder,
            config,
        } => {
            let inspect =
                |config| async move { inspect::run(file, folder.as_deref(), config).await };
            start(config.as_deref(), inspect).map(done)
        }
        Command::Sample {
            hook,
            type_name,
            list,
        } => {
            let mut out = std::io::stdout();
            match hook.as_deref() {
                Some(hook) if !list => sample::run(&mut out, hook, type_name.as_deref()),
                hook => sample::list(&mut out, hook),
            }
            .map(done)
        }
        Command::Lint {
            call,
            answer,
            status,
        } => lint::run(&call, answer.as_deref(), status),
        Command::Status { config, json } => {
            beside(config, |host| status::run(host, json)).map(done)
        }
        Command::Rollback { name, to, config } => {
            beside(config, |host| rollback::run(host, name, to)).map(done)
        }
        Command::Unpin { name, config } => {
            beside(config, |host| rollback::unpin(host, name)).map(done)
        }
        Command::Compile {
            memory,
            cpu_time,
            reserve,
            normal_priority,
        } => compile::run(&compile::Options {
            memory,
            cpu_time,
            reserve,
            normal_priority,
        }),
    }
}

/// Where this machine reaches a listener.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    address
}

/// Reads the configuration, starts the log, and runs a command to its end.
fn start<F, C, T>(path: Option<&Path>, command: C) -> anyhow::Result<T>
where
    C: FnOnce(config::Config) -> F,
    F: Future<Output = anyhow::Result<T>>,
{
    let config = config::load(path)?;
    telemetry::start(config.log);
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .on_thread_park(telemetry::write_before_parking)
        .build()?;
    runtime.block_on(command(config))
}

/// Finds out where a host is, and runs a command beside it to its end.
fn beside<F, C>(path: Option<PathBuf>, command: C) -> anyhow::Result<()>
where
    C: FnOnce(config::Places) -> F,
    F: Future<Output = anyhow::Result<()>>,
{
    let mut host = config::load_places(path.as_deref())?;
    host.operator = reachable(host.operator);
    alone(command(host))
}

/// Runs a command that is no host to its end.
fn alone(command: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(command)
}
