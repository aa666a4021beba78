//! What a host knows at its next start: good revisions, pins, compiled code.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use hookwarden::policy::{Digest, History, PolicyName};
use hookwarden::storage::{As, Storage};
use serde_json::Value;
use tempfile::TempDir;
use tests::{Builder, TestHost, guests, plugins, sign_up};

const ORG: &str = "domain = 'example.org'";
const NET: &str = "domain = 'example.net'";

fn state() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

async fn host(state: &Path) -> TestHost {
    Builder::default()
        .policy("example", plugins::ONLY_EXAMPLE_COM)
        .settings("example", ORG)
        .state(state)
        .start()
        .await
}

async fn again(host: TestHost, state: &Path) -> TestHost {
    Builder::on(host.stop()).state(state).start().await
}

async fn admits(host: &TestHost, domain: &str) -> bool {
    let call = sign_up(&format!("a@{domain}"));
    host.call(&call).await.status == 204
}

/// The only policy of the folder, as the operator sees it.
async fn line(host: &TestHost) -> Value {
    let listing = host.operator("/policies").await.json();
    listing["policies"].get(0).cloned().unwrap_or_default()
}

/// Follows until the policy is as it should be.
async fn follow_until(host: &mut TestHost, is: impl Fn(&Value) -> bool) -> Value {
    loop {
        let line = line(host).await;
        if is(&line) {
            return line;
        }
        host.follow().await;
    }
}

fn drop_settings(host: &TestHost, settings: &str) {
    fs::write(host.folder().join("example.toml"), settings).expect("written");
}

fn break_component(host: &TestHost) {
    fs::write(host.folder().join("example.wasm"), "broken").expect("written");
}

/// As `hookwarden rollback` does, beside the host.
fn history(state: &Path) -> History {
    let (storage, problem) = Storage::open(state, As::Command).expect("a storage");
    assert!(problem.is_none());
    History::new(storage)
}

fn example() -> PolicyName {
    PolicyName::new("example").expect("a name")
}

fn digest(line: &Value) -> Digest {
    Digest::named(line["revision"].as_str().expect("a revision"))
}

#[tokio::test]
async fn a_broken_file_at_the_start_is_served_as_before() {
    let state = state();
    let host = host(state.path()).await;
    let before = line(&host).await;
    assert_eq!(before["remembered"], true);
    break_component(&host);
    drop_settings(&host, NET);

    let mut host = again(host, state.path()).await;
    let after = line(&host).await;
    assert_eq!(after["state"], "as-before", "{after}");
    assert_eq!(after["revision"], before["revision"]);
    assert!(admits(&host, "example.org").await, "the pair, whole");
    assert!(!admits(&host, "example.net").await);
    assert_eq!(host.operator("/readyz").await.status, 200);

    fs::copy(
        plugins::ONLY_EXAMPLE_COM,
        host.folder().join("example.wasm"),
    )
    .expect("mended");
    follow_until(&mut host, |line| line["state"] == "loaded").await;
    assert!(admits(&host, "example.net").await);
}

#[tokio::test]
async fn settings_that_are_broken_at_the_start_are_as_before_too() {
    let state = state();
    let host = host(state.path()).await;
    drop_settings(&host, "domain = ");
    let host = again(host, state.path()).await;
    let after = line(&host).await;
    assert_eq!(after["state"], "as-before", "{after}");
    assert!(admits(&host, "example.org").await);
}

#[tokio::test]
async fn a_policy_that_was_removed_does_not_come_back_by_itself() {
    let state = state();
    let mut host = host(state.path()).await;
    fs::remove_file(host.folder().join("example.wasm")).expect("removed");
    host.follow().await;
    break_component(&host);
    follow_until(&mut host, |line| line["state"] == "failed").await;

    // Nor when it was removed while no host ran.
    fs::copy(
        plugins::ONLY_EXAMPLE_COM,
        host.folder().join("example.wasm"),
    )
    .expect("dropped");
    follow_until(&mut host, |line| line["remembered"] == true).await;
    let folder = host.stop();
    fs::remove_file(folder.path().join("example.wasm")).expect("removed");
    let host = Builder::on(folder).state(state.path()).start().await;
    break_component(&host);
    let host = again(host, state.path()).await;
    assert_eq!(line(&host).await["state"], "failed");
}

#[tokio::test]
async fn a_pinned_revision_serves_whatever_is_dropped_until_it_is_unpinned() {
    let state = state();
    let mut host = host(state.path()).await;
    let first = line(&host).await;
    drop_settings(&host, NET);
    follow_until(&mut host, |line| {
        line["revision"] != first["revision"] && line["remembered"] == true
    })
    .await;
    assert!(admits(&host, "example.net").await);

    let history = history(state.path());
    history
        .set_pin(&example(), &digest(&first))
        .expect("pinned");
    let pinned = follow_until(&mut host, |line| line["state"] == "pinned").await;
    assert_eq!(pinned["revision"], first["revision"]);
    assert!(admits(&host, "example.org").await);

    // What is dropped is loaded and shown, and does not serve.
    fs::remove_file(host.folder().join("example.toml")).expect("removed");
    let dropped = follow_until(&mut host, |line| {
        line["in_folder"] != pinned["in_folder"] && line["in_folder"].is_string()
    })
    .await;
    assert_eq!(dropped["state"], "pinned");
    assert!(admits(&host, "example.org").await);
    break_component(&host);
    let broken = follow_until(&mut host, |line| line["reason"].is_string()).await;
    assert_eq!(broken["state"], "pinned");
    assert!(admits(&host, "example.org").await);

    // Nor after a restart.
    let mut host = again(host, state.path()).await;
    assert_eq!(line(&host).await["state"], "pinned");
    assert!(admits(&host, "example.org").await);

    history.remove_pin(&example()).expect("unpinned");
    let after = follow_until(&mut host, |line| line["state"] == "as-before").await;
    assert_eq!(after["revision"], dropped["in_folder"]);
    assert!(admits(&host, "example.com").await);
}

#[tokio::test]
async fn a_pin_that_cannot_be_had_fails_the_policy_and_says_so() {
    let state = state();
    let host = host(state.path()).await;
    let unknown = Digest::named("0123456789ab");
    let error = history(state.path()).set_pin(&example(), &unknown);
    assert!(error.is_err(), "it is refused in the first place");
    fs::write(state.path().join("pins/example"), "0123456789ab").expect("written");

    let mut host = again(host, state.path()).await;
    let failed = line(&host).await;
    assert_eq!(failed["state"], "failed", "{failed}");
    let reason = failed["reason"].as_str().expect("a reason");
    assert!(
        reason.contains("revision `0123456789ab` is not kept"),
        "{reason}"
    );
    assert_eq!(host.operator("/readyz").await.status, 503);
    assert!(!admits(&host, "example.org").await, "it fails its chain");

    history(state.path())
        .remove_pin(&example())
        .expect("unpinned");
    follow_until(&mut host, |line| line["state"] == "loaded").await;
    assert!(admits(&host, "example.org").await);
}

#[tokio::test]
async fn earlier_revisions_are_kept_up_to_a_number() {
    let state = state();
    let mut host = host(state.path()).await;
    for number in 0..hookwarden::policy::KEPT + 2 {
        let before = line(&host).await["revision"].clone();
        drop_settings(&host, &format!("domain = 'example{number}.org'"));
        follow_until(&mut host, |line| {
            line["revision"] != before && line["remembered"] == true
        })
        .await;
    }
    let record = history(state.path()).record(&example()).expect("a record");
    assert_eq!(record.revisions.len(), hookwarden::policy::KEPT);
    assert_eq!(record.serving, Some(digest(&line(&host).await)));
    assert_eq!(record.serving, Some(record.revisions[0].digest.clone()));
}

#[tokio::test]
async fn code_is_compiled_once_and_damaged_code_is_not_run() {
    let state = state();
    let host = host(state.path()).await;
    let code = || {
        let files = fs::read_dir(state.path().join("code")).expect("a folder");
        let files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
        let [file] = files.as_slice() else {
            panic!("one component has one code: {files:?}");
        };
        file.clone()
    };
    let written = || {
        let metadata = fs::metadata(code()).expect("code");
        std::os::unix::fs::MetadataExt::ino(&metadata)
    };
    let first = written();
    let host = again(host, state.path()).await;
    assert_eq!(written(), first, "it was found");

    let mut bytes = fs::read(code()).expect("code");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(code(), &bytes).expect("damaged");
    let host = again(host, state.path()).await;
    assert!(admits(&host, "example.org").await);
    assert_ne!(fs::read(code()).expect("code"), bytes, "it was made again");

    fs::write(code(), "").expect("emptied");
    let host = again(host, state.path()).await;
    assert!(admits(&host, "example.org").await);
}

#[tokio::test]
async fn code_of_this_host_is_no_policy() {
    let state = state();
    let mut host = host(state.path()).await;
    let code = fs::read_dir(state.path().join("code")).expect("a folder");
    let code = code.last().expect("one").expect("a file").path();
    let code = fs::read(code).expect("code");
    // As the cache has it, and as the compiler made it.
    let digest = 32;
    for bytes in [&code[..], &code[..code.len() - digest]] {
        fs::write(host.folder().join("example.wasm"), bytes).expect("dropped");
        let line = follow_until(&mut host, |line| line["state"] == "as-before").await;
        let reason = line["reason"].as_str().expect("a reason");
        assert!(reason.contains("it is not WebAssembly"), "{reason}");
        assert!(admits(&host, "example.org").await);
    }
}

/// Anybody could fill the disk with it.
#[tokio::test]
async fn code_of_what_is_no_policy_is_not_kept() {
    let state = state();
    let mut host = host(state.path()).await;
    let code = || {
        let files = fs::read_dir(state.path().join("code")).expect("a folder");
        files.count()
    };
    assert_eq!(code(), 1);
    for component in [guests::WRONG_TYPE, guests::ALLOCATE_AT_START] {
        fs::copy(component, host.folder().join("other.wasm")).expect("dropped");
        let before = host.log().matches("policy not loaded: ").count();
        while host.log().matches("policy not loaded: ").count() == before {
            host.follow().await;
        }
        assert_eq!(code(), 1, "{component}");
    }
    fs::copy(guests::OBEY, host.folder().join("other.wasm")).expect("dropped");
    while !host.log().contains("policy loaded policy=other") {
        host.follow().await;
    }
    assert_eq!(code(), 2);
}

/// They wait for a disk, with their components in memory.
#[tokio::test]
async fn only_as_many_revisions_as_there_are_turns_wait_to_be_kept() {
    let state = state();
    let mut host = host(state.path()).await;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let count = 2 * cores + 2;
    // Reading a pipe waits for somebody to write.
    let mut pipes = Vec::new();
    for number in 0..count {
        let pipe = state.path().join(format!("policies/p{number}.json"));
        let made = Command::new("mkfifo").arg(&pipe).status();
        assert!(made.expect("`mkfifo`").success());
        pipes.push((format!("p{number}"), pipe));
    }
    for (name, _) in &pipes {
        let file = host.folder().join(format!("{name}.wasm"));
        fs::copy(plugins::ONLY_EXAMPLE_COM, file).expect("dropped");
    }
    let mut most = 0;
    while !pipes.is_empty() {
        let quiet = tokio::time::timeout(Duration::from_secs(1), host.follow()).await;
        let listing = host.operator("/policies").await.json();
        let policies = listing["policies"].as_array().expect("a list");
        let waits = |name: &str| {
            let policy = policies.iter().find(|policy| policy["name"] == name);
            policy.is_some_and(|policy| policy["remembered"] == false)
        };
        let waiting: Vec<_> = pipes
            .iter()
            .filter(|(name, _)| waits(name))
            .cloned()
            .collect();
        most = most.max(waiting.len());
        if quiet.is_err() {
            for (name, pipe) in waiting {
                // One after the other reads.
                std::thread::spawn(move || fs::write(pipe, "{"));
                pipes.retain(|(other, _)| *other != name);
            }
        }
    }
    host.settled().await;
    assert!((1..=cores).contains(&most), "{most}");
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_said_and_served_with() {
    let state = state();
    let mut host = host(state.path()).await;
    for folder in ["code", "components", "policies"] {
        let folder = state.path().join(folder);
        fs::rename(&folder, folder.with_extension("away")).expect("moved");
        fs::write(&folder, "in the way").expect("written");
    }
    fs::copy(guests::OBEY, host.folder().join("other.wasm")).expect("dropped");
    drop_settings(&host, NET);
    let said = "would not be known after a restart";
    while host.log().matches(said).count() < 2 {
        host.follow().await;
    }
    let line = line(&host).await;
    assert_eq!(line["state"], "loaded");
    assert_eq!(line["remembered"], false);
    assert!(admits(&host, "example.net").await);
}

#[tokio::test]
async fn a_damaged_record_is_said_and_replaced() {
    let state = state();
    let host = host(state.path()).await;
    fs::write(state.path().join("policies/example.json"), "{").expect("damaged");
    break_component(&host);
    let mut host = again(host, state.path()).await;
    assert_eq!(line(&host).await["state"], "failed");
    assert!(
        host.log().contains("example.json` is damaged"),
        "{}",
        host.log()
    );

    fs::copy(
        plugins::ONLY_EXAMPLE_COM,
        host.folder().join("example.wasm"),
    )
    .expect("mended");
    follow_until(&mut host, |line| line["remembered"] == true).await;
    assert!(admits(&host, "example.org").await);
}
