//! What Hookwarden costs: every figure that the README gives, and the report behind it.
//!
//! ```text
//! cargo bench --package tests --profile dist                       # all sections
//! cargo bench --package tests --profile dist -- http scaling       # some
//! .ci/dist bench http scaling                                      # of a trained build
//! ```
//!
//! Needs Linux, two cores and `taskset`; Node.js and `npm` for one row. Whatever is
//! measured runs on the first core, whoever measures on the second, and what is
//! compared runs in turns, so that what the machine does besides hits both. The
//! figures are ratios. They are printed, and written to `figures/report.md` in the
//! target folder.

#![expect(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "what a benchmark finds is what it prints"
)]

mod bare_axum;
mod compiled_in;
mod contender;
mod evaluation;
mod express;
mod fixed_answer;
mod http;
mod machine;
mod neighbours;
mod plot;
mod policies;
mod reload;
mod report;
mod scaling;
mod server;
mod spread;
mod start;
mod watch;

use std::process::ExitCode;

use report::Section;

type Measure = fn() -> Section;

/// In the order of the report.
const SECTIONS: [(&str, Measure); 6] = [
    ("evaluation", evaluation::measure),
    ("http", http::measure),
    ("scaling", scaling::measure),
    ("start", start::measure),
    ("reload", reload::measure),
    ("neighbours", neighbours::measure),
];

fn main() -> ExitCode {
    // Cargo adds `--bench`.
    let arguments: Vec<_> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["serve", "compiled-in"] => compiled_in::serve(),
        ["serve", "bare-axum"] => bare_axum::serve(),
        ["serve", "fixed-answer"] => fixed_answer::serve(),
        ref names => return measure(names),
    }
    ExitCode::SUCCESS
}

/// Measures the sections with these names, or all.
fn measure(names: &[&str]) -> ExitCode {
    let known = SECTIONS.map(|(name, _)| name);
    if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
        let known = known.join(", ");
        eprintln!("there is no section `{unknown}`; there are: {known}");
        return ExitCode::FAILURE;
    }
    server::raise_priority();
    let wanted = SECTIONS
        .iter()
        .filter(|(name, _)| names.is_empty() || names.contains(name));
    let mut sections = Vec::new();
    for (name, measure) in wanted {
        eprintln!("measuring: {name}");
        let section = measure();
        println!("{section}");
        sections.push(section);
    }
    let written = report::write(&machine::facts(), &sections);
    println!("written to {}", written.display());
    ExitCode::SUCCESS
}
