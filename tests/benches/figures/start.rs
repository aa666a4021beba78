//! How long a host takes from its process's start until it is ready, and how much
//! memory its policies take.

use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;
use tests::{plugins, sign_up};

use super::policies::write_many;
use super::report::{Axis, Better, Goal, Line, Plot, Scale, Section, Table};
use super::server::Server;
use super::spread::Spread;
use super::watch::{ask, is_ready, until_quiet, until_ready};

const BINARY: &str = env!("CARGO_BIN_EXE_hookwarden-under-test");

/// How many policies there are.
const NUMBERS: [u64; 3] = [1, 100, 1000];

/// Starts with a `state_dir` that has all code.
const CACHED: usize = 7;

/// The same, on one core.
const PINNED: usize = 3;

/// Where a host may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cores {
    /// As an operator would start it.
    Both,
    One,
}

/// What was found with this many policies.
struct Found {
    number: u64,
    /// In seconds.
    cold: f64,
    cached: Vec<Started>,
    pinned: Spread,
}

/// One start, and what memory there was after it.
struct Started {
    seconds: f64,
    loaded: Memory,
    called: Memory,
}

/// In bytes.
#[derive(Clone, Copy)]
struct Memory {
    anonymous: f64,
    resident: f64,
}

impl Memory {
    #[expect(clippy::cast_precision_loss, reason = "bytes of a process")]
    fn of(server: &Server) -> Self {
        Self {
            anonymous: server.memory("Pss_Anon") as f64,
            resident: server.memory("Rss") as f64,
        }
    }

    fn files(self) -> f64 {
        self.resident - self.anonymous
    }
}

pub(crate) fn measure() -> Section {
    let found = NUMBERS.map(measure_with);
    let [one, .., many] = &found;
    let start = Spread::of(many.cached.iter().map(|started| started.seconds));
    let memory = each(one, many, |started| started.loaded.resident);
    Section {
        title: "Start and memory",
        text: text(),
        goals: vec![
            Goal {
                figure: "start with 1,000 cached policies, process to ready",
                unit: "s",
                found: start,
                at_least: 0.6,
                aim: 0.2,
                better: Better::Less,
            },
            Goal {
                figure: "memory per loaded policy of the example's size",
                unit: "KB",
                found: memory,
                at_least: 400.0,
                aim: 150.0,
                better: Better::Less,
            },
        ],
        tables: vec![starts(&found), memories(one, many)],
        plots: vec![plot(&found)],
    }
}

fn text() -> Vec<String> {
    vec![
        format!(
            "Each policy is the bundled `only-example-com` with a custom section of its own, so that its code is its own, too, and has a hook of its own. *Cold* is one start with an empty `state_dir`: a child process compiles each component, when nobody else wants the processor. *Cached* are {CACHED} later starts with the same `state_dir`. The time is from when the process is started to when the host listens and `/readyz` says 200, whichever is later. The files are in the system's cache, as after a restart of the host and unlike after one of the machine. The host may use both cores, as an operator would start it; *on one core* are {PINNED} more starts with one."
        ),
        "Memory is read when a host that started from its cache does nothing any more, and again when each policy was called once. What is backed by files is compiled code: the system takes it back when it needs the room, and reads it again. The figure is all that is resident, of both kinds. A policy's share is the difference between 1,000 policies and one, by 999; KB are 1,000 bytes.".to_owned(),
    ]
}

fn measure_with(number: u64) -> Found {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    write_many(folder, plugins::ONLY_EXAMPLE_COM, number);
    let (server, cold) = start(folder, Cores::Both);
    until_quiet(&server);
    drop(server);
    let cached = (0..CACHED).map(|_| {
        let (server, time) = start(folder, Cores::Both);
        until_quiet(&server);
        let loaded = Memory::of(&server);
        call_each(&server, number);
        until_quiet(&server);
        Started {
            seconds: time.as_secs_f64(),
            loaded,
            called: Memory::of(&server),
        }
    });
    let cached = cached.collect();
    let pinned = (0..PINNED).map(|_| start(folder, Cores::One).1.as_secs_f64());
    Found {
        number,
        cold: cold.as_secs_f64(),
        cached,
        pinned: Spread::of(pinned),
    }
}

/// Starts a host and waits until it is ready; how long that took.
fn start(folder: &Path, cores: Cores) -> (Server, Duration) {
    let started = Instant::now();
    let server = match cores {
        Cores::One => Server::host(folder),
        // It takes back what pins every server.
        Cores::Both => {
            let mut command = Command::new("taskset");
            command.args(["-c", "0,1", BINARY, "serve"]);
            command.args(["--config", "hookwarden.toml", "--policies", "policies"]);
            Server::spawn(command, folder, " okta=")
        }
    };
    if is_ready(server.address) {
        let time = server.start;
        return (server, time);
    }
    until_ready(&server);
    (server, started.elapsed())
}

fn call_each(server: &Server, number: u64) {
    let mut stream = TcpStream::connect(server.address).expect("a listener");
    let mut call = sign_up("a@example.com");
    for number in 0..number {
        call["eventId"] = json!(format!("call-{number}"));
        let body = call.to_string();
        let request = format!(
            "POST /hooks/p-{number} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let (head, _) = ask(&mut stream, &request);
        assert!(head.starts_with("HTTP/1.1 204"), "{head}");
    }
}

/// A policy's share of something, in KB: what each round has more than the median of
/// those with one policy, by the policies that it has more.
fn each(one: &Found, many: &Found, what: impl Fn(&Started) -> f64) -> Spread {
    #[expect(clippy::cast_precision_loss, reason = "a thousand")]
    let more = (many.number - one.number) as f64;
    let base = Spread::of(one.cached.iter().map(&what)).median;
    let share = |started| (what(started) - base) / more / 1e3;
    Spread::of(many.cached.iter().map(share))
}

fn starts(found: &[Found]) -> Table {
    let row = |found: &Found| {
        vec![
            found.number.to_string(),
            format!("{:.2}", found.cold),
            seconds(&found.cached).to_string(),
            found.pinned.to_string(),
        ]
    };
    Table {
        caption: "Seconds from the process's start to ready; median [least, most]".to_owned(),
        columns: ["policies", "cold", "cached", "cached, on one core"]
            .map(str::to_owned)
            .to_vec(),
        rows: found.iter().map(row).collect(),
    }
}

fn seconds(cached: &[Started]) -> Spread {
    Spread::of(cached.iter().map(|started| started.seconds))
}

fn memories(one: &Found, many: &Found) -> Table {
    type Part = fn(Memory) -> f64;
    let parts: [(&str, Part); 3] = [
        ("all resident", |memory| memory.resident),
        ("anonymous", |memory| memory.anonymous),
        ("backed by files", Memory::files),
    ];
    let row = |(name, part): (&str, Part)| {
        let loaded = |started: &Started| part(started.loaded);
        let called = |started: &Started| part(started.called);
        let whole = |found: &Found| Spread::of(found.cached.iter().map(loaded)).median / 1e6;
        vec![
            name.to_owned(),
            format!("{:.1}", whole(one)),
            format!("{:.1}", whole(many)),
            format!("{:.0}", each(one, many, loaded)),
            format!("{:.0}", each(one, many, called)),
        ]
    };
    let columns = [
        "memory",
        "1 policy, MB",
        "1,000 policies, MB",
        "each policy, KB",
        "each, once called, KB",
    ];
    Table {
        caption:
            "Memory of a host that started from its cache; of each policy, median [least, most]"
                .to_owned(),
        columns: columns.map(str::to_owned).to_vec(),
        rows: parts.into_iter().map(row).collect(),
    }
}

fn plot(found: &[Found]) -> Plot {
    #[expect(clippy::cast_precision_loss, reason = "a thousand")]
    let line = |name: &str, y: fn(&Found) -> f64| Line {
        name: name.to_owned(),
        points: found
            .iter()
            .map(|found| (found.number as f64, y(found)))
            .collect(),
    };
    Plot {
        name: "start",
        title: "From the process's start to ready".to_owned(),
        x: Axis {
            label: "policies",
            scale: Scale::Logarithmic,
        },
        y: Axis {
            label: "time (s)",
            scale: Scale::Logarithmic,
        },
        lines: vec![
            line("cold", |found| found.cold),
            line("cached", |found| seconds(&found.cached).median),
        ],
    }
}
