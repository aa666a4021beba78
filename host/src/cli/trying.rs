//! What commands share that try policies out: the sandbox, and what is tried.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;
use tempfile::TempDir;

use super::serving::start_sandbox;
use crate::config::{self, Config};
use crate::okta::{Call, HookType};
use crate::policy::{PolicyName, folder};
use crate::sandbox::{Component, Limits, Priority, Sandbox};
use crate::storage::{As, Storage};
use crate::trial::{self, Candidate, Case, Subject, Trial, Verdict, load, parse_call};

/// How many evaluations there are room for: one is made after the other.
const EVALUATIONS: usize = 4;

/// The most memory that a case may allow, in bytes.
const MEMORY: usize = 1 << 30;

/// The most table elements that a case may allow.
const TABLE_ELEMENTS: usize = 1_000_000;

/// What is tried out.
#[derive(Args)]
pub(super) struct Tried {
    /// A component.
    #[arg(value_name = "FILE.wasm")]
    file: PathBuf,
    /// Okta's call, as JSON; `-` for standard input. Without it, that of the case, or the
    /// sample of the hook that the policy serves.
    #[arg(long, value_name = "CALL.json")]
    call: Option<PathBuf>,
    /// Its settings; without it the `.toml` beside the component, if there is one.
    #[arg(long, value_name = "SETTINGS.toml")]
    settings: Option<PathBuf>,
    /// The case whose secrets, datasets, keys and services there are.
    #[arg(long, value_name = "CASE.toml")]
    case: Option<PathBuf>,
    /// What an operator would say about the policy; see `default-config`.
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
}

/// A policy that is loaded, in the world of a case or in an empty one, and a call of its.
pub(super) async fn prepare(tried: &Tried, config: &Config) -> anyhow::Result<(Trial, Call)> {
    let subject = Subject {
        candidate: candidate(&tried.file, tried.settings.as_deref())?,
        config: tried.config.clone(),
    };
    let case = tried.case.as_deref();
    let case = case.map_or_else(|| Ok(Case::empty()), Case::read)?;
    let cache = CodeCache::open();
    let trial = load(&sandbox(config, &cache)?, &subject, &case).await;
    let trial = trial.with_context(|| format!("`{}` is not loaded", tried.file.display()))?;
    let call = match &tried.call {
        Some(path) => {
            let call = parse_call(&read_or_stdin(path)?);
            call.with_context(|| format!("the call `{}`", path.display()))?
        }
        None => {
            let hooks: Vec<_> = trial.hooks().collect();
            let call = case.call.build(case.folder(), &hooks);
            call.context("the call")?
        }
    };
    let hook_type = call.hook_type();
    if !trial.hooks().any(|hook| hook == hook_type) {
        let hooks: Vec<_> = trial.hooks().map(HookType::name).collect();
        bail!(
            "the call is one of `{hook_type}`, and the policy serves `{}`; `hookwarden sample` prints calls",
            hooks.join("`, `")
        );
    }
    Ok((trial, call))
}

/// The bytes of a file; `-` is standard input.
pub(super) fn read_or_stdin(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))
}

/// Where compiled code is kept for the next command: among the user's caches, where nobody
/// else can write. While another command has that, in a folder that goes with this one.
pub(super) struct CodeCache {
    pub(super) storage: Option<Storage>,
    _temporary: Option<TempDir>,
}

impl CodeCache {
    /// Opens it. Without any, everything is compiled anew.
    pub(super) fn open() -> Self {
        let open = |folder: &Path| {
            let (storage, _) = Storage::open(folder, As::Host).ok()?;
            Some(storage).filter(Storage::is_writable)
        };
        let kept = config::cache_folder().and_then(|folder| open(&folder));
        let temporary = kept.is_none().then(TempDir::new).and_then(Result::ok);
        let own = temporary.as_ref().and_then(|folder| open(folder.path()));
        Self {
            storage: kept.or(own),
            _temporary: temporary,
        }
    }
}

/// A sandbox for trials.
pub(super) fn sandbox(config: &Config, cache: &CodeCache) -> anyhow::Result<Sandbox> {
    let mut config = config.sandbox.clone();
    config.evaluations = EVALUATIONS;
    config.slow = EVALUATIONS;
    config.memory = MEMORY;
    config.table_elements = TABLE_ELEMENTS;
    // An idle thread would wait for whatever else the machine does.
    config.priority = Priority::Normal;
    start_sandbox(&config, cache.storage.clone())
}

/// A component with the settings of a file: the one that is named, or the `.toml` beside it
/// if there is one.
pub(super) fn candidate(file: &Path, settings: Option<&Path>) -> anyhow::Result<Candidate> {
    let stem = file.file_stem().and_then(|stem| stem.to_str());
    let name = stem.and_then(PolicyName::new).with_context(|| {
        let file = file.display();
        format!("`{file}` cannot name a policy; use 1 to 63 of a-z, 0-9 and `-`, and `.wasm`")
    })?;
    let beside = file.with_extension("toml");
    let settings = match settings {
        None if !beside.exists() => None,
        None => Some(beside.as_path()),
        named => named,
    };
    read(name, file, settings)
}

/// A policy of this name, made of these files.
pub(super) fn read(
    name: PolicyName,
    component: &Path,
    settings: Option<&Path>,
) -> anyhow::Result<Candidate> {
    let component = Component::new(folder::read_component(component)?);
    let text = settings.map(folder::read_settings);
    Ok(Candidate {
        name,
        component,
        settings: text.transpose()?.unwrap_or_default(),
        settings_file: settings.map(Path::to_owned),
    })
}

/// The exit status of a command that tried a policy out: one that failed is no success.
pub(super) fn status(tried: &trial::Tried) -> ExitCode {
    match tried.said {
        Verdict::Failed { .. } => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    }
}

/// Memory beside its limit, for people; nothing if it is not known.
pub(super) fn memory(tried: &trial::Tried, limits: &Limits) -> Option<String> {
    let used = tried.memory?;
    let share = share(used as u64, limits.memory as u64);
    Some(format!("{}, {share} of its limit", size(used)))
}

/// A number with its thousands apart.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// Bytes, for people.
pub(super) fn size(bytes: usize) -> String {
    bytesize::ByteSize::b(bytes as u64)
        .display()
        .iec()
        .to_string()
}

/// A share of a limit, for people.
pub(super) fn share(used: u64, limit: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
    let percent = used as f64 / limit.max(1) as f64 * 100.0;
    match percent {
        percent if percent > 0.0 && percent < 0.01 => "under 0.01 %".to_owned(),
        percent => format!("{percent:.2} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::{share, thousands};

    #[test]
    fn numbers_are_shown_for_people() {
        for (number, shown) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(thousands(number), shown);
        }
        assert_eq!(share(0, 10), "0.00 %");
        assert_eq!(share(1, 100_000), "under 0.01 %");
        assert_eq!(share(5, 10), "50.00 %");
    }
}
