//! Load from outside, without a rate: each connection's next call is sent as soon as
//! its last is answered, so that the server never rests.
//!
//! One thread that never sleeps, as for the fixed rate. What it does for a call must
//! be little beside what the server does: a request is rendered once, and of an
//! answer only its first line and its length are looked at.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::request::Request;
use super::{Seen, connect, message};

/// The largest answer.
const MAX_ANSWER: usize = 16 * 1024;

/// For how many answers there is room from the start: a second has fewer.
const ROOM: usize = 1 << 18;

/// Connections to one server.
#[derive(Debug)]
pub struct Load {
    /// All of one length.
    paths: Vec<String>,
    /// Calls so far.
    turn: usize,
    connections: Vec<Connection>,
    first: Vec<u8>,
}

/// What came of calling for a while.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// How long each answer took, and how many were not as the first.
    pub seen: Seen,
    /// From the first call to the last answer.
    pub wall: Duration,
}

#[derive(Debug)]
struct Connection {
    stream: TcpStream,
    request: Request,
    /// How much of the request is sent.
    sent: usize,
    answer: Box<[u8; MAX_ANSWER]>,
    /// How much of the answer is there.
    filled: usize,
    /// When the call that is underway began.
    underway: Option<Instant>,
}

impl Load {
    /// Connects, and makes one call: every later answer is to have its first line and
    /// its length. The paths are called in turn; `headers` are whole lines.
    ///
    /// # Panics
    ///
    /// If nobody listens or answers, or the paths are not all of one length.
    #[must_use]
    pub fn new(
        address: SocketAddr,
        connections: usize,
        paths: Vec<String>,
        headers: &str,
        call: &Value,
    ) -> Self {
        assert!(paths.iter().all(|path| path.len() == paths[0].len()));
        let request = Request::new(&paths[0], headers, call);
        let connection = |_| Connection {
            stream: connect(address),
            request: request.clone(),
            sent: 0,
            answer: Box::new([0; MAX_ANSWER]),
            filled: 0,
            underway: None,
        };
        let mut connections: Vec<_> = (0..connections).map(connection).collect();
        let connection = &mut connections[0];
        connection.call(&paths[0], Instant::now());
        let length = loop {
            if let Some(length) = connection.turn() {
                break length;
            }
        };
        connection.underway = None;
        let first = connection.answer[..length].to_vec();
        Self {
            paths,
            turn: 0,
            connections,
            first,
        }
    }

    /// The answer to the first call, head and body.
    ///
    /// # Panics
    ///
    /// If it is not text.
    #[must_use]
    pub fn first_answer(&self) -> &str {
        std::str::from_utf8(&self.first).expect("text")
    }

    /// Calls for a while, and waits until all answers are there.
    ///
    /// # Panics
    ///
    /// If a connection ends.
    pub fn run(&mut self, time: Duration) -> Found {
        let mut seen = Seen {
            times: Vec::with_capacity(ROOM),
            unexpected: 0,
        };
        let line = self.first.iter().position(|byte| *byte == b'\r');
        let line = &self.first[..line.unwrap_or_default()];
        let start = Instant::now();
        let until = start + time;
        let mut now = start;
        let mut underway = self.connections.len();
        for connection in &mut self.connections {
            connection.call(&self.paths[self.turn % self.paths.len()], start);
            self.turn += 1;
        }
        while underway > 0 {
            for connection in &mut self.connections {
                let Some(since) = connection.underway else {
                    continue;
                };
                let Some(length) = connection.turn() else {
                    continue;
                };
                now = Instant::now();
                seen.times.push(now - since);
                let expected =
                    length == self.first.len() && connection.answer[..length].starts_with(line);
                seen.unexpected += usize::from(!expected);
                if now < until {
                    connection.call(&self.paths[self.turn % self.paths.len()], now);
                    self.turn += 1;
                } else {
                    connection.underway = None;
                    underway -= 1;
                }
            }
        }
        let wall = now - start;
        Found { seen, wall }
    }
}

impl Connection {
    fn call(&mut self, path: &str, now: Instant) {
        self.request.renew(path);
        self.sent = 0;
        self.filled = 0;
        self.underway = Some(now);
        self.send();
    }

    /// Goes on with the call; the length of its answer, once all of it is there.
    fn turn(&mut self) -> Option<usize> {
        if self.sent < self.request.bytes().len() {
            self.send();
        }
        let read = match self.stream.read(&mut self.answer[self.filled..]) {
            Ok(0) => panic!("the connection ended, or the answer is too large"),
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return None,
            Err(error) => panic!("{error}"),
        };
        self.filled += read;
        message::length(&self.answer[..self.filled])
    }

    /// As much as goes out at once: a large request may not.
    fn send(&mut self) {
        match self.stream.write(&self.request.bytes()[self.sent..]) {
            Ok(sent) => self.sent += sent,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => panic!("{error}"),
        }
    }
}
