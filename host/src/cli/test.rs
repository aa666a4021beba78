//! `hookwarden test`: builds policies and runs their cases.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;

use super::trying::{CodeCache, read, sandbox, size, thousands};
use crate::config::Config;
use crate::package::Package;
use crate::sandbox::Sandbox;
use crate::telemetry::foreign;
use crate::trial::{Candidate, Case, Ran, Subject, Tried, cases, junit, run as run_case, update};

/// What is tested, and how it is told.
#[derive(Args)]
pub(super) struct Tested {
    /// Folders of policy packages.
    #[arg(default_value = ".", value_name = "DIR")]
    dirs: Vec<PathBuf>,
    /// Test this component instead of building one; the cases and the settings are the
    /// folder's.
    #[arg(long, value_name = "FILE.wasm")]
    component: Option<PathBuf>,
    /// Only cases whose names have this in them.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Write what is decided into the cases that fail, as what they expect.
    #[arg(long)]
    update: bool,
    /// Write a report as JUnit's XML.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

/// How many cases there were.
#[derive(Default)]
struct Count {
    passed: usize,
    failed: usize,
    updated: usize,
}

/// Runs the cases. One that fails is no success, and neither is a policy without any.
pub(super) async fn run(
    options: Tested,
    config: Config,
    path: Option<PathBuf>,
) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout();
    let cache = CodeCache::open();
    let sandbox = sandbox(&config, &cache)?;
    let mut count = Count::default();
    let mut suites = Vec::new();
    for dir in &options.dirs {
        let Some((candidate, folder)) = built(dir, &options, &mut out).await? else {
            return Ok(ExitCode::FAILURE);
        };
        let subject = Subject {
            candidate,
            config: path.clone(),
        };
        let ran = suite(&sandbox, &subject, &folder, &options, &mut count, &mut out);
        suites.push((subject.candidate.name.to_string(), ran.await?));
    }
    if let Some(file) = &options.junit {
        let written = std::fs::write(file, junit(&suites));
        written.with_context(|| format!("cannot write `{}`", file.display()))?;
    }
    let Count {
        passed,
        failed,
        updated,
    } = count;
    let updated_too = (updated > 0).then(|| format!(", {updated} updated"));
    writeln!(
        out,
        "\n{passed} passed, {failed} failed{}",
        updated_too.unwrap_or_default()
    )?;
    anyhow::ensure!(
        passed + failed + updated > 0,
        "no case {}; write one in `cases/`, such as `cases/others-are-denied.toml`",
        options
            .filter
            .as_ref()
            .map_or("there".to_owned(), |filter| format!(
                "whose name has `{filter}`"
            ))
    );
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What is tested of a folder, and where its cases are; `None` if it does not build, which
/// was said.
async fn built(
    dir: &Path,
    options: &Tested,
    out: &mut dyn Write,
) -> anyhow::Result<Option<(Candidate, PathBuf)>> {
    if let Some(file) = &options.component {
        let candidate = super::trying::candidate(file, None)?;
        let settings = dir.join(format!("{}.toml", candidate.name));
        let settings = settings.exists().then_some(settings);
        let candidate = read(candidate.name, file, settings.as_deref())?;
        return Ok(Some((candidate, dir.join("cases"))));
    }
    let package = Package::open(dir).await?;
    if !package.build(out).await? {
        writeln!(out, "{} does not build; see above", package.name)?;
        return Ok(None);
    }
    let settings = package
        .settings
        .exists()
        .then_some(package.settings.as_path());
    let candidate = read(package.name.clone(), &package.component, settings)?;
    Ok(Some((candidate, package.cases)))
}

/// Runs the cases of one policy.
async fn suite(
    sandbox: &Sandbox,
    subject: &Subject,
    folder: &Path,
    options: &Tested,
    count: &mut Count,
    out: &mut dyn Write,
) -> anyhow::Result<Vec<(String, Ran)>> {
    let name = &subject.candidate.name;
    let paths = cases(folder);
    let paths = paths.with_context(|| {
        format!(
            "cannot read the cases of `{name}`, in `{}`",
            folder.display()
        )
    })?;
    writeln!(out, "\n{name}")?;
    let mut all = Vec::new();
    for path in paths {
        let case = Case::read(&path)?;
        let filter = options.filter.as_deref();
        if filter.is_some_and(|filter| !case.name.contains(filter)) {
            continue;
        }
        let ran = run_case(sandbox, subject, &case).await;
        let is_updated = options.update && !ran.passed() && rewrite(&case, &ran)?;
        match (ran.passed(), is_updated) {
            (true, _) => count.passed += 1,
            (false, true) => count.updated += 1,
            (false, false) => count.failed += 1,
        }
        tell(out, &case, &ran, is_updated)?;
        all.push((case.name.clone(), ran));
    }
    Ok(all)
}

/// Writes what came of a case into its file; false if there is nothing to write.
fn rewrite(case: &Case, ran: &Ran) -> anyhow::Result<bool> {
    let Ok(tried) = &ran.outcome else {
        return Ok(false);
    };
    let Some(updated) = update(case, tried)? else {
        return Ok(false);
    };
    let written = std::fs::write(&case.path, updated);
    written.with_context(|| format!("cannot write `{}`", case.path.display()))?;
    Ok(true)
}

fn tell(out: &mut dyn Write, case: &Case, ran: &Ran, is_updated: bool) -> std::io::Result<()> {
    let word = match (ran.passed(), is_updated) {
        (true, _) => "ok     ",
        (false, true) => "updated",
        (false, false) => "FAILED ",
    };
    let cost = ran.outcome.as_ref().map(cost).unwrap_or_default();
    writeln!(out, "  {word} {:<48} {cost}", case.name)?;
    if ran.passed() || is_updated {
        return Ok(());
    }
    writeln!(out, "    {}", case.path.display())?;
    for difference in &ran.differences {
        for line in difference.to_string().lines() {
            writeln!(out, "    {line}")?;
        }
    }
    let Ok(tried) = &ran.outcome else {
        return Ok(());
    };
    for (level, line) in &tried.lines {
        writeln!(out, "    log {level:?}: {line}")?;
    }
    for request in &tried.unanswered {
        let request = foreign(request);
        writeln!(
            out,
            "    `{request}` has no answer in the case: give it one with `[[http]]`"
        )?;
    }
    writeln!(out, "    it said {}", tried.said)
}

fn cost(tried: &Tried) -> String {
    let fuel = tried
        .fuel
        .map(|fuel| format!("fuel {:>11}", thousands(fuel)));
    let memory = tried.memory.map(|memory| format!("  {:>9}", size(memory)));
    format!("{}{}", fuel.unwrap_or_default(), memory.unwrap_or_default())
}
