//! Building a policy.

use std::io::Write;
use std::path::Path;

use anyhow::Context as _;
use tokio::process::Command;

use super::project::Project;
use super::{missing, output};

/// How a Rust policy becomes a component.
const RECIPE: &str = include_str!("../../../../plugin-sdk/build.env");

const TARGET: &str = "wasm32-unknown-unknown";

/// Adds Rust's WebAssembly target if it is missing, and says so.
pub(super) async fn ensure_target(dir: &Path, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut rustc = Command::new("rustc");
    rustc
        .args(["--print", "target-libdir", "--target", TARGET])
        .current_dir(dir);
    let libraries = output(rustc).await?;
    if Path::new(libraries.trim()).exists() {
        return Ok(());
    }
    writeln!(out, "Adding Rust's target {TARGET}, with rustup.")?;
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", TARGET]).current_dir(dir);
    output(rustup).await.map(drop)
}

/// Builds a policy; false if its sources do not build. What the compiler says
/// goes where it always goes.
pub(super) async fn build(project: &Project) -> anyhow::Result<bool> {
    let mut cargo = Command::new("cargo");
    cargo
        .args(["build", "--release", "--lib", "--target-dir"])
        .arg(&project.target_dir)
        .current_dir(&project.dir)
        // Flags that somebody set for other programs.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .envs(recipe());
    let status = cargo.status().await.with_context(|| missing("cargo"))?;
    Ok(status.success())
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
