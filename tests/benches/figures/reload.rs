//! What it costs callers that policies are replaced.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tests::load::{Seen, Stream, run};
use tests::plugins;

use super::policies::{LISTENERS, distinct, hook};
use super::report::{Better, Goal, Section, Table};
use super::server::Server;
use super::spread::Spread;
use super::watch::{Operator, until, until_quiet, until_ready};

/// Calls to the good policy, a second.
const RATE: u32 = 3000;

/// Pairs of windows, one of them with reloads.
const PAIRS: usize = 7;

const WINDOW: Duration = Duration::from_secs(3);

/// How often the operator's listener is asked, with reloads and without.
const PAUSE: Duration = Duration::from_millis(20);

/// A window: its calls, and how long each replacement took until it served.
struct Window {
    seen: Seen,
    served: Vec<Duration>,
}

pub(crate) fn measure() -> Section {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    write(folder);
    let server = Server::host(folder);
    until_ready(&server);
    let mut measuring = Measuring {
        calls: Stream::new(server.address, "good", RATE, 16),
        called: 0,
        drops: Drops {
            folder,
            operator: Operator::of(folder),
            dropped: 2,
        },
        server: &server,
    };
    measuring.window(None);
    let another = measuring.pairs("other");
    let itself = measuring.pairs("good");
    #[expect(clippy::cast_precision_loss, reason = "a number of calls")]
    let failed = (failed(&another) + failed(&itself)) as f64;
    Section {
        title: "Reloads",
        text: text(),
        goals: vec![
            Goal {
                figure: "p99 during reloads on the server's own core against without",
                unit: "×",
                found: ratio(&another, 0.99),
                at_least: 3.5,
                aim: 1.5,
                better: Better::Less,
            },
            Goal {
                figure: "calls that failed during reloads",
                unit: "",
                found: Spread::of([failed]),
                at_least: 0.0,
                aim: 0.0,
                better: Better::Less,
            },
        ],
        tables: vec![
            latencies(&[("another policy", &another), ("the policy itself", &itself)]),
            reloads(&[("another policy", &another), ("the policy itself", &itself)]),
        ],
        plots: Vec::new(),
    }
}

fn text() -> Vec<String> {
    vec![
        format!(
            "A good policy is called {RATE} times a second, with the host and the processes that compile for it together on one core and the load on another. In every second window of {} s a policy's file is replaced by a component that the host has not seen before, and again as soon as that serves: in one run another hook's policy, in the other the one that is called. Each replacement is a rename into the policy folder; it serves when `/policies` shows its revision, which is asked every {} ms in windows without reloads, too. A ratio is of two windows next to each other; there are {PAIRS} pairs of each kind.",
            WINDOW.as_secs(),
            PAUSE.as_millis(),
        ),
        "Every answer is checked: one that is not the policy's own decision has failed.".to_owned(),
    ]
}

fn write(folder: &Path) {
    fs::create_dir(folder.join("policies")).expect("a folder");
    let mut config = LISTENERS.to_owned();
    for (number, name) in [(0, "good"), (1, "other")] {
        let component = distinct(plugins::ONLY_EXAMPLE_COM, number);
        fs::write(file(folder, name), component).expect("written");
        config += &hook(name);
    }
    fs::write(folder.join("hookwarden.toml"), config).expect("written");
}

fn file(folder: &Path, policy: &str) -> PathBuf {
    folder.join(format!("policies/{policy}.wasm"))
}

struct Measuring<'a> {
    calls: Stream,
    called: u64,
    drops: Drops<'a>,
    server: &'a Server,
}

impl Measuring<'_> {
    /// Windows without and with replacements of this policy.
    fn pairs(&mut self, replaced: &str) -> Vec<(Window, Window)> {
        (0..PAIRS)
            .map(|_| (self.window(None), self.window(Some(replaced))))
            .collect()
    }

    fn window(&mut self, replaced: Option<&str>) -> Window {
        // What is written down after the last window is not for this one.
        until_quiet(self.server);
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            let drops = scope.spawn(|| self.drops.go_on(replaced, &over));
            let mut streams = [(&mut self.calls, "HTTP/1.1 204")];
            let seen = run(&mut streams, &mut self.called, WINDOW).swap_remove(0);
            over.store(true, Ordering::Relaxed);
            let served = drops.join().expect("drops that are served");
            Window { seen, served }
        })
    }
}

/// Whoever replaces files.
struct Drops<'a> {
    folder: &'a Path,
    operator: Operator,
    /// No two components are alike.
    dropped: u64,
}

impl Drops<'_> {
    /// Replaces a policy again and again, or only looks, until the window is over;
    /// how long each replacement took until it served.
    fn go_on(&mut self, policy: Option<&str>, over: &AtomicBool) -> Vec<Duration> {
        let mut served = Vec::new();
        while !over.load(Ordering::Relaxed) {
            if let Some(policy) = policy {
                served.push(self.replace(policy));
            } else {
                self.operator.revision("good").expect("a revision");
                thread::sleep(PAUSE);
            }
        }
        served
    }

    fn replace(&mut self, policy: &str) -> Duration {
        let before = self.operator.revision(policy);
        self.dropped += 1;
        let component = distinct(plugins::ONLY_EXAMPLE_COM, self.dropped);
        let beside = self.folder.join("next");
        fs::write(&beside, component).expect("written");
        let dropped = Instant::now();
        fs::rename(&beside, file(self.folder, policy)).expect("renamed");
        until("served", PAUSE, || {
            (self.operator.revision(policy) != before).then(|| dropped.elapsed())
        })
    }
}

fn failed(windows: &[(Window, Window)]) -> usize {
    let failed =
        |(without, with): &(Window, Window)| without.seen.unexpected + with.seen.unexpected;
    windows.iter().map(failed).sum()
}

fn ratio(windows: &[(Window, Window)], part: f64) -> Spread {
    Spread::of(windows.iter().map(|(without, with)| {
        let time = |window: &Window| window.seen.percentile(part).as_secs_f64();
        time(with) / time(without)
    }))
}

fn latencies(kinds: &[(&str, &[(Window, Window)])]) -> Table {
    let mut rows = Vec::new();
    for (kind, windows) in kinds {
        for (name, part) in [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)] {
            let micros = |window: &Window| window.seen.percentile(part).as_secs_f64() * 1e6;
            let without = Spread::of(windows.iter().map(|(without, _)| micros(without)));
            let with = Spread::of(windows.iter().map(|(_, with)| micros(with)));
            rows.push(vec![
                format!("{kind}, {name}"),
                format!("{without:.0}"),
                format!("{with:.0}"),
                ratio(windows, part).to_string(),
            ]);
        }
    }
    let columns = [
        "replaced",
        "without, µs",
        "with reloads, µs",
        "ratio of pairs",
    ];
    Table {
        caption: "Latency of the good policy; median [least, most] of the windows".to_owned(),
        columns: columns.map(str::to_owned).to_vec(),
        rows,
    }
}

fn reloads(kinds: &[(&str, &[(Window, Window)])]) -> Table {
    let row = |(kind, windows): &(&str, &[(Window, Window)])| {
        let with = || windows.iter().map(|(_, with)| with);
        let calls: usize = windows
            .iter()
            .map(|(without, with)| without.seen.times.len() + with.seen.times.len())
            .sum();
        #[expect(clippy::cast_precision_loss, reason = "a handful")]
        let number = Spread::of(with().map(|with| with.served.len() as f64));
        let served = with().flat_map(|with| &with.served);
        let served = Spread::of(served.map(Duration::as_secs_f64));
        vec![
            (*kind).to_owned(),
            format!("{number:.0}"),
            served.to_string(),
            calls.to_string(),
            failed(windows).to_string(),
        ]
    };
    let columns = [
        "replaced",
        "reloads in a window",
        "rename to served, s",
        "calls",
        "failed",
    ];
    Table {
        caption: "Reloads, and calls that failed; median [least, most]".to_owned(),
        columns: columns.map(str::to_owned).to_vec(),
        rows: kinds.iter().map(row).collect(),
    }
}
