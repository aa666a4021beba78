//! Packages in Rust: built by cargo, straight into a component.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::error::PackageError;
use super::tools::{Tool, Tools};
use super::{manifest, place};

/// How a Rust policy becomes a component.
const RECIPE: &str = include_str!("../../../plugin-sdk/build.env");

const TARGET: &str = "wasm32-unknown-unknown";

const FROM_RUSTUP: &str = "install Rust with rustup, from https://rustup.rs";

const CARGO: Tool = Tool {
    program: "cargo",
    install: FROM_RUSTUP,
};

const RUSTC: Tool = Tool {
    program: "rustc",
    install: FROM_RUSTUP,
};

const RUSTUP: Tool = Tool {
    program: "rustup",
    install: "it adds Rust's target wasm32-unknown-unknown; install it from https://rustup.rs",
};

/// The file that cargo writes.
#[derive(Debug)]
pub(super) struct Library {
    /// Cargo's target folder.
    target_dir: PathBuf,
    /// What the file is named after.
    name: String,
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

/// The package's name, cargo's target folder, and what is built there.
pub(super) async fn open(
    dir: &Path,
    tools: &Tools,
) -> Result<(String, PathBuf, Library), PackageError> {
    let path = dir.join("Cargo.toml");
    let mut cargo = tools.command(CARGO.program);
    cargo
        .args(["metadata", "--no-deps", "--format-version=1"])
        .current_dir(dir);
    let metadata: Metadata = serde_json::from_str(&CARGO.output(cargo).await?)
        .map_err(|error| manifest::wrong(&path, format!("is not understood: {error}")))?;
    let mut packages = metadata.packages.into_iter();
    let package = packages
        .find(|package| package.manifest_path == path)
        .ok_or_else(|| {
            manifest::wrong(
                &path,
                "is that of a workspace; name the folder of a package",
            )
        })?;
    let mut targets = package.targets.into_iter();
    let library = targets
        .find(|target| target.crate_types.iter().any(|kind| kind == "cdylib"))
        .ok_or_else(|| {
            manifest::wrong(
                &path,
                "builds no component; add `[lib]` with `crate-type = [\"cdylib\"]`",
            )
        })?;
    let library = Library {
        target_dir: metadata.target_directory.clone(),
        name: library.name.replace('-', "_"),
    };
    Ok((package.name, metadata.target_directory, library))
}

/// Builds, and puts the component in its place; false if the sources do not build.
pub(super) async fn build(
    dir: &Path,
    library: &Library,
    component: &Path,
    tools: &Tools,
    out: &mut dyn Write,
) -> Result<bool, PackageError> {
    ensure_target(dir, tools, out).await?;
    let mut cargo = tools.command(CARGO.program);
    cargo
        // The component and nothing else: beside a library for Rust, if the package is one,
        // too, cargo optimizes nothing when it links.
        .args(["rustc", "--release", "--lib", "--crate-type=cdylib"])
        .arg("--target-dir")
        .arg(&library.target_dir)
        .current_dir(dir)
        // Flags that somebody set for other programs.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .envs(recipe());
    if !CARGO.run(cargo).await? {
        return Ok(false);
    }
    let file = format!("{TARGET}/release/{}.wasm", library.name);
    place::put(&library.target_dir.join(file), component).map_err(|source| {
        PackageError::Write {
            file: component.to_owned(),
            source,
        }
    })?;
    Ok(true)
}

/// Adds Rust's WebAssembly target if it is missing, and says so.
async fn ensure_target(dir: &Path, tools: &Tools, out: &mut dyn Write) -> Result<(), PackageError> {
    let mut rustc = tools.command(RUSTC.program);
    rustc
        .args(["--print", "target-libdir", "--target", TARGET])
        .current_dir(dir);
    let libraries = RUSTC.output(rustc).await?;
    if Path::new(libraries.trim()).exists() {
        return Ok(());
    }
    // Who reads along sees nothing else of it.
    let _ = writeln!(out, "Adding Rust's target {TARGET}, with rustup.");
    let mut rustup = tools.command(RUSTUP.program);
    rustup.args(["target", "add", TARGET]).current_dir(dir);
    RUSTUP.output(rustup).await.map(drop)
}

fn recipe() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = RECIPE.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('='))
}

#[cfg(test)]
mod tests {
    use super::{TARGET, recipe};

    #[test]
    fn the_recipe_builds_a_component_for_the_target() {
        let of = |name: &str| {
            recipe()
                .find(|(variable, _)| *variable == name)
                .map(|(_, value)| value)
        };
        assert_eq!(of("CARGO_BUILD_TARGET"), Some(TARGET));
        let linker = of("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER");
        assert_eq!(linker, Some("wasm-component-ld"));
    }
}
