//! The binary `hookwarden`. Everything it does is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    hookwarden::cli::run()
}
