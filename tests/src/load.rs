//! Load from outside, at a fixed rate, for benchmarks.
//!
//! One thread that never sleeps: a generator that does makes its server sleep, too,
//! and both then measure how the system wakes threads. The time of a call counts
//! from when it was due, so that a server that falls behind cannot hide it.

pub mod closed;
pub mod message;
mod request;

use std::collections::VecDeque;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::sign_up;

/// Calls to one hook, at a fixed rate.
pub struct Stream {
    path: String,
    every: Duration,
    due: Instant,
    waiting: VecDeque<Instant>,
    connections: Vec<Connection>,
    seen: Seen,
}

/// What came of a stream's calls.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// How long each answer took.
    pub times: Vec<Duration>,
    /// Answers whose first line or body is not what was expected.
    pub unexpected: usize,
}

impl Seen {
    /// The time below which this part of all answers took.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[must_use]
    pub fn percentile(&self, part: f64) -> Duration {
        let [time] = self.percentiles([part]);
        time
    }

    /// The times below which these parts of all answers took.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[must_use]
    pub fn percentiles<const PARTS: usize>(&self, parts: [f64; PARTS]) -> [Duration; PARTS] {
        let mut times = self.times.clone();
        times.sort_unstable();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index"
        )]
        let index = |part| ((times.len() as f64 * part) as usize).min(times.len() - 1);
        parts.map(|part| times[index(part)])
    }
}

struct Connection {
    stream: TcpStream,
    /// When the call that is underway was due.
    underway: Option<Instant>,
    answer: Vec<u8>,
}

impl Stream {
    /// Calls `/hooks/<hook>` so often a second.
    ///
    /// # Panics
    ///
    /// If nobody listens.
    #[must_use]
    pub fn new(address: SocketAddr, hook: &str, a_second: u32, connections: usize) -> Self {
        let connection = |_| Connection {
            stream: connect(address),
            underway: None,
            answer: Vec::new(),
        };
        Self {
            path: format!("/hooks/{hook}"),
            every: Duration::from_secs(1) / a_second,
            due: Instant::now(),
            waiting: VecDeque::new(),
            connections: (0..connections).map(connection).collect(),
            seen: Seen::default(),
        }
    }

    fn turn(&mut self, number: &mut u64, until: Instant, expected: &str) {
        let now = Instant::now();
        while self.due <= now && self.due < until {
            self.waiting.push_back(self.due);
            self.due += self.every;
        }
        for connection in &mut self.connections {
            if let Some(due) = connection.underway {
                if let Some(answer) = connection.read() {
                    self.seen.times.push(due.elapsed());
                    self.seen.unexpected += usize::from(!answer.contains(expected));
                    connection.underway = None;
                }
            } else if let Some(due) = self.waiting.pop_front() {
                *number += 1;
                connection.send(&self.path, *number);
                connection.underway = Some(due);
            }
        }
    }

    fn is_done(&self, until: Instant) -> bool {
        let idle = |connection: &Connection| connection.underway.is_none();
        self.due >= until && self.waiting.is_empty() && self.connections.iter().all(idle)
    }
}

/// A connection that never waits.
fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("a listener");
    stream.set_nodelay(true).expect("set");
    stream.set_nonblocking(true).expect("set");
    stream
}

impl Connection {
    fn send(&mut self, path: &str, number: u64) {
        // Each is a call of its own, so that none is taken for a repeat.
        let mut call = sign_up("a@example.com");
        call["eventId"] = json!(format!("load-{number}"));
        let body = call.to_string();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.write_all(request.as_bytes()).expect("sent");
    }

    /// The answer, once all of it is there.
    fn read(&mut self) -> Option<String> {
        let mut buffer = [0; 16 * 1024];
        match self.stream.read(&mut buffer) {
            Ok(0) => panic!("the connection ended"),
            Ok(read) => self.answer.extend_from_slice(&buffer[..read]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return None,
            Err(error) => panic!("{error}"),
        }
        let length = message::length(&self.answer)?;
        let answer = std::str::from_utf8(&self.answer[..length]).expect("text");
        let answer = answer.to_owned();
        self.answer.clear();
        Some(answer)
    }
}

/// Runs streams beside each other for a while, until all answers are there; each
/// with what its answers are to contain.
pub fn run(streams: &mut [(&mut Stream, &str)], number: &mut u64, time: Duration) -> Vec<Seen> {
    let start = Instant::now();
    let until = start + time;
    for (stream, _) in &mut *streams {
        stream.due = start;
        stream.seen = Seen::default();
    }
    loop {
        for (stream, expected) in &mut *streams {
            stream.turn(number, until, expected);
        }
        if streams.iter().all(|(stream, _)| stream.is_done(until)) {
            break;
        }
    }
    let seen = |(stream, _): &mut (&mut Stream, &str)| std::mem::take(&mut stream.seen);
    streams.iter_mut().map(seen).collect()
}
