//! `hookwarden inspect`: what a file is and whether this host would load it, for a
//! file that is not dropped yet.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::serving::start_sandbox;
use crate::config::Config;
use crate::policy::folder::Found;
use crate::policy::{Loaded, Loader, PolicyName, Reading};
use crate::sandbox::Patience;
use crate::telemetry::foreign;

/// Tells about a file. A file that would not be loaded is an error, with the reason.
pub(super) async fn run(file: PathBuf, config: Config) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    let stem = file.file_stem().and_then(|stem| stem.to_str());
    let name = stem.and_then(PolicyName::new).with_context(|| {
        let file = file.display();
        format!("`{file}` cannot name a policy; use 1 to 63 of a-z, 0-9 and `-`, and `.wasm`")
    })?;
    let found = Found {
        name,
        settings: file.with_extension("toml"),
        component: file,
    };
    let component = found.component()?;
    write_reading(&mut out, &found.component, &component)?;

    let loader = Loader::new(start_sandbox(&config.sandbox, None)?);
    let policy_config = config.policies.get(&found.name);
    let Loaded { policy, .. } = loader.load(found, policy_config, Patience::Full).await;
    let revision = policy.revision.context("it would not be loaded")?;
    writeln!(out, "loads      as revision {}", revision.digest)?;
    Ok(())
}

fn write_reading(out: &mut dyn Write, file: &Path, component: &[u8]) -> std::io::Result<()> {
    writeln!(
        out,
        "file       {} ({} bytes)",
        file.display(),
        component.len()
    )?;
    let Reading { hooks, contract } = Reading::of(component);
    let names: Vec<_> = hooks.iter().map(|hook| hook.name()).collect();
    writeln!(out, "hooks      {}", or_none(&names.join(", ")))?;
    let Ok(contract) = contract else {
        return Ok(());
    };
    writeln!(out, "contract   {}", foreign(&contract.version))?;
    let settings = if contract.checks_settings {
        "checked by the policy"
    } else {
        "none"
    };
    writeln!(out, "settings   {settings}")?;
    let wasi = if contract.imports_wasi {
        "imported; it finds an inert one"
    } else {
        "none"
    };
    writeln!(out, "wasi       {wasi}")?;
    // Names that whoever made the file chose.
    let imports = foreign(&contract.imports.join(", ")).to_string();
    writeln!(out, "imports    {}", or_none(&imports))?;
    let asks_for = foreign(&contract.asks_for.join(", ")).to_string();
    writeln!(out, "asks for   {}", or_none(&asks_for))
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}
