//! Denies, and says in its reason what it knows of its evaluation.

use hookwarden_sdk::evaluation;
use hookwarden_sdk::registration::{Call, Decision};

fn decide(_call: Call) -> Decision {
    let remaining = evaluation::remaining().as_millis();
    let within = if remaining <= 250 { "within" } else { "beyond" };
    Decision::deny().reason(format!("hook={} remaining={within}", evaluation::hook()))
}

hookwarden_sdk::export!(registration = decide);
