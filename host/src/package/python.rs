//! Packages in Python: built by the SDK's own `hookwarden_sdk.build`, with what pip
//! installed in the package's environment, `.venv`.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::error::PackageError;
use super::manifest;
use super::tools::{Tool, Tools};

const PYTHON: Tool = Tool {
    program: "python3",
    install: "install Python 3.11 or newer with its `venv`, from https://www.python.org or with the system's packages",
};

/// The folder that has `hookwarden_sdk`.
#[derive(Debug)]
pub(super) struct Sdk(PathBuf);

/// What of `pyproject.toml` counts.
#[derive(Deserialize)]
struct Manifest {
    project: Project,
    #[serde(default)]
    tool: Tables,
}

#[derive(Deserialize)]
struct Project {
    name: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Tables {
    hookwarden: Table,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Table {
    sdk: Option<PathBuf>,
}

/// The package's name, and where its SDK is: vendored, or where the manifest says.
pub(super) fn open(dir: &Path) -> Result<(String, Sdk), PackageError> {
    let path = dir.join("pyproject.toml");
    let parsed: Manifest = manifest::read(&path, |text| toml::from_str(text))?;
    let vendored = dir.join("vendor");
    let named = parsed.tool.hookwarden.sdk.map(|sdk| dir.join(sdk));
    let sdk = if vendored.join("hookwarden_sdk").is_dir() {
        vendored
    } else {
        named.ok_or_else(|| {
            let reason = "does not say where the SDK is: set `sdk` in `[tool.hookwarden]` to the folder that has `hookwarden_sdk`, or copy that to `vendor`";
            manifest::wrong(&path, reason)
        })?
    };
    Ok((parsed.project.name, Sdk(sdk)))
}

/// Builds; false if the sources do not build.
pub(super) async fn build(dir: &Path, sdk: &Sdk, tools: &Tools) -> Result<bool, PackageError> {
    let python = dir.join(".venv/bin/python");
    if !python.exists() {
        // Who has no Python cannot make an environment either.
        let mut version = tools.command(PYTHON.program);
        version.arg("--version");
        PYTHON.output(version).await?;
        return Err(PackageError::NotInstalled {
            dir: dir.to_owned(),
            folder: ".venv",
            command: "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt",
        });
    }
    let mut build = tools.command(&python);
    build
        .args(["-m", "hookwarden_sdk.build"])
        .env("PYTHONPATH", &sdk.0)
        // A vendored SDK is for reading.
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(dir);
    PYTHON.run(build).await
}
