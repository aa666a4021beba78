//! Grants in the real process: its environment, its files, its restarts, and what is
//! told of them beforehand.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use tempfile::TempDir;
use tests::{guests, plugins, sign_up};

use crate::process::{BINARY, Process, ports_of_its_own, prepare};

const CONFIG: &str = r#"
    [datasets.invitations]
    file = "invitations.txt"
    [datasets.denied-domains]
    file = "denied.csv"
    match = "domain"
    [datasets.words]
    file = "invitations.txt"
    [policies.redeem-invitations]
    grants = { datasets = ["invitations"], key_value = true }
    limits = { deadline = "2.4s" }
    [policies.deny-listed-domains]
    grants = { datasets = ["denied-domains"] }
    [policies.reach-out.grants]
    datasets = ["words"]
    http = ["https://crm.example.com"]
    key_value = true
    secrets = { token = { env = "HOOKWARDEN_TEST_TOKEN" } }
    [hooks.registration]
    policies = ["deny-listed-domains", "redeem-invitations"]
    [hooks.others]
    type = "registration"
    policies = ["reach-out"]
"#;

fn call(event: &str, email: &str, code: &str) -> String {
    let mut call = sign_up(email);
    call["eventId"] = event.into();
    call["data"]["userProfile"]["inviteCode"] = code.into();
    call.to_string()
}

/// Starts a host, and waits until everything is compiled.
fn start(root: impl Into<Arc<TempDir>>, folder: &Path) -> Process {
    let process = Process::run(root, serve(folder));
    while !process.get("/readyz").0.starts_with("HTTP/1.1 200 ") {}
    process
}

fn serve(root: &Path) -> Command {
    let mut command = Command::new(BINARY);
    command
        .current_dir(root)
        .args([
            "serve",
            "--config",
            "hookwarden.toml",
            "--policies",
            "policies",
        ])
        .env("HOOKWARDEN_TEST_TOKEN", "t0ken");
    command
}

#[test]
fn what_is_granted_is_read_kept_and_known_to_the_next_start() {
    let (root, _) = prepare(&format!("{}\n{CONFIG}", ports_of_its_own("")));
    let folder = root.path().to_owned();
    for (name, component) in [
        ("redeem-invitations", plugins::REDEEM_INVITATIONS),
        ("deny-listed-domains", plugins::DENY_LISTED_DOMAINS),
        ("reach-out", guests::REACH_OUT),
    ] {
        let file = folder.join("policies").join(name);
        fs::copy(component, file.with_extension("wasm")).expect("a component");
    }
    let settings = "steps = [{ ask = 'secret', name = 'token' }]";
    fs::write(folder.join("policies/reach-out.toml"), settings).expect("settings");
    let data = folder.join("data");
    fs::create_dir(&data).expect("a folder");
    fs::write(data.join("invitations.txt"), "ABC\n").expect("a dataset");
    fs::write(data.join("denied.csv"), "domain,why\nevil.example,x\n").expect("a dataset");

    let process = start(root, &folder);
    let post = |event: &str, email: &str, code: &str| {
        let (_, body) = process.post(
            "registration",
            "connection: close\r\n",
            &call(event, email, code),
        );
        body
    };
    let told = process.post("others", "connection: close\r\n", &call("x", "a@b.c", ""));
    assert!(told.1.contains("t0ken"), "{told:?}");
    let denied = post("e0", "a@mail.evil.example", "ABC");
    assert!(denied.contains("RESTRICTED_EMAIL_DOMAIN"), "{denied}");
    let accepted = post("e1", "a@example.com", "ABC");
    assert!(accepted.contains(r#"{"inviteCode":""}"#), "{accepted}");
    assert_eq!(post("e1", "a@example.com", "ABC"), accepted);

    // Nobody tells it that somebody has edited the list.
    fs::write(data.join("next"), "domain,why\nexample.com,x\n").expect("a dataset");
    fs::rename(data.join("next"), data.join("denied.csv")).expect("replaced");
    let mut events = 2..;
    let mut next = || format!("e{}", events.next().expect("one more"));
    while !post(&next(), "a@example.com", "DEF").contains("RESTRICTED_EMAIL_DOMAIN") {}

    inspected(&folder, process.operator);

    let root = process.kill();
    let process = start(root, &folder);
    let body = call("another", "a@example.org", "ABC");
    let (_, used) = process.post("registration", "connection: close\r\n", &body);
    assert!(used.contains("INVITE_USED"), "{used}");
    let body = call("e1", "a@example.org", "ABC");
    let (_, again) = process.post("registration", "connection: close\r\n", &body);
    assert_eq!(again, accepted);
    // What is kept says nothing of codes, and belongs to the host.
    let kept = folder.join("state/key-value.sqlite");
    let bytes = fs::read(&kept).expect("the buckets");
    assert!(!bytes.windows(3).any(|bytes| bytes == b"ABC"));
    let mode = std::os::unix::fs::MetadataExt::mode(&fs::metadata(&kept).expect("a file"));
    assert_eq!(mode & 0o077, 0);
}

/// A file is told about before it is dropped: what it asks for, would get, and changes.
fn inspected(folder: &Path, operator: std::net::SocketAddr) {
    let beside = folder.join("next");
    fs::create_dir(&beside).expect("a folder");
    let file = beside.join("deny-listed-domains.wasm");
    fs::copy(guests::REACH_OUT, &file).expect("a component");
    let config = fs::read_to_string(folder.join("hookwarden.toml")).expect("a file");
    let running = config.replace(
        "[operator]\nlisten = '127.0.0.1:0'",
        &format!("[operator]\nlisten = '{operator}'"),
    );
    assert_ne!(running, config);
    let granted = running.replace(
        r#"grants = { datasets = ["denied-domains"] }"#,
        r#"grants = { datasets = ["denied-domains"], http = ["https://crm.example.com"], key_value = true, secrets = { token = { env = "PATH" } } }"#,
    );
    assert_ne!(granted, running);
    let inspect = |config: &str| {
        fs::write(folder.join("inspect.toml"), config).expect("a file");
        let output = Command::new(BINARY)
            .current_dir(folder)
            .args(["inspect", "--config", "inspect.toml"])
            .arg(&file)
            .output()
            .expect("the binary");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (
            output.status.success(),
            text(&output.stdout),
            text(&output.stderr),
        )
    };
    let (loads, said, error) = inspect(&running);
    assert!(!loads);
    assert!(
        said.contains("granted    dataset denied-domains\n"),
        "{said}"
    );
    assert!(said.contains("loads      not\n"), "{said}");
    let fix = "grant it with `policies.deny-listed-domains.grants.http`";
    assert!(error.contains(fix), "{error}");

    let (loads, said, error) = inspect(&granted);
    assert!(loads, "{said}{error}");
    for line in [
        "asks for   hookwarden:policy/secrets@0.1.0, hookwarden:policy/dataset@0.1.0, ",
        "granted    secret token\n           dataset denied-domains\n",
        "running    as revision ",
        "differs    component ",
        "           + imports wasi:keyvalue/store@0.2.0-draft2\n",
        "           + granted http https://crm.example.com\n",
        "           + granted secret token\n",
    ] {
        assert!(said.contains(line), "no `{line}` in {said}");
    }
    assert!(!said.contains("- granted"), "{said}");
}
