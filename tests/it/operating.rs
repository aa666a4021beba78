//! What an operator does beside a host that runs: look, go back, kill it.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use tests::hostile::with_import;
use tests::plugins;

use crate::process::{BINARY, PATIENCE, Process, line_with, ports_of_its_own, prepare};

/// A host, and the commands beside it.
struct Site {
    process: Process,
    folder: Arc<TempDir>,
}

impl Site {
    fn start() -> Self {
        let (folder, command) = prepare(&ports_of_its_own(""));
        Self::run(folder.into(), command)
    }

    fn run(folder: Arc<TempDir>, command: Command) -> Self {
        let process = Process::run(Arc::clone(&folder), command);
        let site = Self { process, folder };
        site.write_config();
        // On a busy machine it listens before its compiler has had a turn.
        site.until(|status| status["state"] != "loading");
        site
    }

    /// For the commands, which must find a listener whose port the system chose.
    fn write_config(&self) {
        let operator = self.process.operator;
        let config = format!(
            "[operator]\nlisten = '{operator}'\n[okta]\nsecrets = [{{ env = 'NOT_THERE' }}]\n"
        );
        fs::write(self.folder.path().join("beside.toml"), config).expect("written");
    }

    fn policy(&self, extension: &str) -> PathBuf {
        let path = self.folder.path().join("policies/only-example-com");
        path.with_extension(extension)
    }

    fn command(&self, arguments: &[&str]) -> Output {
        beside(&self.folder, arguments)
    }

    /// Runs a command that succeeds; what it prints.
    fn says(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments);
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{arguments:?}: {out}{err}");
        out
    }

    fn status(&self) -> Value {
        let status: Value = serde_json::from_str(&self.says(&["status", "--json"])).expect("JSON");
        status["policies"][0].clone()
    }

    /// Waits until the policy is as it should be.
    fn until(&self, is: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            let status = self.status();
            if is(&status) {
                return status;
            }
            assert!(Instant::now() < until, "{status}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn admits(&self, domain: &str) -> bool {
        let status = self.process.call(&format!("a@{domain}"));
        status == "HTTP/1.1 204 No Content"
    }

    /// Kills the host where it stands, and starts it again.
    fn crash(self) -> Self {
        let Self { process, folder } = self;
        drop(process);
        let mut command = Command::new(BINARY);
        command.current_dir(folder.path()).args([
            "serve",
            "--config",
            "hookwarden.toml",
            "--policies",
            "policies",
        ]);
        Self::run(folder, command)
    }
}

/// Runs a command beside a host.
fn beside(folder: &TempDir, arguments: &[&str]) -> Output {
    Command::new(BINARY)
        .current_dir(folder.path())
        .args(arguments)
        .args(["--config", "beside.toml"])
        .output()
        .expect("the binary")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn status_tells_all_about_a_policy() {
    let site = Site::start();
    assert!(site.admits("example.com"));
    assert!(!site.admits("example.org"));
    let status = site.status();
    assert_eq!(status["name"], "only-example-com");
    assert_eq!(status["file"], "only-example-com.wasm");
    assert_eq!(status["state"], "loaded");
    assert_eq!(status["hooks"][0], "registration");
    assert_eq!(status["contract"], "0.1.0");
    assert_eq!(status["calls"], 2);
    assert_eq!(status["failures"], 0);
    assert!(status["mean_fuel"].as_u64() > Some(1_000), "{status}");
    let imports = status["imports"].as_array().expect("a list");
    let log = "hookwarden:policy/log@0.1.0";
    assert!(imports.iter().any(|import| import == log), "{status}");

    fs::write(site.policy("wasm"), "broken").expect("written");
    site.until(|status| status["state"] == "as-before");
    let page = site.says(&["status"]);
    for part in ["as-before since 20", "it is not WebAssembly", "2, 0 failed"] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[test]
fn a_policy_is_rolled_back_and_unpinned() {
    let site = Site::start();
    let first = site.until(|status| status["remembered"] == true);
    let none = site.command(&["rollback", "only-example-com"]);
    assert!(!none.status.success());
    let said = text(&none.stderr);
    assert!(said.contains("has no earlier good revision"), "{said}");

    fs::write(site.policy("toml"), "domain = 'example.org'").expect("written");
    site.until(|status| status["revision"] != first["revision"] && status["remembered"] == true);
    assert!(site.admits("example.org"));

    let said = site.says(&["rollback", "only-example-com"]);
    let revision = first["revision"].as_str().expect("a revision");
    assert!(
        said.contains(&format!("the host serves revision {revision} (pinned)")),
        "{said}"
    );
    assert!(site.admits("example.com"));

    let site = site.crash();
    assert_eq!(site.status()["state"], "pinned");
    assert!(site.admits("example.com"));

    let said = site.says(&["unpin", "only-example-com"]);
    assert!(said.contains("(loaded)"), "{said}");
    assert!(site.admits("example.org"));

    let unknown = site.command(&["rollback", "only-example-com", "--to", "0123456789ab"]);
    assert!(!unknown.status.success());
    let said = text(&unknown.stderr);
    assert!(
        said.contains("revision `0123456789ab` is not kept"),
        "{said}"
    );
    assert!(said.contains(revision), "it says which are: {said}");
    assert!(site.admits("example.org"));
}

#[test]
fn a_host_that_is_killed_serves_the_old_or_the_new() {
    let mut site = Site::start();
    site.until(|status| status["remembered"] == true);
    let component = fs::read(plugins::ONLY_EXAMPLE_COM).expect("a component");
    let mut admitted = "example.com".to_owned();
    for round in 0..12_u64 {
        // Settings that come, or a component that is half there, and the end at
        // another moment each time.
        let dropped = if round % 3 == 2 {
            fs::write(site.policy("wasm"), &component[..component.len() / 2]).expect("written");
            admitted.clone()
        } else {
            let domain = format!("example{round}.org");
            fs::write(site.policy("toml"), format!("domain = '{domain}'")).expect("written");
            fs::write(site.policy("wasm"), &component).expect("written");
            domain
        };
        std::thread::sleep(Duration::from_millis(50 * round));
        site = site.crash();
        let old = site.admits(&admitted);
        let new = site.admits(&dropped);
        assert!(old || new, "round {round}: {}", site.status());
        if new {
            admitted = dropped;
        }
    }
}

#[test]
fn a_command_without_a_host_says_so() {
    let site = Site::start();
    site.until(|status| status["remembered"] == true);
    let Site { process, folder } = site;
    drop(process);
    let status = beside(&folder, &["status"]);
    assert_eq!(status.status.code(), Some(1));
    let said = text(&status.stderr);
    assert!(said.contains("no host answers at"), "{said}");

    let unpin = beside(&folder, &["unpin", "only-example-com"]);
    assert!(unpin.status.success());
    let said = text(&unpin.stdout);
    assert!(said.contains("takes effect when the host starts"), "{said}");
}

/// The chain is served as it is, and the operator told: once, and again when it has
/// been otherwise in between.
#[test]
fn a_policy_whose_effects_come_too_early_is_warned_of_once_a_change() {
    let component = fs::read(plugins::ONLY_EXAMPLE_COM).expect("a component");
    let store = with_import(&component, "wasi:keyvalue/store@0.2.0-draft");
    let http = with_import(&component, "wasi:http/outgoing-handler@0.2.6");
    let (folder, command) = prepare(&ports_of_its_own(""));
    let policies = folder.path().join("policies");
    let counts = policies.join("a-counts.wasm");
    fs::write(&counts, &store).expect("written");
    // The last of the chain, where it belongs.
    fs::write(policies.join("z-sends.wasm"), &http).expect("written");
    let mut site = Site::run(folder.into(), command);
    let said = &site.process.said;
    let warning = "WARN hook `registration`: policy `a-counts` imports `wasi:keyvalue/store@0.2.0-draft` and stands before `z-sends`; what it writes or sends stays when a policy after it denies; name it last in `hooks.registration.policies`";
    let plain = said.replace("hookwarden::cli::serve: ", "");
    assert!(plain.contains(warning), "{said}");
    assert_eq!(said.matches("and stands before").count(), 1, "{said}");

    fs::write(policies.join("b-sends.wasm"), &http).expect("written");
    let line = line_with(&mut site.process.log, "and stands before");
    assert!(line.contains("policy `b-sends` imports"), "{line}");

    fs::remove_file(&counts).expect("removed");
    site.until(|first| first["name"] == "b-sends");
    fs::write(&counts, &store).expect("written");
    let line = line_with(&mut site.process.log, "and stands before");
    assert!(line.contains("policy `a-counts` imports"), "{line}");
}
