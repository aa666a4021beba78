//! Trials of policies of this repository, in this process.

use std::path::{Path, PathBuf};

use hookwarden::config;
use hookwarden::policy::PolicyName;
use hookwarden::sandbox::{Compiler, Component, Priority, Sandbox};
use hookwarden::storage::{As, Storage};
use hookwarden::trial::{Candidate, Subject};

/// The folder of a policy that ships with the host.
#[must_use]
pub fn plugin(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../plugins")
        .join(name)
}

/// A sandbox that compiles each component once, and keeps the code in a folder.
///
/// # Panics
///
/// There is no such folder, or it is another host's.
#[must_use]
pub fn sandbox(folder: &Path) -> Sandbox {
    let (storage, _) = Storage::open(folder, As::Host).expect("a folder");
    let mut config = config::load(None).expect("the default").sandbox;
    config.evaluations = 4;
    config.priority = Priority::Normal;
    Sandbox::start(&config, Compiler::InProcess, Some(storage)).expect("a sandbox")
}

/// A policy, with the settings of its file if there is one.
///
/// # Panics
///
/// There is no such component.
#[must_use]
pub fn subject(name: &str, component: &Path, settings: PathBuf) -> Subject {
    Subject {
        candidate: Candidate {
            name: PolicyName::new(name).expect("a name"),
            component: Component::new(std::fs::read(component).expect("a component")),
            settings: std::fs::read_to_string(&settings).unwrap_or_default(),
            settings_file: Some(settings),
        },
        config: None,
    }
}
