//! The real process: arguments, listeners, slow clients, signals.

use std::io::{BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use tests::{guests, plugins, sign_up};

use crate::process::{
    BINARY, Process, connect, head, is_idle, line_with, log_until, niceness, ports_of_its_own,
    prepare, request, status,
};

fn ends(config: &str) -> Output {
    let (_folder, mut command) = prepare(config);
    command.output().expect("the binary")
}

#[test]
fn serves_on_both_listeners_and_stops_when_told() {
    let mut process = Process::start(&ports_of_its_own(""));
    assert_eq!(process.call("a@example.com"), "HTTP/1.1 204 No Content");
    assert_eq!(process.call("a@example.org"), "HTTP/1.1 200 OK");

    let (_, listing) = process.get("/policies");
    assert!(
        listing.contains(r#""name":"only-example-com","state":"loaded""#),
        "{listing}"
    );

    process.terminate();
    let status = process.child.wait().expect("an end");
    let mut rest = String::new();
    let _ = process.log.read_to_string(&mut rest);
    assert!(status.success(), "{status}: {rest}");
}

#[test]
fn a_call_in_progress_is_finished_before_the_end() {
    let mut process = Process::start(&ports_of_its_own(""));
    let body = sign_up("a@example.com").to_string();
    let mut stream = process.connect();
    // The host asks for the body once the call is in progress.
    stream
        .write_all(head(body.len(), "expect: 100-continue\r\n").as_bytes())
        .expect("sent");
    assert_eq!(status(&mut stream), "HTTP/1.1 100 Continue");

    process.terminate();
    line_with(&mut process.log, "stopping");
    stream.write_all(body.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.contains("HTTP/1.1 204 No Content"), "{answer}");
    assert!(process.child.wait().expect("an end").success());
}

#[test]
fn a_client_that_sends_no_head_is_cut_off() {
    let process = Process::start(&ports_of_its_own(
        "max_connections = 1\nhead_timeout = '300ms'",
    ));
    let mut slow = process.connect();
    slow.write_all(b"POST /hooks/regis").expect("sent");
    // The only place is taken: this call waits until the slow client is gone.
    assert_eq!(process.call("a@example.com"), "HTTP/1.1 204 No Content");
    let mut rest = Vec::new();
    if let Err(error) = slow.read_to_end(&mut rest) {
        assert_eq!(
            error.kind(),
            std::io::ErrorKind::ConnectionReset,
            "not cut off"
        );
    }
    assert!(!String::from_utf8_lossy(&rest).contains("200"), "{rest:?}");
}

#[test]
fn a_client_that_sends_no_body_is_answered_408() {
    let config =
        ports_of_its_own("") + "[hook]\ndeadline = '200ms'\n[policy.limits]\ndeadline = '100ms'";
    let process = Process::start(&config);
    let mut slow = process.connect();
    slow.write_all(head(1_000, "").as_bytes()).expect("sent");
    slow.write_all(b"{").expect("sent");
    assert_eq!(status(&mut slow), "HTTP/1.1 408 Request Timeout");
    assert_eq!(process.call("a@example.com"), "HTTP/1.1 204 No Content");
}

#[test]
fn a_client_that_never_reads_is_cut_off() {
    let process = Process::start(&ports_of_its_own(
        "max_connections = 1\nhead_timeout = '300ms'",
    ));
    let mut deaf = process.connect();
    deaf.set_write_timeout(Some(Duration::from_millis(200)))
        .expect("a timeout");
    let requests = "GET /livez HTTP/1.1\r\nhost: x\r\n\r\n".repeat(1_000);
    // Until the answers that nobody reads have filled every buffer on the way.
    while deaf.write_all(requests.as_bytes()).is_ok() {}
    assert_eq!(process.call("a@example.com"), "HTTP/1.1 204 No Content");
}

#[test]
fn a_head_that_is_too_large_is_refused() {
    let process = Process::start(&ports_of_its_own("max_head = '8KiB'"));
    let mut stream = process.connect();
    let long = format!("x-padding: {}\r\n", "x".repeat(20_000));
    let _ = stream.write_all(request("a@example.com", &long).as_bytes());
    let status = status(&mut stream);
    assert!(status.contains("431") || status.is_empty(), "{status}");
    assert_eq!(process.call("a@example.com"), "HTTP/1.1 204 No Content");
}

#[test]
fn the_secret_comes_from_the_environment_and_goes_nowhere_else() {
    let config = ports_of_its_own("secrets = [{ env = 'HOOKWARDEN_TEST_SECRET' }]");
    let (folder, mut command) = prepare(&config);
    let output = command.output().expect("the binary");
    assert_eq!(output.status.code(), Some(78));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(
        said,
        "hookwarden: `okta.secrets[0]`: the environment has no `HOOKWARDEN_TEST_SECRET`\n"
    );

    command.env("HOOKWARDEN_TEST_SECRET", "Basic aHVudGVyMg==");
    let mut process = Process::run(folder, command);
    for (header, expected) in [
        ("", "HTTP/1.1 401 Unauthorized"),
        (
            "authorization: Basic aHVudGVyMg==\r\n",
            "HTTP/1.1 204 No Content",
        ),
    ] {
        let mut stream = process.connect();
        let request = request("a@example.com", &format!("{header}connection: close\r\n"));
        stream.write_all(request.as_bytes()).expect("sent");
        assert_eq!(status(&mut stream), expected);
    }
    let mut said = std::mem::take(&mut process.said);
    // What is still to be written when a process is killed is lost.
    said.push_str(&log_until(&mut process.log, "call answered"));
    process.child.kill().expect("an end");
    process.log.read_to_string(&mut said).expect("a log");
    assert!(!said.contains("aHVudGVyMg"), "{said}");
}

#[test]
fn a_log_for_machines_is_one_object_a_line() {
    let config = ports_of_its_own("") + "[log]\nformat = 'json'";
    let (_folder, mut command) = prepare(&config);
    let mut child = command.stderr(Stdio::piped()).spawn().expect("the binary");
    let mut log = BufReader::new(child.stderr.take().expect("standard error"));
    let object = |line: String| -> serde_json::Value { serde_json::from_str(&line).expect("JSON") };
    let listening = object(line_with(&mut log, r#""message":"listening""#));
    let okta = listening["okta"]
        .as_str()
        .and_then(|text| text.parse().ok())
        .expect("an address");
    let mut stream = connect(okta);
    let request = request("a@example.org", "connection: close\r\n");
    stream.write_all(request.as_bytes()).expect("sent");
    assert_eq!(status(&mut stream), "HTTP/1.1 200 OK");
    let call = object(line_with(&mut log, r#""message":"call answered""#));
    assert_eq!(call["event_id"], "04Dmt8BcT_aEgM");
    assert_eq!(call["decision"], "denied");
    child.kill().expect("an end");
    child.wait().expect("an end");
}

/// A policy that computes for long, and one that is loaded, take nothing from the
/// callers of others.
#[test]
fn threads_that_do_not_answer_calls_give_way_to_those_that_do() {
    let process = Process::start(&ports_of_its_own(""));
    let tasks = format!("/proc/{}/task", process.child.id());
    let mut seen = std::collections::BTreeSet::new();
    for task in std::fs::read_dir(tasks).expect("Linux") {
        let task = task.expect("a task").path();
        let read = |file: &str| std::fs::read_to_string(task.join(file)).expect("a task");
        let (name, stat) = (read("comm"), read("stat"));
        let expected = match name.trim() {
            "slow-lane" => (true, 19),
            // The watcher of the folder is started by those that load.
            "loading" | "notify-rs inoti" => (false, 19),
            _ => (false, 0),
        };
        assert_eq!((is_idle(&stat), niceness(&stat)), expected, "{name}");
        seen.insert(name.trim().to_owned());
    }
    for name in ["slow-lane", "loading", "tokio-rt-worker"] {
        assert!(seen.contains(name), "no {name} among {seen:?}");
    }
    assert_eq!(process.call("a@example.com"), "HTTP/1.1 204 No Content");
}

#[test]
fn too_little_address_space_is_said_and_served_with() {
    let (folder, command) = prepare(&ports_of_its_own(""));
    let line = "ulimit -v 8000000; exec \"$0\" \"$@\"";
    let mut limited = Command::new("sh");
    limited
        .current_dir(folder.path())
        .args(["-c", line])
        .arg(command.get_program())
        .args(command.get_args());
    let mut process = Process::run(folder, limited);
    // As many at once as there are places, whatever address space a memory may have.
    let mut callers: Vec<_> = (0..64).map(|_| process.connect()).collect();
    for (number, stream) in callers.iter_mut().enumerate() {
        let address = format!("{number}@example.com");
        let request = request(&address, "connection: close\r\n");
        stream.write_all(request.as_bytes()).expect("sent");
    }
    for stream in &mut callers {
        assert_eq!(status(stream), "HTTP/1.1 204 No Content");
    }
    process.child.kill().expect("an end");
    assert!(
        process.said.contains("no memory could be set aside"),
        "{}",
        process.said
    );
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_listens() {
    for (config, says) in [
        (
            "[okta]\nlisten = '0.0.0.0:0'",
            "`okta.listen`: `0.0.0.0:0` can be reached by others",
        ),
        (
            "[hook]\ndeadline = '3s'",
            "`hook.deadline`: `3s` is more than 2.8s",
        ),
        (
            "[okta]\nlisen = 1",
            "there is no key `okta.lisen`; the nearest is `okta.listen`",
        ),
    ] {
        let output = ends(config);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(78), "{said}");
        assert!(
            said.starts_with("hookwarden: ") && said.contains(says),
            "{said}"
        );
        assert!(!said.contains("listening"), "{said}");
    }
}

#[test]
fn a_port_that_is_taken_is_said_with_its_key() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address");
    let output = ends(&ports_of_its_own(&format!("listen = '{address}'\n")));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains(&format!("cannot listen on `{address}` (`okta.listen`)")),
        "{said}"
    );
}

#[test]
fn a_folder_that_is_not_there_is_said() {
    let mut command = Command::new(BINARY);
    let output = command
        .current_dir(std::env::temp_dir())
        .args(["serve", "--policies", "/nowhere"])
        .output()
        .expect("the binary");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("`/nowhere` cannot be read"), "{said}");
}

#[test]
fn a_file_is_inspected_before_it_is_dropped() {
    let inspect = |file: &Path| {
        let output = Command::new(BINARY)
            .arg("inspect")
            .arg(file)
            .output()
            .expect("the binary");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (
            output.status.code(),
            text(&output.stdout),
            text(&output.stderr),
        )
    };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("example.wasm");

    std::fs::copy(plugins::ONLY_EXAMPLE_COM_ON_WASI, &file).expect("a component");
    let (code, said, _) = inspect(&file);
    assert_eq!(code, Some(0), "{said}");
    for line in [
        "hooks      registration\n",
        "settings   checked by the policy\n",
        "wasi       imported; it finds an inert one\n",
        "asks for   none\n",
        "granted    none\n",
        "loads      as revision ",
    ] {
        assert!(said.contains(line), "no `{line}` in {said}");
    }

    std::fs::write(file.with_extension("toml"), "domain = 7").expect("a file");
    let (code, _, error) = inspect(&file);
    assert_eq!(code, Some(1));
    assert!(
        error.contains("it would not be loaded: it refuses its settings: `domain`: "),
        "{error}"
    );

    std::fs::copy(guests::ASK_FOR_SECRETS, &file).expect("a component");
    let (code, said, error) = inspect(&file);
    assert_eq!(code, Some(1));
    assert!(
        said.contains("asks for   hookwarden:policy/secrets@0.1.0\n"),
        "{said}"
    );
    assert!(
        error.contains("grant it with `policies.example.grants.secrets`"),
        "{error}"
    );
}

#[test]
fn the_default_configuration_that_is_printed_is_the_one_that_is_read() {
    let printed = Command::new(BINARY)
        .arg("default-config")
        .output()
        .expect("the binary");
    assert!(printed.status.success());
    let text = String::from_utf8(printed.stdout).expect("text");
    let ports = text
        .replace("127.0.0.1:8080", "127.0.0.1:0")
        .replace("127.0.0.1:8081", "127.0.0.1:0");
    assert_ne!(ports, text);
    let process = Process::start(&ports);
    assert_eq!(process.call("a@example.com"), "HTTP/1.1 204 No Content");
}
