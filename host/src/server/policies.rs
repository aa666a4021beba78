//! What the operator sees of the policies.

use std::sync::Arc;
use std::time::SystemTime;

use axum::Json;
use axum::extract::State as Shared;
use serde::{Deserialize, Serialize};

use super::State;
use crate::capabilities::dataset::Dataset;
use crate::policy::{Failed, Policy};

/// Every policy of the folder.
#[derive(Debug, Serialize, Deserialize)]
pub struct Listing {
    /// In the order of their names.
    pub policies: Vec<Line>,
    /// The datasets that are declared, in the order of their names.
    pub datasets: Vec<DatasetLine>,
}

/// One dataset.
#[derive(Debug, Serialize, Deserialize)]
pub struct DatasetLine {
    /// Its name.
    pub name: String,
    /// What policies see; absent if it was never read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// How many entries that has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entries: Option<usize>,
    /// Why it is not what its file says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// One policy. Times are RFC 3339.
#[derive(Debug, Serialize, Deserialize)]
pub struct Line {
    /// Its name.
    pub name: String,
    /// `loaded`; `as-before` if the file that is there now is not loaded and the
    /// revision before it goes on; `pinned`; `loading`; or `failed`.
    pub state: String,
    /// What is wrong with it, or with the file that is there now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What is evaluated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// For one that is pinned: the revision that would serve otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_folder: Option<String>,
    /// Since when it is as it is.
    pub since: String,
    /// Whether a host that starts again would know the revision.
    pub remembered: bool,
    /// Its file in the policy folder.
    pub file: String,
    /// What it serves.
    pub hooks: Vec<String>,
    /// The version of the contract that it was built for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// What it imports.
    pub imports: Vec<String>,
    /// The SHA-256 of the component that is evaluated, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// What it is granted, and how its authority over calls is narrowed.
    pub grants: Vec<String>,
    /// Evaluations since then.
    pub calls: u64,
    /// Those that failed.
    pub failures: u64,
    /// The mean fuel of an evaluation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_fuel: Option<u64>,
    /// The last of those that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_failure: Option<Failure>,
}

/// A failed evaluation.
#[derive(Debug, Serialize, Deserialize)]
pub struct Failure {
    /// When.
    pub at: String,
    /// Why.
    pub why: String,
}

/// `GET /policies`.
pub(super) async fn list(Shared(state): Shared<Arc<State>>) -> Json<Listing> {
    let hooks = state.hooks.load();
    let policies = hooks.policies().iter();
    Json(Listing {
        policies: policies.map(|policy| line(policy)).collect(),
        datasets: state.grantor.datasets().map(dataset).collect(),
    })
}

fn dataset(dataset: &Dataset) -> DatasetLine {
    let content = dataset.snapshot();
    let content = content.as_ref();
    DatasetLine {
        name: dataset.name().to_owned(),
        revision: content.map(|content| content.revision().to_owned()),
        entries: content.map(|content| content.len()),
        reason: dataset.problem(),
    }
}

fn line(policy: &Policy) -> Line {
    let contract = policy.contract.as_ref();
    let counts = policy.tally.counts();
    let pinned = policy.pinned.as_ref();
    let evaluated = policy.revision.as_ref().ok();
    let failure = |Failed { at, why }| Failure { at: time(at), why };
    Line {
        name: policy.name.to_string(),
        state: policy.state().to_owned(),
        reason: policy.problem().map(ToString::to_string),
        revision: policy.digest().map(ToString::to_string),
        in_folder: pinned.and_then(|pinned| Some(pinned.in_folder.as_ref()?.to_string())),
        since: time(policy.since),
        remembered: policy.remembered,
        file: format!("{}.wasm", policy.name),
        hooks: policy
            .hooks
            .iter()
            .map(|hook| hook.name().to_owned())
            .collect(),
        contract: contract.map(|contract| contract.version.clone()),
        imports: contract.map_or_else(Vec::new, |contract| contract.imports.clone()),
        component: evaluated.map(|revision| revision.component.clone()),
        grants: evaluated.map_or_else(Vec::new, |revision| revision.grants.clone()),
        calls: counts.calls,
        failures: counts.failures,
        mean_fuel: counts.mean_fuel,
        last_failure: counts.last_failure.map(failure),
    }
}

fn time(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time).to_string()
}
