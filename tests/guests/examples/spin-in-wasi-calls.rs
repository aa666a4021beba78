//! Asks WASI for the time, for ever.

use hookwarden_sdk::registration::{Call, Decision};

fn decide(_call: Call) -> Decision {
    loop {
        std::hint::black_box(std::time::Instant::now());
    }
}

hookwarden_sdk::export!(registration = decide);
