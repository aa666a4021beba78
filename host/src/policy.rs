//! A policy: a component with its name, settings, limits and failure mode.
//!
//! A [`Revision`] is what can be evaluated: a component together with the
//! settings that it was checked with. A policy whose file is there but cannot be
//! loaded has no revision; it is a policy all the same, and fails every call.

mod cause;
pub mod contract;
mod evaluation;
pub mod folder;
mod grantor;
mod grants;
mod hint;
mod history;
mod limits;
mod load_error;
mod loader;
mod name;
mod queue;
mod registry;
mod revision;
mod settings;
mod tally;
mod threads;
mod ungranted;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use std::time::SystemTime;

use serde::Deserialize;

pub use cause::{Blame, Cause};
pub use contract::{Ask, Contract, Reading};
pub use evaluation::{Conditions, Evaluation, EvaluationError, Question, Usage};
pub use folder::Folder;
pub use grantor::{Grantor, Offer};
pub use grants::{AttributeNames, Ceiling, Effective, Grants};
pub use hint::Hints;
pub use history::{History, HistoryError, KEPT, Kept, Record};
pub use limits::{FileHttp, FileLimits, FileQuota};
pub use load_error::LoadError;
pub use loader::{Loaded, Loader};
pub use name::PolicyName;
pub use registry::{Registry, log_outcome};
pub use revision::{CompiledIn, Digest, Pair, Revision};
pub use settings::{SettingsError, json_of_toml};
pub use tally::{Counts, Failed, Tally};
pub use threads::Threads;

use crate::okta::{Authority, HookType};
use crate::sandbox::Places;

/// What the operator says about a policy.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What counts as the policy's decision when it fails to make one.
    pub on_failure: OnFailure,
    /// Whether what the policy says may be written to the log.
    pub log: bool,
    /// The only folder that it may come from; empty for any.
    pub folder: String,
    /// The SHA-256 that its component must have, in hexadecimal; empty for any.
    pub sha256: String,
    /// Whether it may deny.
    pub deny: bool,
    /// Whether its debug context goes out.
    pub debug_context: bool,
    /// What it may see of the call, and set.
    pub attributes: AttributeNames,
    /// What it may use beyond the call.
    pub grants: Grants,
    /// What its requests may take.
    pub http: FileHttp,
    /// How much its bucket may hold.
    pub key_value: FileQuota,
    /// What one evaluation may use.
    pub limits: FileLimits,
}

impl Config {
    /// What it says about authority.
    fn said(&self) -> grants::Said<'_> {
        grants::Said {
            grants: &self.grants,
            attributes: &self.attributes,
            deny: self.deny,
            debug_context: self.debug_context,
        }
    }

    /// What a policy of it has in a folder with this ceiling.
    #[must_use]
    pub fn effective(&self, ceiling: &Ceiling) -> Effective {
        Effective::new(self.said(), ceiling)
    }
}

/// A failure mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// What Okta itself does when a hook of that type fails.
    AsOkta,
    /// The policy counts as having denied.
    Deny,
    /// The policy counts as having no opinion.
    Skip,
}

/// A policy as it is now.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Its name: the file's, without `.wasm`.
    pub name: PolicyName,
    /// What the operator says about it.
    pub config: Arc<Config>,
    /// The hook types that it serves, as far as that could be read.
    pub hooks: Vec<HookType>,
    /// What its file says about itself, as far as that could be read.
    pub contract: Option<Arc<Contract>>,
    /// What can be evaluated, or why nothing can.
    pub revision: Result<Arc<Revision>, Arc<LoadError>>,
    /// Why the file that is there now is not what can be evaluated: an earlier one
    /// goes on.
    pub refused: Option<Arc<LoadError>>,
    /// The operator went back to this revision, whatever is in the folder.
    pub pinned: Option<Pinned>,
    /// Whether a host that starts again would know the revision.
    pub remembered: bool,
    /// Since when it is as it is.
    pub since: SystemTime,
    /// What it has been doing since.
    pub tally: Arc<Tally>,
    /// Where its evaluations have places.
    pub places: Places,
}

/// A policy that is pinned.
#[derive(Debug, Clone)]
pub struct Pinned {
    /// To this revision.
    pub to: Digest,
    /// What would serve if it were not.
    pub in_folder: Option<Digest>,
}

impl Policy {
    /// A policy that has just been loaded, or could not be.
    pub(super) fn new(
        name: PolicyName,
        config: Config,
        hooks: Vec<HookType>,
        revision: Result<Revision, LoadError>,
    ) -> Self {
        Self {
            places: Places::of_policy(&config.limits.into()),
            name,
            config: Arc::new(config),
            hooks,
            contract: None,
            revision: revision.map(Arc::new).map_err(Arc::new),
            refused: None,
            pinned: None,
            remembered: false,
            since: SystemTime::now(),
            tally: Arc::default(),
        }
    }

    /// A policy that should be there and is not. It fails every call.
    #[must_use]
    pub fn missing(name: PolicyName, config: Config, hook: HookType) -> Self {
        let error = LoadError::Missing(name.clone());
        Self::new(name, config, vec![hook], Err(error))
    }

    /// A policy whose file nobody has read yet. It may be one of any hook, and fails
    /// every call: a chain without it would admit whom it denies.
    pub(super) fn unread(name: PolicyName, config: Config) -> Self {
        let hooks = HookType::ALL.into_iter().collect();
        Self::new(name, config, hooks, Err(LoadError::Unread))
    }

    /// The policy with what it was before, because what came after it cannot be
    /// loaded; itself if there was nothing before or nothing is wrong.
    #[must_use]
    pub fn or_as_before(self, before: Option<&Self>) -> Self {
        match (&self.revision, before) {
            (Err(error), Some(before)) if before.revision.is_ok() => Self {
                config: self.config,
                refused: Some(Arc::clone(error)),
                ..before.clone()
            },
            (Ok(revision), Some(before)) if Some(&revision.digest) == before.digest() => Self {
                remembered: before.remembered,
                since: before.since,
                tally: Arc::clone(&before.tally),
                places: before.places.clone(),
                ..self
            },
            // Evaluations of the revision before may still run: they are its own, too.
            (_, Some(before)) => Self {
                places: before.places.clone(),
                ..self
            },
            (_, None) => self,
        }
    }

    /// The digest of its revision, if it has one.
    #[must_use]
    pub fn digest(&self) -> Option<&Digest> {
        self.revision.as_ref().ok().map(|revision| &revision.digest)
    }

    /// What it may do to a call; everything, if it has no revision and does nothing.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        static ALL: LazyLock<Authority> = LazyLock::new(Authority::default);
        let revision = self.revision.as_ref().ok();
        revision.map_or(&ALL, |revision| &revision.authority)
    }

    /// In a word: `loaded`; `as-before` if the file that is there now is not;
    /// `pinned`; or, if there is nothing to evaluate, `loading` or `failed`.
    #[must_use]
    pub fn state(&self) -> &'static str {
        match (&self.revision, &self.pinned, &self.refused) {
            (Err(error), _, _) if error.is_pending() => "loading",
            (Err(_), _, _) => "failed",
            (Ok(_), Some(_), _) => "pinned",
            (Ok(_), None, Some(_)) => "as-before",
            (Ok(_), None, None) => "loaded",
        }
    }

    /// Whether it, or the file that is there now, is still being loaded.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.problem().is_some_and(LoadError::is_pending)
    }

    /// What is wrong with it, or with the file that is there now.
    #[must_use]
    pub fn problem(&self) -> Option<&LoadError> {
        let problem = self.revision.as_ref().err().or(self.refused.as_ref());
        problem.map(|problem| &**problem)
    }
}

/// What the operator says about all policies.
#[derive(Debug, Clone)]
pub struct Configs {
    /// About those that are not named.
    pub default: Config,
    /// About those that are.
    pub named: BTreeMap<PolicyName, Config>,
}

impl Configs {
    /// What the operator says about one policy.
    #[must_use]
    pub fn get(&self, name: &PolicyName) -> Config {
        self.named.get(name).unwrap_or(&self.default).clone()
    }
}
