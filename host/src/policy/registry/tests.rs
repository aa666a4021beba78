//! What cannot be provoked from outside.

use std::fs;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use super::Registry;
use crate::okta::HookType;
use crate::policy::folder::{Folder, Found};
use crate::policy::{Configs, Grantor, Loader, PolicyName};
use crate::sandbox::{self, CompileLimits, Compiler, Patience, Sandbox};

fn configs() -> Configs {
    let default = r#"
        on_failure = "as-okta"
        log = false
        folder = ""
        sha256 = ""
        deny = true
        debug_context = true
        attributes = { see = ["*"], set = ["*"] }
        grants = { secrets = {}, datasets = [], http = [], networks = [], key_value = false }
        [http]
        requests = 1
        concurrent = 1
        connect_timeout = "1s"
        max_request = "1KiB"
        max_response = "1KiB"
        [key_value]
        keys = 1
        max_key = "1KiB"
        max_value = "1KiB"
        bytes = "1KiB"
        expire = "0s"
        [limits]
        fuel = 1_000_000
        fuel_per_byte = 0
        slice = 100_000
        deadline = "1s"
        memory = "1MiB"
        table_elements = 1_000
        host_calls = 1_000
        host_bytes = "1MiB"
        log_bytes = "1MiB"
        output = "1MiB"
        handles = 100
        evaluations = 2
        slow_evaluations = 1
    "#;
    Configs {
        default: toml::from_str(default).expect("a configuration"),
        named: BTreeMap::new(),
    }
}

fn list(registry: &Registry) -> Vec<Found> {
    let home = |_: &PolicyName| None;
    registry.folders.list(&home).policies
}

/// What was read while the files were changing may be half of one pair and half
/// of the next.
#[tokio::test]
async fn what_changed_while_it_was_loaded_is_not_taken() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("policy.wasm");
    fs::write(&file, "first").expect("written");
    let mut registry = open(dir.path()).await;
    let before = registry.policies().remove(0).since;

    let found = list(&registry).remove(0);
    let stamp = found.stamp();
    fs::write(&file, "second, and longer").expect("written");
    registry.load(found, stamp, Patience::Short);
    let done = registry.jobs.join_next().await.expect("it is loading");

    assert!(!registry.take(done.expect("no panic")), "no difference");
    assert_eq!(registry.policies().remove(0).since, before);
    assert_eq!(registry.settling.len(), 1, "it is looked at again");
}

/// A chain without it would admit whom it denies.
#[tokio::test]
async fn a_start_waits_for_what_is_being_written() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("policy.wasm");
    fs::write(&file, "").expect("written");
    let write = async {
        for length in 1..20 {
            fs::write(&file, vec![b'x'; length]).expect("written");
            tokio::task::yield_now().await;
        }
    };
    let (registry, ()) = tokio::join!(open(dir.path()), write);
    assert_eq!(registry.known.len(), 1);
    assert!(!registry.is_busy(|_| true));
}

/// A chain without it would admit whom it denies.
#[tokio::test]
async fn what_was_not_read_at_the_start_fails_every_hook_until_it_is() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut registry = open(dir.path()).await;
    registry.is_starting = true;
    for name in ["read-later.wasm", "written-later.wasm"] {
        fs::write(dir.path().join(name), "no component").expect("written");
    }
    for found in list(&registry) {
        let stamp = found.stamp();
        if found.name.as_str() == "read-later" {
            registry.load(found, stamp, Patience::None);
        } else {
            registry
                .settling
                .insert(found.name, (stamp, Instant::now()));
        }
    }
    registry.end_start();
    let policies = registry.policies();
    assert_eq!(policies.len(), 2);
    for policy in policies {
        assert_eq!(policy.state(), "loading");
        assert!(policy.hooks.contains(&HookType::Registration));
    }
    registry.settled().await;
    for policy in registry.policies() {
        assert_eq!(policy.state(), "failed");
        assert!(policy.hooks.is_empty(), "it is no policy of any hook");
    }
}

async fn open(folder: &Path) -> Registry {
    let small = sandbox::Config {
        evaluations: 2,
        slow: 1,
        priority: sandbox::Priority::Normal,
        stack: 1 << 19,
        memory: 1 << 20,
        table_elements: 1_000,
        compile: CompileLimits {
            memory: bytesize::ByteSize::gib(1),
            cpu_time: Duration::from_secs(1),
            timeout: Duration::from_secs(1),
        },
        code: bytesize::ByteSize::gib(1),
    };
    let sandbox = Sandbox::start(&small, Compiler::InProcess, None).expect("a sandbox");
    let loader = Loader::new(sandbox, Grantor::default());
    let folders = vec![Folder::only(folder.to_owned())];
    let registry = Registry::open(loader, folders, configs(), None).await;
    registry.expect("a folder")
}
