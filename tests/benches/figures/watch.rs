//! Waiting for a host to have done what it was given.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};
use std::{fs, thread};

use serde_json::Value;

use super::server::Server;

/// How long anything may take. A thousand policies compile for minutes.
const PATIENCE: Duration = Duration::from_secs(1_200);

/// How long a host must do nothing to be taken for idle, and how much nothing is.
const QUIET: Duration = Duration::from_millis(300);
const NOTHING: Duration = Duration::from_millis(5);

/// Asks again after a pause, until it is so.
///
/// # Panics
///
/// If it never is.
pub(crate) fn until<T>(what: &str, pause: Duration, mut is_so: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(so) = is_so() {
            return so;
        }
        assert!(start.elapsed() < PATIENCE, "never {what}");
        thread::sleep(pause);
    }
}

/// Waits until the host does nothing any more: it writes down what it loaded after
/// it serves it.
pub(crate) fn until_quiet(server: &Server) {
    let mut used = Duration::MAX;
    until("quiet", QUIET, || {
        let before = std::mem::replace(&mut used, server.cpu());
        // It falls when a thread ends.
        (used.abs_diff(before) < NOTHING).then_some(())
    });
}

/// What the operator's listener says, over a connection that stays.
pub(crate) struct Operator(TcpStream);

impl Operator {
    /// That of the host in this folder.
    pub(crate) fn of(folder: &Path) -> Self {
        let log = fs::read_to_string(folder.join("log")).expect("a log");
        let (_, rest) = log.split_once(" operator=").expect("an address");
        let address = rest.split_whitespace().next().expect("an address");
        let address: SocketAddr = address.parse().expect("an address");
        Self(TcpStream::connect(address).expect("a listener"))
    }

    /// The revision of a policy that serves.
    pub(crate) fn revision(&mut self, policy: &str) -> Option<String> {
        let (_, body) = get(&mut self.0, "/policies");
        let listing: Value = serde_json::from_str(&body).expect("JSON");
        let mut lines = listing["policies"].as_array().expect("a list").iter();
        let line = lines.find(|line| line["name"] == policy)?;
        Some(line["revision"].as_str()?.to_owned())
    }
}

/// Waits until every chain of a host is complete.
pub(crate) fn until_ready(server: &Server) {
    until("ready", QUIET, || is_ready(server.address).then_some(()));
}

/// Whether `/readyz` says that the host is ready, at whichever of its listeners.
pub(crate) fn is_ready(address: SocketAddr) -> bool {
    let mut stream = TcpStream::connect(address).expect("a listener");
    let (head, _) = get(&mut stream, "/readyz");
    head.starts_with("HTTP/1.1 200")
}

fn get(stream: &mut TcpStream, path: &str) -> (String, String) {
    ask(
        stream,
        &format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n"),
    )
}

/// Sends a request and waits for the answer: its head, and its body.
pub(crate) fn ask(stream: &mut TcpStream, request: &str) -> (String, String) {
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        let read = stream.read(&mut buffer).expect("an answer");
        assert!(read > 0, "the connection ended: {answer}");
        answer += std::str::from_utf8(&buffer[..read]).expect("ASCII");
        let Some((head, body)) = answer.split_once("\r\n\r\n") else {
            continue;
        };
        let head = head.to_ascii_lowercase();
        let length = head.split("\r\ncontent-length: ").nth(1);
        let length = length.and_then(|rest| rest.lines().next());
        let length = length.map_or(0, |length| length.parse().expect("a length"));
        if body.len() >= length {
            return (answer[..head.len()].to_owned(), body.to_owned());
        }
    }
}
