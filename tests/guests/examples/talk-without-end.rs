//! Hands the host megabyte after megabyte of log lines, for next to no fuel.

use hookwarden_sdk::log;
use hookwarden_sdk::registration::{Call, Decision};

fn decide(_call: Call) -> Decision {
    let line = "x".repeat(500_000);
    loop {
        log::info(&line);
    }
}

hookwarden_sdk::export!(registration = decide);
