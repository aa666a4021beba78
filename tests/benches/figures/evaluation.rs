//! What one evaluation costs against the function that it runs, and where the time
//! goes. One thread, no HTTP.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use hookwarden::config;
use hookwarden::hook::Hooks;
use hookwarden::okta::{Call, HookType};
use hookwarden::policy::{Conditions, Folder, Grantor, Loader, Policy, Question, Registry};
use hookwarden::sandbox::{Compiler, Parts, Sandbox};
use tests::{compiled_in, plugins};

use super::report::{Better, Goal, Section, Table};
use super::server;
use super::spread::Spread;
use tests::calls::{self, DENIED, ORDINARY};

const ROUNDS: usize = 15;

/// Of each in each round.
const EVALUATIONS: u32 = 5_000;

pub(crate) fn measure() -> Section {
    server::pin_to_load_core();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let call = calls::sign_up(DENIED, ORDINARY).to_string();
    let call = Call::parse(HookType::Registration, call.as_bytes()).expect("a call");
    let rounds = runtime.block_on(async {
        let policy = load().await;
        let mut rounds = Vec::new();
        // What is compiled on first use, and filled, is not measured.
        Round::measure(&policy, &call).await;
        for _ in 0..ROUNDS {
            rounds.push(Round::measure(&policy, &call).await);
        }
        rounds
    });
    let ratio = Spread::of(rounds.iter().map(|round| round.whole / round.function));
    Section {
        title: "One evaluation",
        text: vec![format!(
            "The bundled rule on a sign-up of {} bytes, on one thread: as a function of this program, and as a component, in a fresh instance with all limits. \
             {ROUNDS} rounds of {EVALUATIONS} each. The parts are timed in evaluations of their own; looking at the clock between them costs each about 0.03 µs.",
            call.body().len()
        )],
        goals: vec![Goal {
            figure: "one evaluation in a fresh instance against the function itself",
            unit: "×",
            found: ratio,
            at_least: 7.0,
            aim: 4.5,
            better: Better::Less,
        }],
        tables: vec![table(&rounds)],
        plots: Vec::new(),
    }
}

/// Microseconds.
struct Round {
    function: f64,
    whole: f64,
    parts: [f64; 6],
}

const PARTS: [&str; 6] = [
    "making a store, with its limits",
    "making an instance",
    "handing the call over (lower)",
    "the guest",
    "taking the answer (lift)",
    "dropping both, and resetting the memory",
];

impl Round {
    async fn measure(policy: &Policy, call: &Call) -> Self {
        let started = Instant::now();
        for _ in 0..EVALUATIONS {
            let decided = compiled_in::decide(String::clone(black_box(call.body())));
            black_box(decided).expect("a decision");
        }
        let function = started.elapsed();

        let hook = Arc::from("registration");
        let question = || Question {
            hook: &hook,
            call,
            called: SystemTime::now(),
            deadline: Instant::now() + Duration::from_secs(1),
            conditions: Conditions::NONE,
        };
        let started = Instant::now();
        for _ in 0..EVALUATIONS {
            let evaluation = policy.decide(question()).await;
            evaluation.result.expect("a decision");
        }
        let whole = started.elapsed();

        let mut parts = [Duration::ZERO; 6];
        for _ in 0..EVALUATIONS {
            let timed = policy.time_parts(question()).await.expect("a decision");
            let Parts {
                store,
                instantiate,
                lower,
                guest,
                lift,
                drop,
            } = timed;
            for (sum, part) in parts
                .iter_mut()
                .zip([store, instantiate, lower, guest, lift, drop])
            {
                *sum += part;
            }
        }
        let each = |time: Duration| time.as_secs_f64() * 1e6 / f64::from(EVALUATIONS);
        Self {
            function: each(function),
            whole: each(whole),
            parts: parts.map(each),
        }
    }
}

fn table(rounds: &[Round]) -> Table {
    let row = |name: &str, figure: &dyn Fn(&Round) -> f64| {
        let micros = Spread::of(rounds.iter().map(figure));
        let against = rounds.iter().map(|round| figure(round) / round.function);
        vec![
            name.to_owned(),
            format!("{micros:.2}"),
            format!("{:.2}", Spread::of(against)),
        ]
    };
    let mut rows = vec![
        row("the function", &|round| round.function),
        row("an evaluation", &|round| round.whole),
    ];
    for (index, name) in PARTS.iter().enumerate() {
        rows.push(row(name, &|round| round.parts[index]));
    }
    rows.push(row(
        "a place, the deadline, the lanes, conversion",
        &|round| (round.whole - round.parts.iter().sum::<f64>()).max(0.0),
    ));
    let columns = ["", "µs", "× the function"];
    Table {
        caption: "Where the time of an evaluation goes.".to_owned(),
        columns: columns.map(str::to_owned).into(),
        rows,
    }
}

/// The bundled policy, in a sandbox with the default limits.
async fn load() -> Policy {
    let folder = tempfile::tempdir().expect("a folder");
    let component = folder.path().join("only-example-com.wasm");
    std::fs::copy(plugins::ONLY_EXAMPLE_COM, component).expect("a component");
    let config = config::parse("", Path::new("none"), &|_: &str| None).expect("the defaults");
    let sandbox = Sandbox::start(&config.sandbox, Compiler::InProcess, None).expect("a sandbox");
    let loader = Loader::new(sandbox, Grantor::default());
    let folders = vec![Folder::only(folder.path().to_owned())];
    let registry = Registry::open(loader, folders, config.policies.clone(), None);
    let mut registry = registry.await.expect("a folder");
    registry.settled().await;
    let hooks = Hooks::new(registry.policies(), &config.hooks, &config.policies);
    let hook = hooks.get("registration").expect("the policy's hook");
    Policy::clone(&hook.chain[0])
}
