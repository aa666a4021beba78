//! The command line: one file for each subcommand.

mod dev;
mod inspect;
mod serve;
mod serving;

use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{self, ConfigError};
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
        /// The folder of policies, instead of the configured one.
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
    /// Tell what a file is, and whether it would be loaded, before it is dropped.
    Inspect {
        /// A component; settings are read from the `.toml` beside it.
        #[arg(value_name = "FILE.wasm")]
        file: PathBuf,
        /// The configuration file; see `default-config`.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
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
                config.policy_folder = policies;
            }
            serve::run(config)
        }),
        Command::Dev { dirs, config } => start(config, |config| dev::run(dirs, config)),
        Command::Inspect { file, config } => start(config, |config| inspect::run(file, config)),
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

/// Reads the configuration, starts the log, and runs a command to its end.
fn start<F, C>(path: Option<PathBuf>, command: C) -> anyhow::Result<()>
where
    C: FnOnce(config::Config) -> F,
    F: Future<Output = anyhow::Result<()>>,
{
    let config = config::load(path.as_deref())?;
    telemetry::start(config.log);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(command(config))
}
