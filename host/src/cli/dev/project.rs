//! A project: the folder of one policy's sources.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use serde::Deserialize;
use tokio::process::Command;

use super::output;
use crate::policy::Folder;
use crate::policy::PolicyName;
use crate::policy::folder::Found;

/// A Rust package that builds a policy.
#[derive(Debug)]
pub(super) struct Project {
    /// Its folder, absolute.
    pub(super) dir: PathBuf,
    /// The policy's name: the package's.
    pub(super) name: PolicyName,
    /// Where it is built: apart from everything else that the package's target
    /// folder holds.
    pub(super) target_dir: PathBuf,
    /// The name of its library, which cargo names the component after.
    library: String,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    target_directory: PathBuf,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    crate_types: Vec<String>,
}

impl Project {
    /// Finds out what the folder builds.
    pub(super) async fn open(dir: &Path) -> anyhow::Result<Self> {
        let shown = dir.display();
        let dir = dir
            .canonicalize()
            .with_context(|| format!("cannot open `{shown}`"))?;
        let manifest = dir.join("Cargo.toml");
        if !manifest.exists() {
            let other = ["package.json", "pyproject.toml"]
                .iter()
                .find(|file| dir.join(file).exists());
            match other {
                Some(file) => anyhow::bail!(
                    "`{shown}` has a `{file}`; this version builds policies in Rust only"
                ),
                None => anyhow::bail!("`{shown}` is no policy's folder: it has no `Cargo.toml`"),
            }
        }
        let mut cargo = Command::new("cargo");
        cargo
            .args(["metadata", "--no-deps", "--format-version=1"])
            .current_dir(&dir);
        let metadata: Metadata = serde_json::from_str(&output(cargo).await?)?;
        let package = metadata
            .packages
            .into_iter()
            .find(|package| package.manifest_path == manifest)
            .with_context(|| format!("`{shown}` is a workspace; name the folder of a package"))?;
        let library = package
            .targets
            .into_iter()
            .find(|target| target.crate_types.iter().any(|kind| kind == "cdylib"))
            .with_context(|| {
                format!("`{shown}` builds no component; add `[lib]` with `crate-type = [\"cdylib\"]` to its `Cargo.toml`")
            })?;
        let name = PolicyName::new(&package.name).with_context(|| {
            format!(
                "the package `{}` cannot name a policy; use 1 to 63 of a-z, 0-9 and `-`",
                package.name
            )
        })?;
        Ok(Self {
            dir,
            name,
            target_dir: metadata.target_directory.join("policies"),
            library: library.name.replace('-', "_"),
        })
    }

    /// The built component, and the settings beside the sources.
    pub(super) fn found(&self) -> Found {
        let component = format!("wasm32-unknown-unknown/release/{}.wasm", self.library);
        Found {
            name: self.name.clone(),
            folder: Arc::new(Folder::only(self.dir.clone())),
            others: Vec::new(),
            component: self.target_dir.join(component),
            settings: self.dir.join(format!("{}.toml", self.name)),
        }
    }
}
