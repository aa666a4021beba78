//! More callers than there are places, many of whom do not wait.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;
use tests::{guests, sign_up};

use crate::process::{PATIENCE, Process, head, ports_of_its_own, prepare, status};

const CALLERS: usize = 256;

const LIMITS: &str =
    "[policies.sleep]\non_failure = 'skip'\nlimits = { deadline = '100ms', evaluations = 8 }";

/// Each number is a call of its own.
fn call(stream: &mut TcpStream, number: usize) {
    let mut call = sign_up("a@example.com");
    call["eventId"] = json!(format!("call-{number}"));
    let body = call.to_string();
    let head = head(body.len(), "connection: close\r\n");
    let _ = stream.write_all(format!("{head}{body}").as_bytes());
}

fn gauge(process: &Process, line: &str) -> Option<String> {
    let (_, scraped) = process.get("/metrics");
    let value = |found: &str| Some(found.strip_prefix(line)?.trim().to_owned());
    scraped.lines().find_map(value)
}

fn handles(process: &Process) -> usize {
    let handles = format!("/proc/{}/fd", process.child.id());
    std::fs::read_dir(handles).expect("Linux").count()
}

#[test]
fn leaves_nothing_behind_and_refuses_what_is_too_much() {
    let (folder, command) = prepare(&(ports_of_its_own("max_calls = 32") + LIMITS));
    std::fs::copy(guests::SLEEP, folder.path().join("policies/sleep.wasm")).expect("a component");
    let process = Process::run(folder, command);
    assert_eq!(process.call("a@example.com"), "HTTP/1.1 204 No Content");
    let before = handles(&process);

    let mut callers: Vec<_> = (0..CALLERS).map(|_| process.connect()).collect();
    for (number, stream) in callers.iter_mut().enumerate() {
        call(stream, number);
    }
    let mut number = 0;
    callers.retain(|_| {
        number += 1;
        number % 2 == 0
    });
    let answers: Vec<_> = callers.iter_mut().map(status).collect();
    drop(callers);
    let count = |line: &str| answers.iter().filter(|answer| *answer == line).count();
    let (answered, refused) = (
        count("HTTP/1.1 204 No Content"),
        count("HTTP/1.1 503 Service Unavailable"),
    );
    assert_eq!(answered + refused, CALLERS / 2, "{answers:?}");
    assert!(answered > 0 && refused > 0, "{answers:?}");

    let until = Instant::now() + PATIENCE;
    loop {
        let calls = gauge(&process, "hookwarden_calls_in_progress");
        let running = gauge(&process, "hookwarden_evaluations_running{lane=\"front\"}");
        let left = (calls.as_deref(), running.as_deref(), handles(&process));
        if left == (Some("0"), Some("0"), before) {
            break;
        }
        assert!(Instant::now() < until, "{left:?}, {before} handles before");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(process.call("b@example.com"), "HTTP/1.1 204 No Content");
}

/// A log collector that hangs must not hang the host.
#[test]
fn a_log_that_nobody_reads_holds_up_nobody() {
    let config = ports_of_its_own("") + "[policy]\nlog = true\non_failure = 'skip'";
    let (folder, command) = prepare(&config);
    let guest = folder.path().join("policies/flood-the-log.wasm");
    std::fs::copy(guests::FLOOD_THE_LOG, guest).expect("a component");
    // What it says after it listens is not read.
    let process = Process::run(folder, command);
    let until = Instant::now() + PATIENCE;
    for number in 0.. {
        let mut stream = process.connect();
        call(&mut stream, number);
        assert_eq!(status(&mut stream), "HTTP/1.1 204 No Content");
        let lost = gauge(&process, "hookwarden_log_lines_lost_total");
        if lost.as_deref().is_some_and(|lost| lost != "0") {
            break;
        }
        assert!(Instant::now() < until, "nothing was lost: {lost:?}");
    }
    assert_eq!(process.call("b@example.org"), "HTTP/1.1 200 OK");
}
