//! The command line: one file for each subcommand.

mod compile;
mod dev;
mod inspect;
mod lint;
mod rollback;
mod sample;
mod serve;
mod serving;
mod status;

use std::ffi::OsString;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tokio::runtime::Builder;

use crate::config::{self, ConfigError};
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
    let outcome = match arguments.command {
        Command::DefaultConfig => std::io::stdout()
            .write_all(config::DEFAULT.as_bytes())
            .map_err(Into::into),
        Command::Serve { config, policies } => start(config, |mut config| {
            if let Some(policies) = policies {
                config.folders = vec![Folder::only(policies)];
            }
            serve::run(config)
        }),
        Command::Dev { dirs, config } => start(config, |config| dev::run(dirs, config)),
        Command::Inspect {
            file,
            folder,
            config,
        } => start(config, |config| async move {
            inspect::run(file, folder.as_deref(), config).await
        }),
        Command::Sample {
            hook,
            type_name,
            list,
        } => match hook.as_deref() {
            Some(hook) if !list => sample::run(&mut std::io::stdout(), hook, type_name.as_deref()),
            hook => sample::list(&mut std::io::stdout(), hook),
        },
        Command::Lint {
            call,
            answer,
            status,
        } => match lint::run(&call, answer.as_deref(), status) {
            Ok(status) => return status,
            Err(error) => Err(error),
        },
        Command::Status { config, json } => beside(config, |host| status::run(host, json)),
        Command::Rollback { name, to, config } => {
            beside(config, |host| rollback::run(host, name, to))
        }
        Command::Unpin { name, config } => beside(config, |host| rollback::unpin(host, name)),
        Command::Compile {
            memory,
            cpu_time,
            reserve,
        } => match compile::run(memory, cpu_time, reserve) {
            Ok(status) => return status,
            Err(error) => Err(error),
        },
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "hookwarden: {error:#}");
            let configuration = error.is::<ConfigError>();
            ExitCode::from(if configuration { BAD_CONFIGURATION } else { 1 })
        }
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
fn start<F, C>(path: Option<PathBuf>, command: C) -> anyhow::Result<()>
where
    C: FnOnce(config::Config) -> F,
    F: Future<Output = anyhow::Result<()>>,
{
    let config = config::load(path.as_deref())?;
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
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(command(host))
}
