//! Why a package is not built.

use std::path::PathBuf;

use crate::files::ReadError;

/// A folder that is no package, or one that cannot be built here. Sources that do not
/// build are none of these.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// The folder cannot be opened.
    #[error("cannot open `{}`", .dir.display())]
    Open {
        /// As it was named.
        dir: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The folder has no manifest.
    #[error(
        "`{}` is no policy's folder: it has no `Cargo.toml`, `package.json` or `pyproject.toml`; `hookwarden new` makes one",
        .dir.display()
    )]
    NoPackage {
        /// As it was named.
        dir: PathBuf,
    },
    /// A manifest cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A manifest does not say what is built.
    #[error("`{}` {reason}", .manifest.display())]
    Manifest {
        /// The manifest.
        manifest: PathBuf,
        /// What is wrong, and what would be right.
        reason: String,
    },
    /// The manifest's name is no policy's.
    #[error(
        "`{name}` in `{}` cannot name a policy; use 1 to 63 of a-z, 0-9 and `-`, not starting with `-`",
        .manifest.display()
    )]
    Misnamed {
        /// The manifest.
        manifest: PathBuf,
        /// The name.
        name: String,
    },
    /// A program cannot be started.
    #[error("cannot run `{program}`; {install}")]
    Tool {
        /// The program.
        program: String,
        /// How it comes here.
        install: &'static str,
        /// Why it does not start.
        source: std::io::Error,
    },
    /// A program that prepares the build failed, and said why.
    #[error("`{program}` failed; see above")]
    Failed {
        /// The program.
        program: String,
    },
    /// What the package depends on is not installed.
    #[error("`{}` has no `{folder}`; run `{command}` in it", .dir.display())]
    NotInstalled {
        /// The package.
        dir: PathBuf,
        /// What is missing.
        folder: &'static str,
        /// What installs it.
        command: &'static str,
    },
    /// What was built cannot be put in its place.
    #[error("cannot write `{}`", .file.display())]
    Write {
        /// The place.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The build went well and left no component.
    #[error("the build went well, but there is no `{}`; have it written there", .component.display())]
    NotThere {
        /// Where it should be.
        component: PathBuf,
    },
}
