//! A revision: what can be evaluated of a policy, and what it was made of.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::contract::Contract;
use crate::capabilities::granted::Granted;
use crate::okta::Authority;
use crate::sandbox::{Component, Outcome, Prepared};
use crate::telemetry::foreign;

/// A component with the settings it was checked with, and what it is granted.
#[derive(Debug)]
pub struct Revision {
    /// Of component, settings, grants and contract line.
    pub digest: Digest,
    /// The SHA-256 of the component, in hexadecimal.
    pub component: String,
    /// What it is granted and how its authority is narrowed, a line each.
    pub grants: Vec<String>,
    /// What it may see of a call and do to it.
    pub authority: Authority,
    pub(super) granted: Arc<Granted>,
    /// What the component says about itself.
    pub contract: Arc<Contract>,
    pub(super) settings: Arc<String>,
    pub(super) code: Code,
}

/// What decides.
#[derive(Debug)]
pub(super) enum Code {
    /// A component, in the sandbox.
    Sandboxed(Arc<Prepared>),
    /// A function of the program itself.
    CompiledIn(CompiledIn),
}

/// A rule that is compiled into the program: given a call and settings, both JSON, it
/// decides about a registration. No limit holds for it and nothing contains it.
pub type CompiledIn = fn(&str, &str) -> Outcome;

impl Revision {
    /// The same revision, decided by a function instead of its component: what a
    /// benchmark sets beside the sandbox to find out what that costs.
    #[must_use]
    pub fn compiled_in(&self, rule: CompiledIn) -> Self {
        Self {
            digest: self.digest.clone(),
            component: self.component.clone(),
            grants: self.grants.clone(),
            authority: self.authority.clone(),
            granted: Arc::clone(&self.granted),
            contract: Arc::clone(&self.contract),
            settings: Arc::clone(&self.settings),
            code: Code::CompiledIn(rule),
        }
    }
}

/// A component and the text of its settings, as they were read together.
#[derive(Debug, Clone)]
pub struct Pair {
    /// The component.
    pub component: Component,
    /// TOML.
    pub settings: String,
}

/// The first 128 bits of a revision's SHA-256: enough that nobody makes two alike, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(pub(super) String);

impl Digest {
    /// What somebody wrote as a digest, whether there is one like it or not.
    #[must_use]
    pub fn named(text: &str) -> Self {
        Self(foreign(text).to_string())
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
