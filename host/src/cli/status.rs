//! `hookwarden status`: what a host that runs says about its policies.

use std::io::Write;

use crate::config::Places;
use crate::server::{DatasetLine, Failure, Line, Listing, ask};
use crate::telemetry::foreign;

pub(super) async fn run(host: Places, json: bool) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    let listing: Listing = ask(host.operator, "/policies").await?;
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&listing)?)?;
        return Ok(());
    }
    if listing.policies.is_empty() {
        writeln!(out, "there is no policy in the folder")?;
    }
    for (index, line) in listing.policies.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        write_policy(&mut out, line)?;
    }
    for DatasetLine {
        name,
        revision,
        entries,
        reason,
    } in &listing.datasets
    {
        let revision = revision.as_deref().unwrap_or("never read");
        writeln!(
            out,
            "\ndataset {name}: {revision}, {} entries",
            entries.unwrap_or(0)
        )?;
        if let Some(reason) = reason {
            writeln!(out, "  because    {reason}")?;
        }
    }
    Ok(())
}

fn write_policy(out: &mut dyn Write, line: &Line) -> std::io::Result<()> {
    writeln!(out, "{}: {} since {}", line.name, line.state, line.since)?;
    if let Some(reason) = &line.reason {
        writeln!(out, "  because    {reason}")?;
    }
    writeln!(out, "  file       {}", line.file)?;
    if let Some(revision) = &line.revision {
        let memory = if line.remembered {
            ""
        } else {
            " (not known to the next start)"
        };
        writeln!(out, "  revision   {revision}{memory}")?;
    }
    if let Some(in_folder) = &line.in_folder {
        writeln!(out, "  in folder  {in_folder}")?;
    }
    writeln!(out, "  hooks      {}", list(&line.hooks))?;
    if let Some(contract) = &line.contract {
        // Names that whoever made the file chose.
        writeln!(out, "  contract   {}", foreign(contract))?;
        writeln!(out, "  imports    {}", foreign(&list(&line.imports)))?;
    }
    if !line.grants.is_empty() {
        writeln!(out, "  granted    {}", line.grants.join("; "))?;
    }
    let fuel = line.mean_fuel;
    let fuel = fuel.map_or(String::new(), |fuel| format!(", {fuel} fuel each"));
    writeln!(
        out,
        "  calls      {}, {} failed{fuel}",
        line.calls, line.failures
    )?;
    if let Some(Failure { at, why }) = &line.last_failure {
        writeln!(out, "  last failure {at}: it {why}")?;
    }
    Ok(())
}

fn list(names: &[String]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    names.join(", ")
}
