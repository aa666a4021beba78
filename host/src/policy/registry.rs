//! The registry: every policy of the folders, as it is now.
//!
//! A policy's component and settings are one pair: the pair is loaded when both
//! have stopped changing, and it takes the place of the pair before only if it
//! can be loaded. A policy that is being loaded holds up none of the others.

mod folders;
mod job;
mod known;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::{self, JoinError, JoinSet};

use super::folder::{Folder, Found, Stamp};
use super::history::History;
use super::loader::{Loaded, Loader};
use super::name::PolicyName;
use super::queue::{Queue, Turn};
use super::{Configs, Digest, Pair, Policy};
use crate::files::ReadError;
use crate::sandbox::Patience;
use folders::Folders;
use job::{Done, FromFolder, Job, Wanted};
use known::Known;
pub use known::log_outcome;

/// Between two looks, when nothing is reported.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How long files must stay as they are before they are read.
const SETTLE: Duration = Duration::from_millis(200);

/// How long a file must be gone before its policy is.
const GONE: Duration = Duration::from_millis(500);

/// How long the host waits at its start for what is quick, and for files that are
/// being written.
const WAIT_AT_START: Duration = Duration::from_secs(10);

/// How many revisions are written between two times of tidying.
const SWEEP_AFTER: u32 = 50;

/// The policies of the folders.
pub struct Registry {
    folders: Folders,
    queue: Queue,
    known: BTreeMap<PolicyName, Known>,
    /// Files that differ from what is known, and since when they look as they do.
    settling: BTreeMap<PolicyName, (Stamp, Instant)>,
    /// Policies whose files are not there, and since when.
    missing: BTreeMap<PolicyName, Instant>,
    /// What the operator wants to be pinned.
    pins: BTreeMap<PolicyName, Digest>,
    jobs: JoinSet<Done>,
    /// At most one job for each policy, so that nothing overtakes.
    in_progress: BTreeMap<PolicyName, Job>,
    /// What is not loaded yet belongs to its chains from the beginning.
    is_starting: bool,
    written_since_sweep: u32,
    /// That was said and need not be said again.
    pins_unreadable: bool,
}

impl Registry {
    /// Loads every policy of the folders that is loaded quickly, and waits a while for
    /// files that are being written. The rest fails its calls until it is loaded. With
    /// a history, a policy whose file is broken, or not loaded yet, is what it was when
    /// a host served it last.
    ///
    /// # Errors
    ///
    /// A folder cannot be read.
    pub async fn open(
        loader: Loader,
        folders: Vec<Folder>,
        configs: Configs,
        history: Option<History>,
    ) -> Result<Self, ReadError> {
        let queue = Queue::new(loader, configs, history);
        let home = |name: &PolicyName| queue.home(name);
        let (folders, found) = Folders::open(folders, queue.history.as_ref(), &home)?;
        let mut registry = Self {
            folders,
            queue,
            known: BTreeMap::new(),
            settling: BTreeMap::new(),
            missing: BTreeMap::new(),
            pins: BTreeMap::new(),
            jobs: JoinSet::new(),
            in_progress: BTreeMap::new(),
            is_starting: true,
            written_since_sweep: 0,
            pins_unreadable: false,
        };
        registry.look_at_pins();
        for found in found {
            let stamp = found.stamp();
            registry.load(found, stamp, Patience::None);
        }
        let quick = async {
            while registry.is_busy(Job::is_quick) {
                registry.step().await;
            }
        };
        let _ = tokio::time::timeout(WAIT_AT_START, quick).await;
        registry.end_start();
        Ok(registry)
    }

    /// What was not even read until now fails its calls.
    fn end_start(&mut self) {
        self.is_starting = false;
        let names = self.in_progress.keys().chain(self.settling.keys());
        let is_unread = |name: &&PolicyName| !self.known.contains_key(*name);
        let unread: Vec<_> = names.filter(is_unread).cloned().collect();
        for name in unread {
            let in_folder = Policy::unread(name.clone(), self.queue.config(&name));
            let known = Known {
                // No file looks like this, so that it is looked at.
                stamp: Stamp::default(),
                folder: Arc::clone(self.folders.any()),
                in_folder,
                pinned: None,
            };
            self.known.insert(name, known);
        }
        for known in self.known.values() {
            let served = known.served();
            if served.is_pending() {
                log_outcome(&served);
            }
        }
        self.forget_removed();
        self.sweep_after(0);
    }

    /// Whether any of the work that is meant is under way.
    fn is_busy(&self, is_meant: impl Fn(&Job) -> bool) -> bool {
        !self.settling.is_empty() || self.in_progress.values().any(is_meant)
    }

    /// Waits until everything is loaded that can be, and kept.
    pub async fn settled(&mut self) {
        while self.is_busy(|_| true) {
            self.step().await;
        }
    }

    /// All policies, in the order of their names.
    #[must_use]
    pub fn policies(&self) -> Vec<Arc<Policy>> {
        let served = self.known.values().map(Known::served);
        served.map(Arc::new).collect()
    }

    /// Waits until a policy has come, gone or changed.
    pub async fn changed(&mut self) {
        while !self.step().await {}
    }

    /// Waits for a job or a reason to look, and does what it asks for; true if that
    /// makes a difference.
    async fn step(&mut self) -> bool {
        let waiting = !self.settling.is_empty() || !self.missing.is_empty();
        let pause = if waiting { SETTLE / 2 } else { LOOK_EVERY };
        tokio::select! {
            Some(done) = self.jobs.join_next_with_id() => {
                let mut changed = self.take_joined(done);
                while let Some(done) = self.jobs.try_join_next_with_id() {
                    changed |= self.take_joined(done);
                }
                changed
            }
            () = self.folders.wait(pause) => self.look(Instant::now()),
        }
    }

    /// Looks at the folders: notes what changes, starts to load what has settled,
    /// and forgets what is gone. True if something is gone or no longer pinned.
    fn look(&mut self, now: Instant) -> bool {
        let queue = &self.queue;
        let home = |name: &PolicyName| queue.home(name);
        let found = self.folders.look(queue.history.as_ref(), &home);
        let gone = self.forget_all_but(&found, now);
        for found in found {
            self.look_at(found, now);
        }
        self.look_at_pins() || gone
    }

    fn look_at(&mut self, found: Found, now: Instant) {
        let stamp = found.stamp();
        let known = self.known.get(&found.name);
        let job = self.in_progress.get(&found.name);
        let is_known = known.is_some_and(|known| known.stamp == stamp);
        if known.is_some_and(|known| is_known && self.queue.is_unblocked(&known.in_folder))
            && job.is_none()
        {
            self.load(found, stamp, Patience::None);
            return;
        }
        if is_known || job.is_some_and(|job| job.loads(&stamp)) {
            self.settling.remove(&found.name);
            return;
        }
        match self.settling.get(&found.name) {
            Some((seen, since)) if *seen == stamp => {
                let settled = now.duration_since(*since) >= SETTLE;
                if settled && job::stop(&mut self.in_progress, &found.name) {
                    self.settling.remove(&found.name);
                    self.load(found, stamp, Patience::None);
                }
            }
            _ => {
                self.settling.insert(found.name, (stamp, now));
            }
        }
    }

    /// Looks at what the operator wants to be pinned, and starts to load it; true if
    /// something is no longer pinned.
    fn look_at_pins(&mut self) -> bool {
        let Some(history) = &self.queue.history else {
            return false;
        };
        match history.pins() {
            Ok(pins) => {
                self.pins_unreadable = false;
                self.pins = pins;
            }
            Err(error) => {
                if !std::mem::replace(&mut self.pins_unreadable, true) {
                    tracing::error!("pins cannot be read, and stay as they are: {error}");
                }
            }
        }
        let mut unpinned = false;
        let mut wanted = Vec::new();
        for (name, known) in &mut self.known {
            let is = known.pinned.as_ref().map(|(digest, _)| digest);
            let folder = &known.folder;
            match self.pins.get(name) {
                None if is.is_some() => {
                    known.pinned = None;
                    unpinned = true;
                    tracing::info!(policy = %name, "no longer pinned");
                    log_outcome(&known.in_folder);
                }
                Some(digest) if is != Some(digest) => {
                    wanted.push((name.clone(), digest.clone(), Arc::clone(folder)));
                }
                None | Some(_) => {}
            }
        }
        for (name, digest, folder) in wanted {
            if !self.in_progress.contains_key(&name) {
                let pin = job::pin(self.queue.clone(), name.clone(), digest, folder);
                let abort = self.jobs.spawn(pin);
                let (patience, stamp) = (Patience::Full, None);
                let job = Job::Load {
                    patience,
                    stamp,
                    abort,
                };
                self.in_progress.insert(name, job);
            }
        }
        unpinned
    }

    fn load(&mut self, found: Found, stamp: Stamp, patience: Patience) {
        let known = self.known.get(&found.name);
        let has_good = known.is_some_and(|known| known.in_folder.revision.is_ok());
        // It must not serve for a moment what it is pinned not to.
        let is = known.and_then(|known| known.pinned.as_ref());
        let is = is.filter(|(_, policy)| !policy.is_pending());
        let pin = self.pins.get(&found.name);
        let pin = pin.filter(|digest| is.is_none_or(|(is, _)| is != *digest));
        let wanted = Wanted {
            pin: pin.cloned(),
            found,
            stamp,
            has_good,
        };
        let name = wanted.found.name.clone();
        let stamp = Some(wanted.stamp.clone());
        let abort = self
            .jobs
            .spawn(job::load(self.queue.clone(), wanted, patience));
        let job = Job::Load {
            patience,
            stamp,
            abort,
        };
        self.in_progress.insert(name, job);
    }

    fn take_joined(&mut self, done: Result<(task::Id, Done), JoinError>) -> bool {
        // Jobs catch what can panic in them; an error is one that was stopped. One
        // that was stopped too late is not taken either: another is in its place.
        done.is_ok_and(|(id, done)| {
            let job = self.in_progress.get(done.name());
            job.is_some_and(|job| job.is(id)) && self.take(done)
        })
    }

    /// Takes what a job has done; true if that makes a difference.
    fn take(&mut self, done: Done) -> bool {
        match done {
            Done::Loaded(from_folder) => self.take_loaded(*from_folder),
            Done::Pinned {
                name,
                digest,
                policy,
            } => {
                self.in_progress.remove(&name);
                let Some(known) = self.known.get_mut(&name) else {
                    return false;
                };
                let before = known.served();
                known.pinned = Some((digest, policy.or_as_before(Some(&before))));
                log_outcome(&known.served());
                true
            }
            Done::Remembered { name, digest, kept } => {
                self.in_progress.remove(&name);
                let remembered = kept.is_ok();
                match kept {
                    Ok(false) => {}
                    Ok(true) => self.sweep_after(SWEEP_AFTER),
                    Err(error) => tracing::error!(
                        policy = %name,
                        "the revision serves, and would not be known after a restart: {error}",
                    ),
                }
                let known = self.known.get_mut(&name);
                let known = known.filter(|known| known.in_folder.digest() == Some(&digest));
                if let Some(known) = known {
                    known.in_folder.remembered = remembered;
                }
                true
            }
            Done::Removed { name, kept } => {
                self.in_progress.remove(&name);
                if let Err(error) = kept {
                    tracing::error!(policy = %name, "that it was removed is not kept: {error}");
                }
                false
            }
        }
    }

    fn take_loaded(&mut self, from_folder: FromFolder) -> bool {
        let is_pending = from_folder.is_pending();
        let FromFolder {
            wanted,
            patience,
            loaded,
            before,
            pinned,
            turn,
        } = from_folder;
        let Wanted { found, stamp, .. } = wanted;
        let name = found.name.clone();
        self.in_progress.remove(&name);
        let now = found.stamp();
        if now != stamp {
            // Not what is there any more: the next look sees to it.
            self.settling.insert(name, (now, Instant::now()));
            return false;
        }
        let Loaded { policy, pair } = loaded;
        if let Some(more) = patience.more().filter(|_| is_pending) {
            let waits = |known: &Known| known.served().is_pending();
            let is_shown = self.is_starting || self.known.get(&name).is_some_and(waits);
            // Otherwise what serves goes on until this is ready.
            if is_shown {
                self.know((stamp.clone(), &found.folder), policy, before, pinned);
            }
            self.load(found, stamp, more);
            return is_shown;
        }
        let known = self.know((stamp, &found.folder), policy, before, pinned);
        log_outcome(&known.served());
        let digest = known.in_folder.digest().cloned();
        if let (Some(pair), Some(digest), Some(turn)) = (pair, digest, turn) {
            self.remember(name, digest, pair, turn);
        }
        true
    }

    /// Puts a policy in the place of what was known of it.
    fn know(
        &mut self,
        (stamp, folder): (Stamp, &Arc<Folder>),
        policy: Policy,
        before: Option<Policy>,
        pinned: Option<(Digest, Policy)>,
    ) -> &Known {
        let name = policy.name.clone();
        let (was, was_pinned) = match self.known.remove(&name) {
            Some(known) => (Some(known.in_folder), known.pinned),
            None => (None, None),
        };
        let was = was.filter(|was| was.revision.is_ok()).or(before);
        let known = Known {
            stamp,
            folder: Arc::clone(folder),
            in_folder: policy.or_as_before(was.as_ref()),
            pinned: pinned.or(was_pinned),
        };
        self.known.entry(name).insert_entry(known).into_mut()
    }

    /// Tidies the history when this much was written since the last time.
    fn sweep_after(&mut self, written: u32) {
        self.written_since_sweep += 1;
        if self.written_since_sweep > written {
            self.written_since_sweep = 0;
            self.queue.sweep();
        }
    }

    fn remember(&mut self, name: PolicyName, digest: Digest, pair: Pair, turn: Turn) {
        let Some(history) = self.queue.history.clone().filter(History::is_writable) else {
            return;
        };
        let remember = job::remember(history, name.clone(), digest, pair, turn);
        let id = self.jobs.spawn(remember).id();
        self.in_progress.insert(name, Job::Write(id));
    }

    fn forget(&mut self, name: PolicyName) {
        let Some(history) = self.queue.history.clone().filter(History::is_writable) else {
            return;
        };
        if !self.in_progress.contains_key(&name) {
            let id = self.jobs.spawn(job::forget(history, name.clone())).id();
            self.in_progress.insert(name, Job::Write(id));
        }
    }

    /// Notes which policies were removed while no host ran.
    fn forget_removed(&mut self) {
        let Some(history) = &self.queue.history else {
            return;
        };
        match history.names() {
            Ok(names) => {
                let is_gone = |name: &PolicyName| !self.known.contains_key(name);
                let gone: Vec<_> = names.into_iter().filter(is_gone).collect();
                for name in gone {
                    self.forget(name);
                }
            }
            Err(error) => tracing::error!("the history cannot be read: {error}"),
        }
    }

    /// Forgets every policy that is not among these and has not been for a while:
    /// some ways of writing remove a file first. What was in a folder that cannot be
    /// read stays. True if there was one.
    fn forget_all_but(&mut self, found: &[Found], now: Instant) -> bool {
        let listed =
            |name: &PolicyName| found.binary_search_by(|found| found.name.cmp(name)).is_ok();
        self.settling.retain(|name, _| listed(name));
        self.missing.retain(|name, _| !listed(name));
        let mut gone = Vec::new();
        self.known.retain(|name, known| {
            if listed(name) || self.folders.is_unreadable(&known.folder) {
                return true;
            }
            let since = *self.missing.entry(name.clone()).or_insert(now);
            let is_gone = now.duration_since(since) >= GONE;
            if !is_gone || !job::stop(&mut self.in_progress, name) {
                return true;
            }
            self.missing.remove(name);
            tracing::warn!(policy = %name, "policy removed");
            gone.push(name.clone());
            false
        });
        let is_unknown = |name: &&PolicyName| !listed(name) && !self.known.contains_key(*name);
        let unknown: Vec<_> = self
            .in_progress
            .keys()
            .filter(is_unknown)
            .cloned()
            .collect();
        for name in unknown {
            job::stop(&mut self.in_progress, &name);
        }
        let some_gone = !gone.is_empty();
        for name in gone {
            self.forget(name);
        }
        some_gone
    }
}

#[cfg(test)]
mod tests;
