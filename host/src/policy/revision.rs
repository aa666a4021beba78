//! A revision: what can be evaluated of a policy, and what it was made of.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::contract::Contract;
use crate::sandbox::{Component, Prepared};
use crate::telemetry::foreign;

/// A component with the settings it was checked with.
#[derive(Debug)]
pub struct Revision {
    /// Of component, settings and contract line.
    pub digest: Digest,
    /// What the component says about itself.
    pub contract: Arc<Contract>,
    pub(super) settings: Arc<String>,
    pub(super) prepared: Arc<Prepared>,
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
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
