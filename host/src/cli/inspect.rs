//! `hookwarden inspect`: what a file is, what it asks for and would be granted, whether
//! this host would load it, and what differs from what a host serves now: for a file that
//! is not dropped yet.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;

use super::serving::{open_grantor, start_sandbox};
use crate::config::Config;
use crate::policy::folder::Found;
use crate::policy::{self, Folder, Loaded, Loader, Policy, PolicyName, Reading};
use crate::sandbox::{Component, Patience};
use crate::server::{Listing, ask};
use crate::telemetry::foreign;

/// Tells about a file, as if it were in a folder. A file that would not be loaded is an
/// error, with the reason.
pub(super) async fn run(file: PathBuf, folder: Option<&str>, config: Config) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    let stem = file.file_stem().and_then(|stem| stem.to_str());
    let name = stem.and_then(PolicyName::new).with_context(|| {
        let file = file.display();
        format!("`{file}` cannot name a policy; use 1 to 63 of a-z, 0-9 and `-`, and `.wasm`")
    })?;
    let policy_config = config.policies.get(&name);
    let folder = choose(folder, &file, &policy_config, &config.folders)?;
    let found = Found {
        name,
        folder: Arc::new(folder.clone()),
        settings: file.with_extension("toml"),
        component: file,
        others: Vec::new(),
    };
    let component = Component::new(found.component()?);
    write_reading(&mut out, &found.component, &component)?;
    let effective = policy_config.effective(&folder.ceiling);
    if let Some(folder) = &folder.name {
        writeln!(out, "folder     {folder}")?;
    }
    let grants = effective.lines();
    write_lines(&mut out, "granted", &grants)?;
    if !effective.withheld.is_empty() {
        write_lines(&mut out, "withheld", &effective.withheld)?;
    }

    let grantor = open_grantor(&config, None)?;
    let loader = Loader::new(start_sandbox(&config.sandbox, None)?, grantor);
    let Loaded { policy, .. } = loader.load(found, policy_config, Patience::Full).await;
    let revision = policy.revision.as_ref();
    let loads = revision.map(|revision| format!("as revision {}", revision.digest));
    writeln!(out, "loads      {}", loads.as_deref().unwrap_or("not"))?;
    let running = ask(super::reachable(config.operator.listen), "/policies").await;
    write_difference(&mut out, &policy, &component, grants, running.ok())?;
    policy.revision.context("it would not be loaded")?;
    Ok(())
}

/// The folder that a file is looked at for: the one that is named, the one that it is in,
/// the one that its policy comes from, or the only one.
fn choose<'a>(
    named: Option<&str>,
    file: &Path,
    config: &policy::Config,
    folders: &'a [Folder],
) -> anyhow::Result<&'a Folder> {
    let by_name = |name: &str| {
        let is = |folder: &&Folder| folder.name.as_deref() == Some(name);
        folders.iter().find(is)
    };
    if let Some(name) = named {
        return by_name(name).with_context(|| format!("there is no `folders.{name}`"));
    }
    let parent = match file.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => file,
    };
    let parent = parent.canonicalize().ok();
    let holds_it = |folder: &&Folder| folder.path.canonicalize().ok() == parent;
    let is_in = parent.is_some().then(|| folders.iter().find(holds_it));
    let only = match folders {
        [only] => Some(only),
        _ => None,
    };
    let folder = is_in.flatten().or_else(|| by_name(&config.folder)).or(only);
    folder.context("it is in none of the configured folders; say for which with `--folder NAME`")
}

/// What is different from the revision that a host serves now.
fn write_difference(
    out: &mut dyn Write,
    policy: &Policy,
    component: &Component,
    grants: Vec<String>,
    running: Option<Listing>,
) -> std::io::Result<()> {
    let Some(running) = running else {
        return writeln!(out, "running    no host answers at `operator.listen`");
    };
    let mut lines = running.policies.into_iter();
    let line = lines.find(|line| line.name == policy.name.as_str());
    let Some((line, revision)) = line.and_then(|mut line| {
        let revision = line.revision.take()?;
        Some((line, revision))
    }) else {
        return writeln!(out, "running    no policy of this name");
    };
    writeln!(out, "running    as revision {revision}")?;
    let hooks = policy.hooks.iter().map(ToString::to_string).collect();
    let contract = policy.contract.as_ref();
    let imports = contract.map_or_else(Vec::new, |contract| contract.imports.clone());
    let mut differences = Vec::new();
    let short = |digest: &str| digest.chars().take(12).collect::<String>();
    let is_same = policy.digest().is_some_and(|own| own.as_str() == revision);
    match line.component.as_deref() {
        Some(was) if was != component.digest() => {
            let (was, is) = (short(was), short(component.digest()));
            differences.push(format!("component {was}… is now {is}…"));
        }
        _ if !is_same && policy.revision.is_ok() => {
            differences.push("settings or grants".to_owned());
        }
        _ => {}
    }
    for (what, was, is) in [
        ("serves", line.hooks, hooks),
        ("imports", line.imports, imports),
        ("granted", line.grants, grants),
    ] {
        let more = is.iter().filter(|name| !was.contains(name));
        let less = was.iter().filter(|name| !is.contains(name));
        // Names that whoever made the file chose.
        let more = more.map(|name| format!("+ {what} {}", foreign(name)));
        let less = less.map(|name| format!("- {what} {}", foreign(name)));
        differences.extend(more.chain(less));
    }
    write_lines(out, "differs", &differences)
}

fn write_lines(out: &mut dyn Write, title: &str, lines: &[String]) -> std::io::Result<()> {
    let Some((first, others)) = lines.split_first() else {
        return writeln!(out, "{title:<10} none");
    };
    writeln!(out, "{title:<10} {first}")?;
    for line in others {
        writeln!(out, "{:<10} {line}", "")?;
    }
    Ok(())
}

fn write_reading(out: &mut dyn Write, file: &Path, component: &Component) -> std::io::Result<()> {
    let (file, bytes) = (file.display(), component.bytes());
    writeln!(out, "file       {file} ({} bytes)", bytes.len())?;
    writeln!(out, "sha256     {}", component.digest())?;
    let Reading { hooks, contract } = Reading::of(bytes);
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
