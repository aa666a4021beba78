//! The start of the real process, with components that take long to compile.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use tests::{hostile, plugins};

use crate::process::{PATIENCE, Process, ports_of_its_own, prepare};

const PAUSE: Duration = Duration::from_millis(5);

/// Holds up all compilers of a host, so that nothing is quick, until it is dropped.
struct HoldUp {
    is_on: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl HoldUp {
    fn compilers_of(host: u32) -> Self {
        let is_on = Arc::new(AtomicBool::new(true));
        let own = Arc::clone(&is_on);
        let thread = spawn(move || {
            let mut stopped = BTreeSet::new();
            while own.load(Ordering::Relaxed) {
                let compilers = compilers(host);
                signal("STOP", running(&compilers));
                stopped.extend(compilers);
                sleep(PAUSE);
            }
            // The host may be gone by now.
            signal("CONT", stopped);
        });
        Self {
            is_on,
            thread: Some(thread),
        }
    }
}

impl Drop for HoldUp {
    fn drop(&mut self) {
        self.is_on.store(false, Ordering::Relaxed);
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(ended.is_some_and(|ended| ended.is_ok()), "it panicked");
    }
}

/// What the system says of a process, from its state on.
fn stat(process: u32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name before may hold anything.
    let (_, fields) = stat.rsplit_once(')')?;
    Some(fields.split_whitespace().map(str::to_owned).collect())
}

fn compilers(host: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").expect("Linux has it");
    let process = |name: String| name.parse().ok();
    let processes =
        entries.filter_map(|entry| process(entry.ok()?.file_name().into_string().ok()?));
    let is_child = |process: &u32| stat(*process).is_some_and(|stat| stat[1] == host.to_string());
    processes.filter(is_child).collect()
}

fn running(processes: &[u32]) -> Vec<u32> {
    let is_running = |process: &&u32| stat(**process).is_some_and(|stat| stat[0] != "T");
    processes.iter().filter(is_running).copied().collect()
}

fn signal(name: &str, processes: impl IntoIterator<Item = u32>) {
    for process in processes {
        // Some have ended since.
        let mut kill = Command::new("kill");
        let kill = kill.arg(format!("-{name}")).arg(process.to_string());
        kill.stderr(Stdio::null()).status().expect("`kill`");
    }
}

/// Status line and body of what the operator's listener answers.
fn get(process: &Process, path: &str) -> (String, String) {
    let (head, body) = process.get(path);
    let status = head.lines().next().unwrap_or_default();
    (status.to_owned(), body)
}

fn policy(process: &Process, name: &str) -> Value {
    let (_, body) = get(process, "/policies");
    let listing: Value = serde_json::from_str(&body).expect("JSON");
    let policies = listing["policies"].as_array().expect("a list");
    let policy = policies.iter().find(|policy| policy["name"] == name);
    policy.cloned().unwrap_or_default()
}

/// Waits until a policy is as it should be.
fn until(process: &Process, name: &str, is: impl Fn(&Value) -> bool) -> Value {
    let until = Instant::now() + PATIENCE;
    loop {
        let policy = policy(process, name);
        if is(&policy) {
            return policy;
        }
        assert!(Instant::now() < until, "{policy}");
        sleep(PAUSE);
    }
}

/// A host that ran once and knows the example.
fn site() -> (Arc<TempDir>, impl Fn() -> Command) {
    let (folder, command) = prepare(&ports_of_its_own(""));
    let (program, arguments) = (command.get_program(), command.get_args());
    let (program, folder) = (program.to_owned(), Arc::new(folder));
    let arguments: Vec<_> = arguments.map(ToOwned::to_owned).collect();
    let root = folder.path().to_owned();
    let command = move || {
        let mut command = Command::new(&program);
        command.current_dir(&root).args(&arguments);
        command
    };
    let process = Process::run(Arc::clone(&folder), command());
    until(&process, EXAMPLE, |policy| policy["remembered"] == true);
    (folder, command)
}

const EXAMPLE: &str = "only-example-com";

fn write_slow(folder: &Path, name: &str) -> PathBuf {
    let good = fs::read(plugins::ONLY_EXAMPLE_COM).expect("a component");
    let path = folder.join(format!("policies/{name}.wasm"));
    fs::write(&path, hostile::many_functions(&good)).expect("written");
    path
}

#[test]
fn one_that_compiles_slowly_fails_its_calls_and_holds_up_nothing() {
    let (folder, command) = site();
    write_slow(folder.path(), "slow");
    let mut hold_up = None;
    let process = Process::run_beside(folder, command(), |host| {
        hold_up = Some(HoldUp::compilers_of(host));
    });
    let slow = policy(&process, "slow");
    assert_eq!(slow["state"], "loading", "{slow}");
    assert_eq!(slow["reason"], "it is still being compiled");
    assert_eq!(slow["hooks"][0], "registration");
    // A chain without it would admit whom it denies.
    assert_eq!(process.call("a@example.com"), "HTTP/1.1 200 OK");
    assert_eq!(policy(&process, EXAMPLE)["calls"], 1, "it answered");
    let (status, reasons) = get(&process, "/readyz");
    assert_eq!(status, "HTTP/1.1 503 Service Unavailable");
    assert!(
        reasons.contains("policy `slow`: it is still being compiled"),
        "{reasons}"
    );

    drop(hold_up);
    until(&process, "slow", |policy| policy["state"] == "loaded");
    // Another call: a repeat would be answered as the first was.
    assert_eq!(process.call("b@example.com"), "HTTP/1.1 204 No Content");
    assert_eq!(get(&process, "/readyz").0, "HTTP/1.1 200 OK");
}

#[test]
fn while_one_compiles_slowly_the_good_one_before_serves() {
    let (folder, command) = site();
    write_slow(folder.path(), EXAMPLE);
    let mut hold_up = None;
    let process = Process::run_beside(folder, command(), |host| {
        hold_up = Some(HoldUp::compilers_of(host));
    });
    let before = policy(&process, EXAMPLE);
    assert_eq!(before["state"], "as-before", "{before}");
    assert_eq!(before["reason"], "it is still being compiled");
    assert_eq!(process.call("a@example.com"), "HTTP/1.1 204 No Content");
    assert_eq!(get(&process, "/readyz").0, "HTTP/1.1 200 OK");

    drop(hold_up);
    let after = until(&process, EXAMPLE, |policy| policy["state"] == "loaded");
    assert_ne!(after["revision"], before["revision"]);
    assert_eq!(process.call("a@example.com"), "HTTP/1.1 204 No Content");
}

#[test]
fn one_that_is_removed_while_it_compiles_is_gone() {
    let (folder, command) = site();
    let slow = write_slow(folder.path(), "slow");
    let mut hold_up = None;
    let process = Process::run_beside(folder, command(), |host| {
        hold_up = Some(HoldUp::compilers_of(host));
    });
    assert_eq!(policy(&process, "slow")["state"], "loading");
    fs::remove_file(slow).expect("removed");
    until(&process, "slow", Value::is_null);
    assert_eq!(process.call("a@example.com"), "HTTP/1.1 204 No Content");
    drop(hold_up);
}

#[test]
fn many_that_compile_slowly_hold_up_the_start_for_a_while_only() {
    let (folder, command) = site();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    // Three seconds for each, one for each core at a time: three minutes.
    for index in 0..60 * cores {
        write_slow(folder.path(), &format!("a-slow-{index}"));
    }
    let mut hold_up = None;
    let began = Instant::now();
    let process = Process::run_beside(folder, command(), |host| {
        hold_up = Some(HoldUp::compilers_of(host));
    });
    let took = began.elapsed();
    assert!(took < Duration::from_secs(60), "{took:?}");
    for (name, state) in [(EXAMPLE, "loaded"), ("a-slow-0", "loading")] {
        assert_eq!(policy(&process, name)["state"], state);
    }
    assert_eq!(process.call("a@example.com"), "HTTP/1.1 200 OK");
    drop(hold_up);
}

#[test]
fn a_start_ends_when_it_is_told_to() {
    let (folder, mut command) = prepare(&ports_of_its_own(""));
    write_slow(folder.path(), "slow");
    let mut host = command.stderr(Stdio::piped()).spawn().expect("the binary");
    let hold_up = HoldUp::compilers_of(host.id());
    let until = Instant::now() + PATIENCE;
    while compilers(host.id()).is_empty() {
        assert!(Instant::now() < until, "nothing is compiled");
        sleep(PAUSE);
    }
    signal("TERM", [host.id()]);
    let status = host.wait().expect("an end");
    drop(hold_up);
    let log = BufReader::new(host.stderr.take().expect("standard error"));
    let said: Vec<_> = log.lines().map_while(Result::ok).collect();
    assert!(status.success(), "{status}: {said:?}");
    let has_listened = said.iter().any(|line| line.contains("listening"));
    assert!(!has_listened, "it went on: {said:?}");
}
