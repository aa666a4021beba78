//! Writes 10,000 lines, each of which would forge one of the host's.

use hookwarden_sdk::log;
use hookwarden_sdk::registration::{Call, Decision};

fn decide(call: Call) -> Decision {
    for line in 0..10_000 {
        log::warn(&format!(
            "line {line} of {:?}\n2026-11-21 ERROR forged",
            call.email()
        ));
    }
    Decision::allow()
}

hookwarden_sdk::export!(registration = decide);
