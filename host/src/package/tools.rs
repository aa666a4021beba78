//! The programs that build packages.

use std::ffi::{OsStr, OsString};
use std::process::Stdio;

use tokio::process::Command;

use super::error::PackageError;

/// Where the programs are looked for: in the folders of the environment's `PATH`, or of
/// another.
#[derive(Debug, Clone, Default)]
pub struct Tools {
    path: Option<OsString>,
}

/// A program, and how it comes here.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tool {
    pub(super) program: &'static str,
    pub(super) install: &'static str,
}

impl Tools {
    /// Looks in these folders, which are joined as in `PATH`, and in no others.
    #[must_use]
    pub fn in_folders(path: impl Into<OsString>) -> Self {
        Self {
            path: Some(path.into()),
        }
    }

    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        if let Some(path) = &self.path {
            command.env("PATH", path);
        }
        command
    }
}

impl Tool {
    /// Runs a command of this program to its end; false if it failed.
    pub(super) async fn run(self, mut command: Command) -> Result<bool, PackageError> {
        let status = command.status().await;
        Ok(status.map_err(|source| self.missing(source))?.success())
    }

    /// A command's output as text.
    pub(super) async fn output(self, mut command: Command) -> Result<String, PackageError> {
        let output = command.stderr(Stdio::inherit()).output().await;
        let output = output.map_err(|source| self.missing(source))?;
        if !output.status.success() {
            return Err(PackageError::Failed {
                program: self.program.to_owned(),
            });
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn missing(self, source: std::io::Error) -> PackageError {
        PackageError::Tool {
            program: self.program.to_owned(),
            install: self.install,
            source,
        }
    }
}
