//! `hookwarden dev`: a project outside this repository is built, served, rebuilt
//! when it changes, and goes on as it was when a change is wrong.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Instant;

use crate::process::PATIENCE;

const BINARY: &str = env!("CARGO_BIN_EXE_hookwarden-under-test");

fn source(domain: &str) -> String {
    format!(
        r#"use hookwarden_sdk::registration::{{Call, Decision}};

fn decide(call: Call) -> Decision {{
    match call.email_domain() {{
        Some("{domain}") => Decision::allow(),
        _ => Decision::deny_field("email", "Only {domain} addresses can register.")
            .reason("another domain"),
    }}
}}

hookwarden_sdk::export!(registration = decide);
"#
    )
}

fn project(folder: &Path) {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sdk = tests.join("../plugin-sdk").canonicalize().expect("the SDK");
    let manifest = format!(
        "[workspace]\n[package]\nname = \"my-policy\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
         [lib]\ncrate-type = [\"cdylib\"]\n[dependencies]\nhookwarden-sdk = {{ path = {sdk:?} }}\n"
    );
    fs::create_dir(folder.join("src")).expect("a folder");
    fs::write(folder.join("Cargo.toml"), manifest).expect("a manifest");
    // The versions that are here already.
    fs::copy(tests.join("guests/Cargo.lock"), folder.join("Cargo.lock")).expect("a lock file");
    fs::write(folder.join("src/lib.rs"), source("example.com")).expect("a source");
}

struct Dev {
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Dev {
    fn start(folder: &Path) -> Self {
        let config = folder.join("dev.toml");
        let ports = "[okta]\nlisten = '127.0.0.1:0'\n[operator]\nlisten = '127.0.0.1:0'\n";
        fs::write(&config, ports).expect("a file");
        let mut child = Command::new(BINARY)
            .arg("dev")
            .arg(folder)
            .arg("--config")
            .arg(config)
            // Kept between runs of the tests.
            .env(
                "CARGO_TARGET_DIR",
                concat!(env!("CARGO_TARGET_TMPDIR"), "/dev"),
            )
            .stdout(Stdio::piped())
            .stderr(fs::File::create(folder.join("log")).expect("a file"))
            .spawn()
            .expect("the binary");
        let out = BufReader::new(child.stdout.take().expect("standard output"));
        Self { child, out }
    }

    fn line_with(&mut self, part: &str) -> String {
        let mut said = String::new();
        loop {
            let mut line = String::new();
            let read = self.out.read_line(&mut line).expect("output");
            assert!(read > 0, "no line with `{part}` in: {said}");
            if line.contains(part) {
                return line;
            }
            assert!(!line.contains("does not build"), "{line}");
            said.push_str(&line);
        }
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Does what the printed line does when it is pasted into a shell, with another
/// domain in the address.
fn paste(line: &str, domain: &str) -> String {
    let (_, rest) = line.split_once("http://").expect("an address");
    let (address, rest) = rest.split_once('/').expect("a path");
    let (path, rest) = rest.split_once(' ').expect("a header");
    let body = rest.split('\'').nth(3).expect("a body");
    let body = body.replace("@example.org", &format!("@{domain}"));
    let mut stream = TcpStream::connect(address).expect("a listener");
    let request = format!(
        "POST /{path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

/// The first line of the log with this part. It is written when the host has nothing
/// else to do, which may be after the answer.
fn logged(folder: &Path, part: &str) -> String {
    let start = Instant::now();
    loop {
        let log = fs::read_to_string(folder.join("log")).expect("a log");
        if let Some(line) = log.lines().find(|line| line.contains(part)) {
            return line.to_owned();
        }
        assert!(start.elapsed() < PATIENCE, "no `{part}` in {log}");
        thread::yield_now();
    }
}

#[test]
fn builds_serves_and_follows_the_sources() {
    let folder = tempfile::tempdir().expect("a folder");
    project(folder.path());
    let lib = folder.path().join("src/lib.rs");

    let mut dev = Dev::start(folder.path());
    let line = dev.line_with("curl ");
    let denied = paste(&line, "example.org");
    assert!(
        denied.contains("Only example.com addresses can register."),
        "{denied}"
    );
    let decision = logged(folder.path(), "call answered");
    assert!(
        decision.contains("my-policy@") && decision.contains(" denied fuel="),
        "{decision}"
    );
    assert!(
        decision.contains("another domain"),
        "what the policy says is shown: {decision}"
    );
    assert!(paste(&line, "example.com").starts_with("HTTP/1.1 204"));

    fs::write(&lib, source("example.net")).expect("a source");
    let line = dev.line_with("curl ");
    assert!(paste(&line, "example.net").starts_with("HTTP/1.1 204"));
    assert!(paste(&line, "example.com").contains("Only example.net"));

    fs::write(&lib, "this is not Rust").expect("a source");
    dev.line_with("my-policy does not build");
    assert!(paste(&line, "example.net").starts_with("HTTP/1.1 204"));

    fs::write(&lib, source("example.com")).expect("a source");
    let line = dev.line_with("curl ");
    assert!(paste(&line, "example.com").starts_with("HTTP/1.1 204"));
}

#[test]
fn what_is_no_project_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let says = |part: &str| {
        let output = Command::new(BINARY)
            .arg("dev")
            .arg(folder.path())
            .output()
            .expect("the binary");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(part), "{said}");
    };
    says("is no policy's folder: it has no `Cargo.toml`, `package.json` or `pyproject.toml`");
    let manifest = "[package]\nname = \"x\"\nversion = \"0.0.0\"\nedition = \"2024\"\n";
    fs::write(folder.path().join("Cargo.toml"), manifest).expect("a file");
    fs::create_dir(folder.path().join("src")).expect("a folder");
    fs::write(folder.path().join("src/lib.rs"), "").expect("a file");
    says("builds no component; add `[lib]` with `crate-type = [\"cdylib\"]`");
}
