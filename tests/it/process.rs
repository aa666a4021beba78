//! The real process, for tests to start, call and stop.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tests::{plugins, sign_up};

pub(super) const BINARY: &str = env!("CARGO_BIN_EXE_hookwarden-under-test");

/// How long a test waits for what must happen. Only a failing test waits so long.
pub(super) const PATIENCE: Duration = Duration::from_secs(300);

pub(super) struct Process {
    pub(super) child: Child,
    pub(super) log: BufReader<ChildStderr>,
    /// What it logged before it listened.
    pub(super) said: String,
    pub(super) okta: SocketAddr,
    pub(super) operator: SocketAddr,
    folder: Arc<TempDir>,
}

/// Writes a configuration and a folder with the example.
pub(super) fn prepare(config: &str) -> (TempDir, Command) {
    let folder = tempfile::tempdir().expect("a folder");
    let policies = folder.path().join("policies");
    std::fs::create_dir(&policies).expect("a folder");
    std::fs::copy(
        plugins::ONLY_EXAMPLE_COM,
        policies.join("only-example-com.wasm"),
    )
    .expect("a component");
    let file = folder.path().join("hookwarden.toml");
    std::fs::write(&file, config).expect("a file");
    let mut command = Command::new(BINARY);
    // Its own folder is made where it runs.
    command
        .current_dir(folder.path())
        .arg("serve")
        .arg("--config")
        .arg(file)
        .arg("--policies")
        .arg(policies);
    (folder, command)
}

pub(super) fn ports_of_its_own(okta: &str) -> String {
    format!(
        "[operator]\nlisten = '127.0.0.1:0'\n[okta]\n{okta}\n{}",
        if okta.contains("listen") {
            ""
        } else {
            "listen = '127.0.0.1:0'\n"
        }
    )
}

impl Process {
    pub(super) fn start(config: &str) -> Self {
        let (folder, command) = prepare(config);
        Self::run(folder, command)
    }

    /// Runs a command that serves, until it listens.
    pub(super) fn run(folder: impl Into<Arc<TempDir>>, command: Command) -> Self {
        Self::run_beside(folder, command, |_| ())
    }

    /// The same, with something else that begins when the process does.
    pub(super) fn run_beside(
        folder: impl Into<Arc<TempDir>>,
        mut command: Command,
        beside: impl FnOnce(u32),
    ) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().expect("the binary");
        beside(child.id());
        let mut log = BufReader::new(child.stderr.take().expect("standard error"));
        let mut said = String::new();
        let line = loop {
            let mut line = String::new();
            let read = log.read_line(&mut line).expect("a log");
            assert!(read > 0, "it does not listen: {said}");
            if line.contains(" listening ") {
                break line;
            }
            said.push_str(&line);
        };
        let address = |name: &str| {
            let (_, rest) = line.split_once(name).expect("an address");
            let address = rest.split_whitespace().next();
            address
                .and_then(|text| text.parse().ok())
                .expect("an address")
        };
        Self {
            okta: address("okta="),
            operator: address("operator="),
            child,
            log,
            said,
            folder: folder.into(),
        }
    }

    /// Where it was started: its configuration, policies and what it keeps.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn connect(&self) -> TcpStream {
        connect(self.okta)
    }

    /// The status line of an ordinary call's answer.
    pub(super) fn call(&self, email: &str) -> String {
        let mut stream = self.connect();
        stream
            .write_all(request(email, "connection: close\r\n").as_bytes())
            .expect("sent");
        status(&mut stream)
    }

    /// Calls a hook, with further headers; head and body of the answer, once the host has
    /// closed the connection.
    pub(super) fn post(&self, hook: &str, headers: &str, body: &str) -> (String, String) {
        let head = head_of(hook, body.len(), headers);
        exchange(self.okta, &format!("{head}{body}"))
    }

    /// Head and body of what the operator's listener answers.
    pub(super) fn get(&self, path: &str) -> (String, String) {
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        exchange(self.operator, &request)
    }

    /// Ends it at once; what it was started in stays.
    pub(super) fn kill(self) -> Arc<TempDir> {
        Arc::clone(&self.folder)
    }

    pub(super) fn terminate(&self) {
        let kill = format!("kill -TERM {}", self.child.id());
        let killed = Command::new("sh")
            .args(["-c", &kill])
            .status()
            .expect("a shell");
        assert!(killed.success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(super) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("a listener");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream
}

/// Sends a request; head and body of the answer, once the connection is closed.
fn exchange(address: SocketAddr, request: &str) -> (String, String) {
    let mut stream = connect(address);
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    (head.to_owned(), body.to_owned())
}

pub(super) fn request(email: &str, headers: &str) -> String {
    let body = sign_up(email).to_string();
    format!("{}{body}", head(body.len(), headers))
}

pub(super) fn head(length: usize, headers: &str) -> String {
    head_of("registration", length, headers)
}

fn head_of(hook: &str, length: usize, headers: &str) -> String {
    format!(
        "POST /hooks/{hook} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{headers}\r\n"
    )
}

/// The first line of what comes; empty if the connection ends first.
pub(super) fn status(stream: &mut TcpStream) -> String {
    let mut line = String::new();
    let _ = BufReader::new(stream).read_line(&mut line);
    line.trim_end().to_owned()
}

/// Reads a log up to a line with `part`: that line.
pub(super) fn line_with(log: &mut BufReader<ChildStderr>, part: &str) -> String {
    let said = log_until(log, part);
    said.lines().next_back().unwrap_or_default().to_owned()
}

/// Reads a log up to a line with `part`: all of it.
pub(super) fn log_until(log: &mut BufReader<ChildStderr>, part: &str) -> String {
    let mut said = String::new();
    loop {
        let mut line = String::new();
        let read = log.read_line(&mut line).expect("a log");
        assert!(read > 0, "no line with `{part}` in: {said}");
        said.push_str(&line);
        if line.contains(part) {
            return said;
        }
    }
}

/// Whether a process or thread runs only when nobody else wants the processor, by
/// its `stat`.
pub(super) fn is_idle(stat: &str) -> bool {
    // The scheduling policy; 5 is idle.
    field(stat, 41) == "5"
}

/// How far a process or thread stands behind others, by its `stat`.
pub(super) fn niceness(stat: &str) -> i32 {
    field(stat, 19).parse().expect("a number")
}

/// A field, from the third on: they are counted from behind the name, which may hold
/// anything.
fn field(stat: &str, number: usize) -> &str {
    let (_, fields) = stat.rsplit_once(')').expect("a name");
    let mut fields = fields.split_whitespace();
    fields.nth(number - 3).expect("Linux has it")
}
