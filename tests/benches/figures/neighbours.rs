//! What a policy that uses up its limits costs another hook's callers.

use std::fs;
use std::path::Path;
use std::time::Duration;

use tests::load::{Seen, Stream, run};
use tests::{guests, plugins};

use super::policies::{LISTENERS, hook};
use super::report::{Better, Goal, Section, Table};
use super::server::Server;
use super::spread::Spread;
use super::watch::until_ready;

/// Calls to the good policy, and to its neighbour, a second.
const GOOD: u32 = 2000;
const BAD: u32 = 50;

/// Pairs of windows for each neighbour.
const PAIRS: usize = 11;

const WINDOW: Duration = Duration::from_secs(2);

const SPINNING: &str = "spin-forever";

const NEIGHBOURS: [(&str, &str); 6] = [
    (SPINNING, guests::SPIN_FOREVER),
    ("exhaust-memory", guests::EXHAUST_MEMORY),
    ("fill-memory", guests::FILL_MEMORY),
    ("spin-in-host-calls", guests::SPIN_IN_HOST_CALLS),
    ("spin-in-wasi-calls", guests::SPIN_IN_WASI_CALLS),
    ("ask-for-random-bytes", guests::ASK_FOR_RANDOM_BYTES),
];

/// Windows next to each other, alone and beside a neighbour.
type Pairs = Vec<(Seen, Seen)>;

pub(crate) fn measure() -> Section {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path());
    let server = Server::host(folder.path());
    until_ready(&server);
    let found = NEIGHBOURS.map(|(name, _)| (name, beside(&server, name)));
    let spinning = found.iter().find(|(name, _)| *name == SPINNING);
    let (_, spinning) = spinning.expect("a spinning neighbour");
    Section {
        title: "Neighbours",
        text: text(),
        goals: vec![Goal {
            figure: "good policy's p99 beside a spinning neighbour, against alone",
            unit: "×",
            found: ratio(spinning),
            at_least: 1.25,
            aim: 1.05,
            better: Better::Less,
        }],
        tables: vec![table(&found)],
        plots: Vec::new(),
    }
}

fn text() -> Vec<String> {
    vec![format!(
        "A good policy is called {GOOD} times a second, by turns alone and beside another hook's policy that uses up its limits and is called {BAD} times a second. The host, with both, is on one core, the load on another. A ratio is of two windows of {} s next to each other; there are {PAIRS} pairs for each neighbour. Every answer is checked: of the good policy its own decision, of its neighbour that it failed.",
        WINDOW.as_secs(),
    )]
}

/// A hook for each policy.
fn write(folder: &Path) {
    let policies = folder.join("policies");
    fs::create_dir(&policies).expect("a folder");
    let mut config = LISTENERS.to_owned();
    let good = [("good", plugins::ONLY_EXAMPLE_COM)];
    for (name, component) in NEIGHBOURS.into_iter().chain(good) {
        fs::copy(component, policies.join(format!("{name}.wasm"))).expect("a component");
        config += &hook(name);
    }
    fs::write(folder.join("hookwarden.toml"), config).expect("written");
}

fn beside(server: &Server, neighbour: &str) -> Pairs {
    let mut good = Stream::new(server.address, "good", GOOD, 16);
    let mut bad = Stream::new(server.address, neighbour, BAD, 64);
    let mut number = 0;
    let mut window = |beside: bool| -> Seen {
        let mut streams = vec![(&mut good, "HTTP/1.1 204")];
        if beside {
            streams.push((&mut bad, "POLICY_FAILED"));
        }
        let mut seen = run(&mut streams, &mut number, WINDOW).into_iter();
        let good = seen.next().expect("the good policy's");
        let bad = seen.next().unwrap_or_default();
        assert_eq!(bad.unexpected, 0, "`{neighbour}` is no bad neighbour");
        good
    };
    window(true);
    (0..PAIRS).map(|_| (window(false), window(true))).collect()
}

fn ratio(pairs: &Pairs) -> Spread {
    let p99 = |seen: &Seen| seen.percentile(0.99).as_secs_f64();
    Spread::of(pairs.iter().map(|(alone, beside)| p99(beside) / p99(alone)))
}

fn table(found: &[(&str, Pairs)]) -> Table {
    let row = |(name, pairs): &(&str, Pairs)| {
        let median = |part: f64, of: fn(&(Seen, Seen)) -> &Seen| {
            let times = pairs.iter().map(|pair| of(pair).percentile(part));
            let micros = Spread::of(times.map(|time| time.as_secs_f64() * 1e6)).median;
            format!("{micros:.0}")
        };
        let failed: usize = pairs
            .iter()
            .map(|(alone, beside)| alone.unexpected + beside.unexpected)
            .sum();
        vec![
            (*name).to_owned(),
            median(0.5, |(alone, _)| alone),
            median(0.5, |(_, beside)| beside),
            median(0.99, |(alone, _)| alone),
            median(0.99, |(_, beside)| beside),
            ratio(pairs).to_string(),
            failed.to_string(),
        ]
    };
    let columns = [
        "neighbour",
        "p50 alone, µs",
        "p50 beside, µs",
        "p99 alone, µs",
        "p99 beside, µs",
        "p99 beside, against alone",
        "failed",
    ];
    Table {
        caption: "Latency of the good policy: medians of the windows, and of pairs the ratio, median [least, most]"
            .to_owned(),
        columns: columns.map(str::to_owned).to_vec(),
        rows: found.iter().map(row).collect(),
    }
}
