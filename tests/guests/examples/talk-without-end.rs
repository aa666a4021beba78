//! Hands the host megabyte after megabyte of log lines, for next to no fuel.

use hookwarden_sdk::{Failure, log};

fn misbehave(_call: &str) -> Result<(), Failure> {
    let line = "x".repeat(500_000);
    loop {
        log::info(&line);
    }
}

guests::every_hook!(misbehave);
