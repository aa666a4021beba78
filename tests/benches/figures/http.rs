//! What a call costs over HTTP, against servers that are not as careful.
//!
//! All servers run at the same time, each is a process of its own on the first core,
//! and in every round each is called in its turn, by the same bytes.

use std::path::Path;
use std::process::Command;
use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;
use tests::load::closed::Load;
use tests::serving::lay_out;

use super::contender::{Contender, Round, ratio, rounds, spread};
use super::policies::rule;
use super::report::{self, Axis, Better, Goal, Line, Plot, Scale, Section, Table};
use super::server::{self, Server};
use super::{express, watch};
use tests::calls::{self, ADMITTED, DENIED, HEADERS, ORDINARY, PATH};

const CONNECTIONS: usize = 64;

/// For the table of latencies.
const FEWER: [usize; 4] = [1, 4, 16, 64];

/// A compiler of JavaScript takes its time.
const WARM_UP: Duration = Duration::from_secs(6);

const BRIEF_WARM_UP: Duration = Duration::from_secs(1);

const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_secs(2);

const BRIEF_ROUNDS: usize = 5;
const BRIEF_ROUND: Duration = Duration::from_secs(1);

const OURS: &str = "Hookwarden";
const COMPILED_IN: &str = "N1: the same host, the rule compiled in";
const BARE: &str = "N2: bare axum, the rule compiled in";
const EXPRESS: &str = "Express 5";
const FIXED: &str = "a fixed answer";

/// Servers with their names.
type Servers = Vec<(&'static str, Rc<Server>)>;

pub(crate) fn measure() -> Section {
    server::pin_to_load_core();
    let folder = tempfile::tempdir().expect("a folder");
    let mut section = Section {
        title: "Over HTTP",
        text: vec![format!(
            "The bundled rule, called over keep-alive connections with a sign-up of {} bytes, each call a new one. \
             The load is a closed loop of one thread that never sleeps. \
             Hookwarden and N1 have a secret, and otherwise their defaults: limits, validation, a line of the log for each call, metrics, kept answers. \
             N2 and Express do none of that. A ratio is of two turns in one round.",
            calls::sign_up(DENIED, ORDINARY).to_string().len()
        )],
        ..Section::default()
    };
    let mut servers = start(folder.path());
    match express::start(&report::folder().join("express")) {
        Ok(server) => servers.push((EXPRESS, Rc::new(server))),
        Err(why) => section
            .text
            .push(format!("Express was not measured: {why}.")),
    }
    let program = own(folder.path(), "fixed-answer", " listening=");
    servers.push((FIXED, Rc::new(program)));

    denied(&servers, &mut section);
    servers.retain(|(name, _)| ![EXPRESS, FIXED].contains(name));
    admitted(&servers, &mut section);
    latency(&servers, &mut section);
    section
}

/// The three that are compared in everything.
fn start(folder: &Path) -> Servers {
    let [ours, compiled_in] = ["ours", "compiled-in"].map(|name| {
        let folder = folder.join(name);
        std::fs::create_dir(&folder).expect("a folder");
        let policies = [("only-example-com".to_owned(), rule())];
        lay_out(&folder, policies, "");
        folder
    });
    let ours = Server::host(&ours);
    watch::until_ready(&ours);
    let compiled_in = own(&compiled_in, "compiled-in", " okta=");
    let bare = own(folder, "bare-axum", " listening=");
    [(OURS, ours), (COMPILED_IN, compiled_in), (BARE, bare)]
        .map(|(name, server)| (name, Rc::new(server)))
        .into()
}

/// A server that is part of this program.
fn own(folder: &Path, name: &str, before: &str) -> Server {
    let program = std::env::current_exe().expect("this program");
    let mut command = Command::new(program);
    command.args(["serve", name]);
    Server::spawn(command, folder, before)
}

fn contender(
    (name, server): &(&'static str, Rc<Server>),
    email: &str,
    connections: usize,
) -> Contender {
    let call = calls::sign_up(email, ORDINARY);
    let paths = vec![PATH.to_owned()];
    let load = Load::new(server.address, connections, paths, HEADERS, &call);
    Contender::new(*name, server, load)
}

/// Contenders that give the same answer to one kind of call.
fn contenders(servers: &Servers, email: &str) -> Vec<Contender> {
    let contenders: Vec<_> = servers
        .iter()
        .map(|server| contender(server, email, CONNECTIONS))
        .collect();
    let answer = |contender: &Contender| -> (String, Option<Value>) {
        let (head, body) = contender.first_answer();
        let status = head.chars().take("HTTP/1.1 200".len()).collect();
        let body = serde_json::from_str(body);
        (status, body.ok())
    };
    for contender in contenders.iter().filter(|one| one.name != FIXED) {
        let expected = answer(&contenders[0]);
        assert_eq!(answer(contender), expected, "{}", contender.name);
    }
    contenders
}

fn denied(servers: &Servers, section: &mut Section) {
    let mut contenders = contenders(servers, DENIED);
    for contender in &mut contenders {
        contender.warm_up(WARM_UP);
    }
    let found = rounds(&mut contenders, ROUNDS, ROUND);
    let of = |wanted: &str| {
        let at = contenders.iter().position(|one| one.name == wanted);
        at.map(|at| found[at].as_slice())
    };
    let caption = format!(
        "Calls that are denied, {CONNECTIONS} connections, {ROUNDS} rounds of {} s each.",
        ROUND.as_secs()
    );
    section.tables.push(table(caption, &contenders, &found));

    let ours = of(OURS).expect("measured");
    let cpu = |round: &Round| round.cpu;
    for (figure, other, at_least, aim) in [
        (
            "CPU per call against N1 (rule compiled in)",
            COMPILED_IN,
            1.8,
            1.3,
        ),
        ("CPU per call against N2 (bare axum)", BARE, 2.2, 1.6),
    ] {
        let other = of(other).expect("measured");
        section.goals.push(Goal {
            figure,
            unit: "×",
            found: ratio(ours, other, cpu),
            at_least,
            aim,
            better: Better::Less,
        });
    }
    if let Some(express) = of(EXPRESS) {
        section.goals.push(Goal {
            figure: "CPU of Express 5 against ours",
            unit: "×",
            found: ratio(express, ours, cpu),
            at_least: 6.0,
            aim: 8.0,
            better: Better::More,
        });
    }
    let (fixed, bare) = (of(FIXED), of(BARE));
    let ceiling = ratio(fixed.expect("measured"), bare.expect("measured"), |round| {
        round.rate
    });
    let others = found.iter().flatten().map(|round| round.others);
    section.text.push(format!(
        "That the server is what is measured: the column *busy* is the part of the time in which it had its core; \
         the load alone, against a server that does nothing, makes {ceiling} times the calls of N2; \
         and while one was measured all others together took at most {:.2}% of the core.",
        others.fold(0.0, f64::max) * 100.0
    ));
}

fn admitted(servers: &Servers, section: &mut Section) {
    let mut contenders = contenders(servers, ADMITTED);
    for contender in &mut contenders {
        contender.warm_up(BRIEF_WARM_UP);
    }
    let found = rounds(&mut contenders, BRIEF_ROUNDS, BRIEF_ROUND);
    let caption = format!(
        "Calls that are admitted, {CONNECTIONS} connections, {BRIEF_ROUNDS} rounds of {} s each.",
        BRIEF_ROUND.as_secs()
    );
    section.tables.push(table(caption, &contenders, &found));
}

fn table(caption: String, contenders: &[Contender], found: &[Vec<Round>]) -> Table {
    let row = |(contender, rounds): (&Contender, &Vec<Round>)| {
        let figure = |figure: fn(&Round) -> f64| spread(rounds, figure);
        let against = |figure: fn(&Round) -> f64| ratio(rounds, &found[0], figure);
        let unexpected: usize = rounds.iter().map(|round| round.unexpected).sum();
        vec![
            contender.name.clone(),
            format!("{:.2}", against(|round| round.cpu)),
            format!("{:.2}", against(|round| round.rate)),
            format!("{:.1}", figure(|round| round.cpu).median),
            format!("{:.0}", figure(|round| round.rate).median),
            format!("{:.0}", figure(|round| round.p50).median),
            format!("{:.0}", figure(|round| round.p99).median),
            format!("{:.0}", figure(|round| round.p999).median),
            format!("{:.2}", figure(|round| round.busy).median),
            unexpected.to_string(),
        ]
    };
    let columns = [
        "server",
        "CPU a call, × ours",
        "calls a second, × ours",
        "CPU µs a call",
        "calls a second",
        "p50 µs",
        "p99 µs",
        "p99.9 µs",
        "busy",
        "unexpected",
    ];
    Table {
        caption,
        columns: columns.map(str::to_owned).into(),
        rows: contenders.iter().zip(found).map(row).collect(),
    }
}

fn latency(servers: &Servers, section: &mut Section) {
    let mut rows = Vec::new();
    let mut lines: Vec<_> = servers
        .iter()
        .map(|(name, _)| Line {
            name: (*name).to_owned(),
            points: Vec::new(),
        })
        .collect();
    for (connections, x) in FEWER.map(|connections| (connections, f64_of(connections))) {
        let mut contenders: Vec<_> = servers
            .iter()
            .map(|server| contender(server, DENIED, connections))
            .collect();
        let found = rounds(&mut contenders, BRIEF_ROUNDS, BRIEF_ROUND);
        for ((rounds, contender), line) in found.iter().zip(&contenders).zip(&mut lines) {
            let figure = |figure: fn(&Round) -> f64| spread(rounds, figure);
            let p50 = figure(|round| round.p50);
            let against = ratio(rounds, &found[0], |round| round.p50);
            rows.push(vec![
                contender.name.clone(),
                connections.to_string(),
                format!("{p50:.0}"),
                format!("{:.0}", figure(|round| round.p99)),
                format!("{:.0}", figure(|round| round.p999)),
                format!("{against:.2}"),
            ]);
            line.points.push((x, p50.median));
        }
    }
    let columns = [
        "server",
        "connections",
        "p50 µs",
        "p99 µs",
        "p99.9 µs",
        "p50, × ours",
    ];
    section.tables.push(Table {
        caption: "Latency of calls that are denied, as the medians of the rounds. \
                  Each connection calls again at once, so that the server has all the calls that it can take."
            .to_owned(),
        columns: columns.map(str::to_owned).into(),
        rows,
    });
    section.plots.push(Plot {
        name: "latency",
        title: "Latency by connections that call at once".to_owned(),
        x: Axis {
            label: "connections",
            scale: Scale::Logarithmic,
        },
        y: Axis {
            label: "p50 in µs",
            scale: Scale::Logarithmic,
        },
        lines,
    });
}

fn f64_of(count: usize) -> f64 {
    f64::from(u32::try_from(count).expect("a small number"))
}
