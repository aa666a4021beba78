//! `hookwarden rollback` and `hookwarden unpin`: an earlier good revision of a
//! policy serves, whatever is dropped, until the operator says otherwise.
//!
//! They write a pin into the host's own folder, so that who may do this is who may
//! write there. A host that runs sees it within a few seconds, and one that does
//! not when it starts.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::config::Places;
use crate::policy::{Digest, History, PolicyName, Record};
use crate::server::{AskError, Line, Listing, ask};
use crate::storage::{As, Storage};

/// How long a host may take to follow.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long to wait before the host is asked again.
const PAUSE: Duration = Duration::from_millis(100);

pub(super) async fn run(
    host: Places,
    name: String,
    revision: Option<String>,
) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    let (history, name) = open(&host, &name)?;
    let record = history.record(&name)?;
    let asked: Result<Listing, _> = ask(host.operator, "/policies").await;
    let serving = match &asked {
        Ok(listing) => revision_of(listing, &name),
        Err(_) => record.serving.clone(),
    };
    let target = match revision {
        Some(revision) => Digest::named(&revision),
        None => earlier(&record, serving.as_ref()).with_context(|| {
            format!(
                "`{name}` has no earlier good revision; kept are: {}",
                kept(&record)
            )
        })?,
    };
    history
        .set_pin(&name, &target)
        .with_context(|| format!("`{name}` stays as it is; kept are: {}", kept(&record)))?;
    writeln!(
        out,
        "`{name}` is pinned to revision {target}; `hookwarden unpin {name}` goes back to what is in the folder"
    )?;
    let done = |line: &Line| line.revision.as_deref() == Some(target.to_string().as_str());
    follow(&mut out, &host, &name, done).await
}

pub(super) async fn unpin(host: Places, name: String) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    let (history, name) = open(&host, &name)?;
    history.remove_pin(&name)?;
    writeln!(out, "`{name}` is not pinned")?;
    follow(&mut out, &host, &name, |line| line.state != "pinned").await
}

fn open(host: &Places, name: &str) -> anyhow::Result<(History, PolicyName)> {
    let name = PolicyName::new(name)
        .with_context(|| format!("`{name}` is no policy's name: 1 to 63 of a-z, 0-9 and `-`"))?;
    let path = &host.state_dir;
    anyhow::ensure!(
        path.is_dir(),
        "there is no folder `{}` (`state_dir`): no host has kept anything there",
        path.display()
    );
    let (storage, problem) = Storage::open(path, As::Command)?;
    problem.map_or(Ok(()), Err)?;
    Ok((History::new(storage), name))
}

fn revision_of(listing: &Listing, name: &PolicyName) -> Option<Digest> {
    let line = find(listing, name)?;
    Some(Digest::named(line.revision.as_deref()?))
}

fn find<'a>(listing: &'a Listing, name: &PolicyName) -> Option<&'a Line> {
    let mut lines = listing.policies.iter();
    lines.find(|line| line.name == name.as_str())
}

/// The good revision before the one that serves.
fn earlier(record: &Record, serving: Option<&Digest>) -> Option<Digest> {
    let mut revisions = record.revisions.iter().map(|kept| &kept.digest);
    if let Some(serving) = serving {
        revisions.find(|digest| *digest == serving);
    }
    revisions.next().cloned()
}

fn kept(record: &Record) -> String {
    let line = |kept: &crate::policy::Kept| {
        let since = humantime::format_rfc3339_seconds(kept.since);
        format!("{} (since {since})", kept.digest)
    };
    let lines: Vec<_> = record.revisions.iter().map(line).collect();
    if lines.is_empty() {
        return "none".to_owned();
    }
    lines.join(", ")
}

/// Waits until the host does what was asked.
async fn follow(
    out: &mut dyn Write,
    host: &Places,
    name: &PolicyName,
    done: impl Fn(&Line) -> bool,
) -> anyhow::Result<()> {
    let until = Instant::now() + PATIENCE;
    loop {
        let listing: Listing = match ask(host.operator, "/policies").await {
            Ok(listing) => listing,
            Err(error @ AskError::NoHost { .. }) => {
                writeln!(out, "{error}; it takes effect when the host starts")?;
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        let Some(line) = find(&listing, name) else {
            writeln!(
                out,
                "there is no `{name}.wasm` in the folder; it takes effect when there is"
            )?;
            return Ok(());
        };
        if done(line) {
            let revision = line.revision.as_deref().unwrap_or("none");
            writeln!(out, "the host serves revision {revision} ({})", line.state)?;
            return Ok(());
        }
        if Instant::now() >= until {
            let state = &line.state;
            let reason = line.reason.as_deref().unwrap_or("no reason is known");
            anyhow::bail!(
                "the host does not follow within {PATIENCE:?}: `{name}` is {state}: {reason}"
            );
        }
        tokio::time::sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::{Digest, Record, earlier};
    use crate::policy::Kept;

    #[test]
    fn the_earlier_revision_is_the_next_older_than_the_one_that_serves() {
        let kept = |digest: &str| Kept {
            digest: Digest::named(digest),
            component: String::new(),
            settings: String::new(),
            since: SystemTime::UNIX_EPOCH,
        };
        let record = Record {
            serving: Some(Digest::named("c")),
            revisions: vec![kept("c"), kept("b"), kept("a")],
        };
        let before = |serving: &str| {
            let digest = earlier(&record, Some(&Digest::named(serving)));
            digest.map(|digest| digest.to_string())
        };
        assert_eq!(before("c").as_deref(), Some("b"));
        assert_eq!(before("b").as_deref(), Some("a"), "pinned, and once more");
        assert_eq!(before("a"), None);
        assert_eq!(before("unknown"), None);
        let newest = earlier(&record, None).map(|digest| digest.to_string());
        assert_eq!(newest.as_deref(), Some("c"), "nothing serves");
    }
}
