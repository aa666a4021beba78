//! Carries 300 KB of data with it, as a policy with a list of its own would.

use hookwarden_sdk::registration::{Call, Decision};

static LIST: [u8; 300_000] = [7; 300_000];

fn decide(call: Call) -> Decision {
    match std::hint::black_box(&LIST)[call.json().len()] {
        7 => Decision::allow(),
        _ => Decision::deny(),
    }
}

hookwarden_sdk::export!(registration = decide);
