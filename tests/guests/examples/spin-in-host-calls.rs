//! Asks the host for next to nothing, for ever.

use hookwarden_sdk::evaluation;
use hookwarden_sdk::registration::{Call, Decision};

fn decide(_call: Call) -> Decision {
    loop {
        std::hint::black_box(evaluation::remaining());
    }
}

hookwarden_sdk::export!(registration = decide);
