//! The binary `hookwarden`, as `host/src/main.rs` has it, where the tests of this
//! package can find it.

use std::process::ExitCode;

fn main() -> ExitCode {
    hookwarden::cli::run()
}
