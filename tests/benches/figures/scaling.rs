//! How the cost of a call grows: with its body, the chain, the callers, the policies.

use std::fmt::Write as _;
use std::fs;
use std::rc::Rc;
use std::time::Duration;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use tests::load::closed::Load;
use tests::plugins;
use tests::serving::lay_out;

use super::contender::{Contender, Round, ratio, rounds, spread};
use super::policies::{distinct, rule};
use super::report::{self, Axis, Better, Goal, Line, Plot, Scale, Section, Table};
use super::server::{self, Server};
use super::watch;
use tests::calls::{self, ADMITTED, DENIED, HEADERS, ORDINARY};

const CONNECTIONS: usize = 16;

/// For large bodies: one waits for the others, and has a deadline.
const FEW_CONNECTIONS: usize = 4;

const BODIES: [(&str, usize); 5] = [
    ("1.4 KB", ORDINARY),
    ("10 KB", 10_000),
    ("70 KB", 70_000),
    ("270 KB", 270_000),
    ("1 MB", 1_000_000),
];

const CHAINS: [usize; 5] = [1, 2, 4, 8, 16];

const CALLERS: [usize; 5] = [1, 4, 16, 64, 256];

const POLICIES: [u32; 4] = [1, 10, 100, 1000];

const WARM_UP: Duration = Duration::from_secs(1);

const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_secs(1);
/// Where hosts are compared.
const LONG_ROUND: Duration = Duration::from_secs(2);

pub(crate) fn measure() -> Section {
    server::pin_to_load_core();
    let mut section = Section {
        title: "Scaling",
        text: vec![format!(
            "What a call costs the host's core, in {ROUNDS} rounds in which every row has its turn; \
             a ratio is of two turns in one round. A secret is set; whatever is not said is as by default."
        )],
        ..Section::default()
    };
    // One host for all that can be compared on one.
    let folder = tempfile::tempdir().expect("a folder");
    let host = one_host(folder.path());
    bodies(&host, &mut section);
    chains(&host, &mut section);
    callers(&host, &mut section);
    drop(host);
    policies(&mut section);
    section
}

/// A host with hooks that have chains of each length, and room for large bodies.
fn one_host(folder: &std::path::Path) -> Rc<Server> {
    let mut config = "max_body = '2MiB'\n".to_owned();
    for length in CHAINS {
        let chain: Vec<_> = (0..length)
            .map(|number| format!("'p-{number:04}'"))
            .collect();
        let chain = chain.join(", ");
        let _ = writeln!(
            config,
            "[hooks.c-{length:04}]\ntype = 'registration'\npolicies = [{chain}]"
        );
    }
    let longest = CHAINS[CHAINS.len() - 1];
    let policies = (0..longest).map(|number| (format!("p-{number:04}"), rule()));
    lay_out(folder, policies, &config);
    let host = Server::host(folder);
    watch::until_ready(&host);
    Rc::new(host)
}

/// The hook whose chain is so long.
fn hook_of(length: usize) -> Vec<String> {
    vec![format!("/hooks/c-{length:04}")]
}

fn bodies(host: &Rc<Server>, section: &mut Section) {
    let contender = |(name, bytes)| {
        let call = calls::sign_up(DENIED, bytes);
        let load = Load::new(host.address, FEW_CONNECTIONS, hook_of(1), HEADERS, &call);
        Contender::new(name, host, load)
    };
    let x = BODIES.map(|(_, bytes)| kilobytes(bytes));
    measured_rows(
        section,
        Measured {
            caption: format!(
                "Size of the body, {FEW_CONNECTIONS} connections. `okta.max_body` is 2 MiB."
            ),
            contenders: BODIES.map(contender).into(),
            column: "body",
            x: x.into(),
            plot: "body",
            title: "CPU of a call by the size of its body",
            label: "KB",
            scales: [Scale::Logarithmic; 2],
            round: ROUND,
        },
    );
}

fn chains(host: &Rc<Server>, section: &mut Section) {
    let contender = |length: usize| {
        // A denial would end the chain.
        let call = calls::sign_up(ADMITTED, ORDINARY);
        let load = Load::new(host.address, CONNECTIONS, hook_of(length), HEADERS, &call);
        Contender::new(length.to_string(), host, load)
    };
    measured_rows(
        section,
        Measured {
            caption: format!(
                "Length of the chain, {CONNECTIONS} connections, calls that all of it admits."
            ),
            contenders: CHAINS.map(contender).into(),
            column: "policies in the chain",
            x: CHAINS.map(count).into(),
            plot: "chain",
            title: "CPU of a call by the length of the chain",
            label: "policies in the chain",
            scales: [Scale::Linear; 2],
            round: ROUND,
        },
    );
}

fn callers(host: &Rc<Server>, section: &mut Section) {
    let contender = |connections: usize| {
        let call = calls::sign_up(DENIED, ORDINARY);
        let load = Load::new(host.address, connections, hook_of(1), HEADERS, &call);
        Contender::new(connections.to_string(), host, load)
    };
    measured_rows(
        section,
        Measured {
            caption: "Connections that call at once.".to_owned(),
            contenders: CALLERS.map(contender).into(),
            column: "connections",
            x: CALLERS.map(count).into(),
            plot: "connections",
            title: "CPU of a call by connections that call at once",
            label: "connections",
            scales: [Scale::Logarithmic, Scale::Linear],
            round: ROUND,
        },
    );
}

fn policies(section: &mut Section) {
    // What was compiled is kept: a thousand take minutes.
    let kept = report::folder().join("hosts");
    let hosts = POLICIES.map(|policies| {
        let folder = kept.join(policies.to_string());
        fs::create_dir_all(&folder).expect("a folder");
        // Compiled code of all policies together.
        let mut config = "[sandbox]\ncode = '8GiB'\n".to_owned();
        for number in 0..policies {
            let _ = writeln!(
                config,
                "[hooks.h-{number:04}]\ntype = 'registration'\npolicies = ['p-{number:04}']"
            );
        }
        let components = (0..policies).map(|number| {
            let component = distinct(plugins::ONLY_EXAMPLE_COM, number.into());
            (format!("p-{number:04}"), component)
        });
        lay_out(&folder, components, &config);
        (policies, Rc::new(Server::host(&folder)))
    });
    for (_, host) in &hosts {
        watch::until_ready(host);
    }
    let call = calls::sign_up(DENIED, ORDINARY);
    let contender = |name: String, host: &Rc<Server>, called: u32| {
        let mut paths: Vec<_> = (0..called)
            .map(|number| format!("/hooks/h-{number:04}"))
            .collect();
        paths.shuffle(&mut StdRng::seed_from_u64(0));
        let load = Load::new(host.address, CONNECTIONS, paths, HEADERS, &call);
        Contender::new(name, host, load)
    };
    let mut contenders: Vec<_> = hosts
        .iter()
        .map(|(policies, host)| contender(policies.to_string(), host, *policies))
        .collect();
    let (loaded, largest) = &hosts[hosts.len() - 1];
    contenders.push(contender(format!("{loaded}, one called"), largest, 1));
    let found = measured_rows(
        section,
        Measured {
            caption: format!(
                "Policies, each another component and called by a hook of its own, in turn; {CONNECTIONS} connections. \
                 Each row but the last is a host of its own; they run beside each other."
            ),
            contenders,
            column: "policies",
            x: POLICIES.map(f64::from).into(),
            plot: "policies",
            title: "CPU of a call by the number of policies that are called in turn",
            label: "policies",
            scales: [Scale::Logarithmic, Scale::Linear],
            round: LONG_ROUND,
        },
    );
    let [one, .., uniformly, of_many] = found.as_slice() else {
        unreachable!("more than three rows");
    };
    let cpu = |round: &Round| round.cpu;
    for (figure, of, at_least, aim) in [
        (
            "cost with 1,000 policies called uniformly, against one",
            uniformly,
            2.5,
            1.5,
        ),
        (
            "cost with 1,000 loaded and one called, against one loaded",
            of_many,
            1.05,
            1.0,
        ),
    ] {
        section.goals.push(Goal {
            figure,
            unit: "×",
            found: ratio(of, one, cpu),
            at_least,
            aim,
            better: Better::Less,
        });
    }
}

/// What is compared, and how it is shown.
struct Measured {
    caption: String,
    contenders: Vec<Contender>,
    column: &'static str,
    /// Of each contender; those beyond are not plotted.
    x: Vec<f64>,
    plot: &'static str,
    title: &'static str,
    label: &'static str,
    /// Of both axes.
    scales: [Scale; 2],
    round: Duration,
}

/// Measures, and adds a table and a plot; what each contender's rounds found.
fn measured_rows(section: &mut Section, mut measured: Measured) -> Vec<Vec<Round>> {
    for contender in &mut measured.contenders {
        contender.warm_up(WARM_UP);
    }
    let found = rounds(&mut measured.contenders, ROUNDS, measured.round);
    let row = |(contender, rounds): (&Contender, &Vec<Round>)| {
        let figure = |figure: fn(&Round) -> f64| spread(rounds, figure);
        let unexpected: usize = rounds.iter().map(|round| round.unexpected).sum();
        vec![
            contender.name.clone(),
            format!("{:.2}", ratio(rounds, &found[0], |round| round.cpu)),
            format!("{:.1}", figure(|round| round.cpu).median),
            format!("{:.0}", figure(|round| round.rate).median),
            format!("{:.0}", figure(|round| round.p50).median),
            format!("{:.0}", figure(|round| round.p99).median),
            format!("{:.2}", figure(|round| round.busy).median),
            format!("{:.4}", figure(|round| round.others).most),
            unexpected.to_string(),
        ]
    };
    let columns = [
        measured.column,
        "CPU a call, × the first",
        "CPU µs a call",
        "calls a second",
        "p50 µs",
        "p99 µs",
        "busy",
        "others",
        "unexpected",
    ];
    section.tables.push(Table {
        caption: measured.caption,
        columns: columns.map(str::to_owned).into(),
        rows: measured.contenders.iter().zip(&found).map(row).collect(),
    });
    let medians = found.iter().map(|rounds| spread(rounds, |round| round.cpu));
    section.plots.push(Plot {
        name: measured.plot,
        title: measured.title.to_owned(),
        x: Axis {
            label: measured.label,
            scale: measured.scales[0],
        },
        y: Axis {
            label: "CPU µs a call",
            scale: measured.scales[1],
        },
        lines: vec![Line {
            name: "Hookwarden".to_owned(),
            points: measured
                .x
                .into_iter()
                .zip(medians.map(|found| found.median))
                .collect(),
        }],
    });
    found
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).expect("a small number"))
}

fn kilobytes(bytes: usize) -> f64 {
    count(bytes) / 1000.0
}
