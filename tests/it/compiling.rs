//! Compiling in a child process: what it may use, and what it must survive.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use hookwarden::sandbox::{CompileLimits, Compiler};
use tempfile::TempDir;
use tests::hostile::{self, HostileFile};
use tests::{Builder, TestHost, guests, plugins, sign_up};

use crate::process::{PATIENCE, is_idle};

const BINARY: &str = env!("CARGO_BIN_EXE_hookwarden-under-test");

fn limits(memory_mib: u64, cpu_time: u64, timeout: u64) -> CompileLimits {
    CompileLimits {
        memory: bytesize::ByteSize::mib(memory_mib),
        cpu_time: Duration::from_secs(cpu_time),
        timeout: Duration::from_secs(timeout),
    }
}

/// At idle priority, so that time by the clock says nothing on a busy machine.
fn children(memory_mib: u64, cpu_time: u64, timeout: u64) -> Compiler {
    Compiler::children_of(BINARY.into(), limits(memory_mib, cpu_time, timeout))
}

/// A program in place of the compiler.
fn script(folder: &TempDir, name: &str, line: &str) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{line}\n")).expect("written");
    let runs = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&path, runs).expect("set");
    path
}

fn example() -> Vec<u8> {
    std::fs::read(plugins::ONLY_EXAMPLE_COM).expect("a component")
}

/// Starts a host with a good policy and this one.
async fn host(compiler: Compiler, bytes: &[u8]) -> TestHost {
    Builder::default()
        .policy("example", plugins::ONLY_EXAMPLE_COM)
        .broken("large", bytes)
        .compiler(compiler)
        .config("[policies.large]\non_failure = 'skip'")
        .start()
        .await
}

async fn reason(host: &TestHost, name: &str) -> String {
    let listing = host.operator("/policies").await.json();
    let policies = listing["policies"].as_array().expect("a list");
    let policy = policies.iter().find(|policy| policy["name"] == name);
    let reason = &policy.expect("it is there")["reason"];
    reason.as_str().unwrap_or_default().to_owned()
}

async fn assert_the_example_decides(host: &TestHost) {
    assert_eq!(host.call(&sign_up("a@example.com")).await.status, 204);
    assert_eq!(host.call(&sign_up("a@example.org")).await.status, 200);
}

#[tokio::test]
async fn a_child_compiles_what_this_process_runs() {
    let host = Builder::default()
        .policy("example", plugins::ONLY_EXAMPLE_COM)
        .policy("on-wasi", plugins::ONLY_EXAMPLE_COM_ON_WASI)
        .compiler(children(2_048, 60, 3_600))
        .start()
        .await;
    assert_eq!(host.operator("/readyz").await.status, 200);
    assert_the_example_decides(&host).await;
}

#[tokio::test]
async fn what_takes_too_long_to_compile_is_refused() {
    let large = hostile::many_functions(&example());
    let host = host(children(2_048, 1, 3_600), &large).await;
    let reason = reason(&host, "large").await;
    assert!(
        reason.starts_with("it takes more than 1s of processor time to compile"),
        "{reason}"
    );
    assert_the_example_decides(&host).await;
}

#[tokio::test]
async fn what_is_not_compiled_in_time_is_refused() {
    let large = hostile::many_functions(&example());
    let host = host(children(2_048, 60, 1), &large).await;
    let reason = reason(&host, "large").await;
    assert!(
        reason.starts_with("it was not compiled within 1s"),
        "{reason}"
    );
}

#[tokio::test]
async fn what_takes_too_much_memory_to_compile_is_refused() {
    let large = hostile::many_functions(&example());
    let host = host(children(256, 60, 3_600), &large).await;
    let reason = reason(&host, "large").await;
    assert!(
        reason.starts_with("it takes more than 256.0 MiB of memory to compile"),
        "{reason}"
    );
    assert_the_example_decides(&host).await;
}

#[tokio::test]
async fn a_compiler_that_crashes_or_cannot_be_run_costs_one_policy_and_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let much = "exec /usr/bin/head -c 300000000 /dev/zero";
    let floods = "/usr/bin/head -c 1000000 /dev/zero >&2; exit 1";
    for (program, says) in [
        (
            folder.path().join("nothing"),
            "the compiler cannot be run: ",
        ),
        (
            script(&folder, "fails", "exit 1"),
            "the compiler failed on it (exit status: 1)",
        ),
        (
            script(&folder, "floods", floods),
            "the compiler failed on it (exit status: 1)",
        ),
        (
            script(&folder, "is-killed", "kill -9 $$"),
            "the system killed its compiler",
        ),
        (
            script(&folder, "makes-much", much),
            "its code has more than 268435456 bytes",
        ),
        (
            script(&folder, "says-nothing", "exit 0"),
            "the compiler made what this host cannot use",
        ),
    ] {
        let compiler = Compiler::children_of(program, limits(1_024, 1, 3_600));
        let host = host(compiler, &example()).await;
        let reason = reason(&host, "large").await;
        assert!(reason.contains(says), "{says}: {reason}");
    }
}

#[tokio::test]
async fn a_compiler_that_hangs_is_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let pid = folder.path().join("pid");
    let line = format!("echo $$ > {}; exec /bin/sleep 1000", pid.display());
    let compiler = Compiler::children_of(script(&folder, "hangs", &line), limits(1_024, 1, 2));
    let host = host(compiler, &example()).await;
    let reason = reason(&host, "large").await;
    assert!(reason.contains("it was not compiled within 2s"), "{reason}");

    let pid = std::fs::read_to_string(pid).expect("it ran");
    let stat = PathBuf::from(format!("/proc/{}/stat", pid.trim()));
    let until = Instant::now() + PATIENCE;
    // Ended, whether somebody has asked how or not.
    let runs = || std::fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z "));
    while runs() {
        assert!(Instant::now() < until, "it still runs");
        tokio::task::yield_now().await;
    }
}

/// A script that notes each time it is run, and is killed.
fn is_killed(folder: &TempDir) -> (PathBuf, impl Fn() -> usize) {
    let runs = folder.path().join("runs");
    let line = format!("echo run >> {}; kill -9 $$", runs.display());
    let count = move || std::fs::read_to_string(&runs).map_or(0, |runs| runs.lines().count());
    (script(folder, "is-killed", &line), count)
}

#[tokio::test]
async fn what_hit_a_limit_is_not_compiled_again_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let (program, runs) = is_killed(&folder);
    let mut host = Builder::default()
        .broken("large", &example())
        .compiler(Compiler::children_of(program, limits(1_024, 1, 3_600)))
        .start()
        .await;
    assert_eq!(runs(), 1);
    let file = host.folder().join("large.wasm");
    std::fs::write(&file, example()).expect("written again");
    host.follow().await;
    let said = reason(&host, "large").await;
    assert!(said.starts_with("the system killed its compiler"), "{said}");
    assert!(
        said.contains("the same file is not compiled again within"),
        "{said}"
    );
    assert_eq!(runs(), 1);

    std::fs::copy(guests::OBEY, &file).expect("another file");
    host.follow().await;
    assert_eq!(runs(), 2);
}

/// Each may take all that it is allowed, and nobody has so much.
#[tokio::test]
async fn where_there_is_memory_for_one_only_one_compiles_at_a_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let (alone, overlap) = (folder.path().join("alone"), folder.path().join("overlap"));
    let (alone, seen) = (alone.display(), overlap.display());
    // One that finds another looks whether that still runs: it may have been killed.
    let line = format!(
        "if ! /bin/mkdir {alone} 2>/dev/null; then /bin/sleep 0.1;\n\
         kill -0 $(/bin/cat {alone}/pid) 2>/dev/null && echo > {seen}; fi\n\
         echo $$ > {alone}/pid; /bin/sleep 0.3; /bin/rm -r {alone}; exit 65"
    );
    let compiler = Compiler::children_of(script(&folder, "waits", &line), limits(1 << 40, 1, 60));
    let mut builder = Builder::default().compiler(compiler);
    for index in 0..4_u8 {
        // A custom section makes another component of it.
        let bytes = [&example()[..], &[0, 3, 1, b'x', index]].concat();
        builder = builder.broken(&format!("p{index}"), &bytes);
    }
    let host = builder.start().await;
    let reason = reason(&host, "p3").await;
    assert!(reason.starts_with("it does not compile: "), "{reason}");
    assert!(!overlap.exists(), "two at once");
}

#[tokio::test]
async fn a_child_has_nothing_of_the_hosts_environment() {
    let folder = tempfile::tempdir().expect("a folder");
    // 65 stands for a component at fault; what is said then is the reason.
    let program = script(&folder, "tells", "/usr/bin/env >&2; exit 65");
    let compiler = Compiler::children_of(program, limits(1_024, 1, 10));
    let host = host(compiler, &example()).await;
    let reason = reason(&host, "large").await;
    assert!(reason.contains("PWD=/"), "{reason}");
    assert!(!reason.contains("CARGO"), "{reason}");
}

#[test]
fn a_child_limits_itself_before_it_reads() {
    let mut child = Command::new(BINARY)
        .args(["compile", "--memory", "1073741824", "--cpu-time", "7"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary");
    let proc = |file: &str| {
        std::fs::read_to_string(format!("/proc/{}/{file}", child.id())).expect("it runs")
    };
    let until = std::time::Instant::now() + Duration::from_secs(60);
    while !is_idle(&proc("stat")) {
        assert!(std::time::Instant::now() < until, "it is not idle");
        std::thread::yield_now();
    }
    assert_eq!(proc("oom_score_adj").trim(), "1000");
    let limits = proc("limits");
    for (limit, values) in [
        ("Max address space", "1073741824"),
        ("Max cpu time", "7"),
        ("Max core file size", "0"),
        ("Max file size", "0"),
    ] {
        let line = limits.lines().find(|line| line.starts_with(limit));
        let line = line.expect("Linux has it").trim_start_matches(limit);
        let soft = line.split_whitespace().next();
        assert_eq!(soft, Some(values), "{limit}");
    }
    child.kill().expect("an end");
    child.wait().expect("an end");
}

/// Beside a host compilers give way; where somebody waits for them they do not.
#[test]
fn a_child_is_idle_unless_somebody_waits_for_it() {
    for (arguments, idle) in [(&[][..], true), (&["--normal-priority"][..], false)] {
        let mut child = Command::new(BINARY)
            .args(["compile", "--memory", "1073741824", "--cpu-time", "60"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary");
        let mut stdin = child.stdin.take().expect("standard input");
        // More than a pipe holds: it reads when this is written.
        stdin.write_all(&[0; 1 << 20]).expect("it reads");
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id()));
        assert_eq!(is_idle(&stat.expect("it reads on")), idle, "{arguments:?}");
        drop(stdin);
        child.wait().expect("an end");
    }
}

/// The others wait for a turn each, and it gives its own away.
#[tokio::test]
async fn one_that_takes_long_does_not_hold_up_the_others() {
    let large = hostile::many_functions(&example());
    let folder = tempfile::tempdir().expect("a folder");
    let by_size = "[ $(/usr/bin/wc -c) -lt 200000 ] && exit 65; exec /bin/sleep 1000";
    let program = script(&folder, "by-size", by_size);
    let mut host = Builder::default()
        .compiler(Compiler::children_of(program, limits(1, 1, 3_600)))
        .config("[policy]\non_failure = 'skip'")
        .start()
        .await;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    for index in 0..=2 * cores {
        let file = host.folder().join(format!("a-large-{index}.wasm"));
        std::fs::write(file, &large).expect("dropped");
    }
    std::fs::copy(guests::OBEY, host.folder().join("z-quick.wasm")).expect("dropped");
    loop {
        host.follow().await;
        let listing = host.operator("/policies").await.json();
        let policies = listing["policies"].as_array().expect("a list");
        if policies.iter().any(|policy| policy["name"] == "z-quick") {
            assert_eq!(policies.len(), 1, "it was there before any of them");
            break;
        }
    }
}

#[tokio::test]
async fn one_that_is_replaced_while_it_compiles_holds_nothing_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let began = folder.path().join("began");
    let line = format!(
        "[ $(/usr/bin/wc -c) -lt 200000 ] && exit 65; echo >> {}; exec /bin/sleep 1000",
        began.display()
    );
    let program = script(&folder, "by-size", &line);
    let mut host = Builder::default()
        .compiler(Compiler::children_of(program, limits(1, 1, 3_600)))
        .start()
        .await;
    let file = host.folder().join("example.wasm");
    std::fs::write(&file, hostile::many_functions(&example())).expect("dropped");
    // The second time, it has all the time.
    let begins_again = async {
        while std::fs::read_to_string(&began).map_or(0, |began| began.lines().count()) < 2 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let follow = async {
        loop {
            host.follow().await;
        }
    };
    tokio::select! {
        () = begins_again => {}
        () = follow => {}
    }
    std::fs::copy(guests::OBEY, &file).expect("replaced");
    host.follow().await;
    assert_eq!(reason(&host, "example").await, "it does not compile: ");
}

#[tokio::test]
async fn hostile_files_each_have_a_reason_and_harm_nothing() {
    let good = example();
    let files = hostile::files(&good, 160);
    let mut builder = Builder::default()
        .policy("only-example-com", plugins::ONLY_EXAMPLE_COM)
        .compiler(children(2_048, 20, 3_600))
        // What a flipped bit did not break denies as the example does.
        .config("[policy]\non_failure = 'skip'");
    for HostileFile { name, bytes } in &files {
        builder = builder.broken(name, bytes);
    }
    let host = builder.start().await;
    assert_the_example_decides(&host).await;

    let listing = host.operator("/policies").await.json();
    let policies = listing["policies"].as_array().expect("a list");
    assert_eq!(policies.len(), files.len() + 1);
    for policy in policies {
        let name = policy["name"].as_str().expect("a name");
        let is_whole = ["only-", "flipped-", "repeated-", "functions-", "deep-"]
            .iter()
            .any(|kind| name.starts_with(kind));
        let reason = policy["reason"].as_str().unwrap_or_default();
        match policy["state"].as_str().expect("a state") {
            "loaded" => assert!(is_whole, "{name} is no policy"),
            "failed" if name.starts_with("nested-") => {
                assert!(reason.contains("components in each other"), "{reason}");
            }
            "failed" => assert!(!reason.is_empty(), "{name} has no reason"),
            other => panic!("{name} is {other}"),
        }
        assert!(!reason.contains("report the component"), "{name}: {reason}");
    }
}
