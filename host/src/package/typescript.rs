//! Packages in TypeScript or JavaScript: built by their own `npm run build`, with what
//! `npm ci` installed.

use std::path::Path;

use serde::Deserialize;

use super::error::PackageError;
use super::manifest;
use super::tools::{Tool, Tools};

const NPM: Tool = Tool {
    program: "npm",
    install: "install Node.js 20 or newer, from https://nodejs.org or with the system's packages",
};

/// What of `package.json` counts.
#[derive(Deserialize)]
struct Manifest {
    name: String,
}

/// The package's name.
pub(super) fn open(dir: &Path) -> Result<String, PackageError> {
    let parsed: Manifest =
        manifest::read(&dir.join("package.json"), |text| serde_json::from_str(text))?;
    Ok(parsed.name)
}

/// Builds; false if the sources do not build.
pub(super) async fn build(dir: &Path, tools: &Tools) -> Result<bool, PackageError> {
    let npm = |argument: &[&str]| {
        let mut npm = tools.command(NPM.program);
        npm.args(argument).current_dir(dir);
        npm
    };
    if !dir.join("node_modules").is_dir() {
        // Who has no npm cannot run it either.
        NPM.output(npm(&["--version"])).await?;
        return Err(PackageError::NotInstalled {
            dir: dir.to_owned(),
            folder: "node_modules",
            command: "npm ci",
        });
    }
    NPM.run(npm(&["run", "--silent", "build"])).await
}
