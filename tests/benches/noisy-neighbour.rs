//! What a policy that uses up its limits costs another hook's callers.
//!
//! ```text
//! cargo bench -p tests --bench noisy-neighbour
//! ```
//!
//! A good policy is called 2,000 times a second, by turns alone and beside another
//! that is called 50 times a second; host and neighbours on one core, the load on
//! another. A ratio is of two windows next to each other. Prints a table.

#![expect(
    clippy::print_stdout,
    reason = "what a benchmark finds is what it prints"
)]

use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use rustix::thread::{CpuSet, sched_setaffinity};

use tests::load::{Seen, Stream, run};
use tests::{guests, plugins};

const BINARY: &str = env!("CARGO_BIN_EXE_hookwarden-under-test");

/// Pairs of windows for each neighbour.
const WINDOWS: usize = 11;

const WINDOW: Duration = Duration::from_secs(2);

const NEIGHBOURS: [(&str, &str); 6] = [
    ("spin-forever", guests::SPIN_FOREVER),
    ("exhaust-memory", guests::EXHAUST_MEMORY),
    ("fill-memory", guests::FILL_MEMORY),
    ("spin-in-host-calls", guests::SPIN_IN_HOST_CALLS),
    ("spin-in-wasi-calls", guests::SPIN_IN_WASI_CALLS),
    ("ask-for-random-bytes", guests::ASK_FOR_RANDOM_BYTES),
];

fn main() {
    pin_to(1);
    let folder = tempfile::tempdir().expect("a folder");
    let (host, address) = start(folder.path());
    let _host = host;
    println!(
        "neighbour             p50 us alone, beside   p99 us alone, beside   ratio of p99: median [least, most]   failed"
    );
    for (name, _) in NEIGHBOURS {
        let mut good = Stream::new(address, "good", 2_000, 16);
        let mut bad = Stream::new(address, name, 50, 64);
        let mut number = 0;
        let mut measure = |beside: bool| -> Seen {
            let mut streams = vec![(&mut good, "HTTP/1.1 204")];
            if beside {
                streams.push((&mut bad, "POLICY_FAILED"));
            }
            run(&mut streams, &mut number, WINDOW).swap_remove(0)
        };
        measure(true);
        let windows: Vec<_> = (0..WINDOWS)
            .map(|_| (measure(false), measure(true)))
            .collect();
        print_row(name, &windows);
    }
}

fn print_row(name: &str, windows: &[(Seen, Seen)]) {
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    let both = |part: f64| {
        let alone = windows
            .iter()
            .map(|(alone, _)| micros(alone.percentile(part)));
        let beside = windows
            .iter()
            .map(|(_, beside)| micros(beside.percentile(part)));
        (median(alone), median(beside))
    };
    let (p50, p99) = (both(0.5), both(0.99));
    let ratios = windows.iter().map(|(alone, beside)| {
        beside.percentile(0.99).as_secs_f64() / alone.percentile(0.99).as_secs_f64()
    });
    let least = ratios.clone().fold(f64::INFINITY, f64::min);
    let most = ratios.clone().fold(0.0, f64::max);
    let failed: usize = windows
        .iter()
        .map(|(alone, beside)| alone.unexpected + beside.unexpected)
        .sum();
    println!(
        "{name:22} {:8.0} {:8.0}      {:8.0} {:8.0}      {:8.2} [{least:.2}, {most:.2}] {failed:16}",
        p50.0,
        p50.1,
        p99.0,
        p99.1,
        median(ratios),
    );
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Ends with the benchmark.
struct Host(Child);

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a host on the first core, with a hook for each policy.
fn start(folder: &Path) -> (Host, SocketAddr) {
    let policies = folder.join("policies");
    std::fs::create_dir(&policies).expect("a folder");
    let mut config =
        "[okta]\nlisten = '127.0.0.1:0'\nhead_timeout = '1h'\n[operator]\nlisten = '127.0.0.1:0'\n"
            .to_owned();
    let good = [("good", plugins::ONLY_EXAMPLE_COM)];
    for (name, component) in NEIGHBOURS.into_iter().chain(good) {
        std::fs::copy(component, policies.join(format!("{name}.wasm"))).expect("a component");
        config += &format!("[hooks.{name}]\ntype = 'registration'\npolicies = ['{name}']\n");
    }
    std::fs::write(folder.join("hookwarden.toml"), config).expect("written");
    let log = folder.join("log");
    let child = Command::new("taskset")
        .args(["-c", "0", BINARY, "serve", "--config", "hookwarden.toml"])
        .args(["--policies", "policies"])
        .current_dir(folder)
        .stderr(File::create(&log).expect("a file"))
        .spawn()
        .expect("`taskset` and the binary");
    let host = Host(child);
    loop {
        let said = std::fs::read_to_string(&log).expect("a log");
        if let Some((_, rest)) = said.split_once(" okta=")
            && let Some((address, _)) = rest.split_once(' ')
        {
            return (host, address.parse().expect("an address"));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Keeps this thread on one core.
fn pin_to(core: usize) {
    let mut cores = CpuSet::new();
    cores.set(core);
    sched_setaffinity(None, &cores).expect("a second core");
}
