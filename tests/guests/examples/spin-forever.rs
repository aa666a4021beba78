//! Computes and never returns.

use hookwarden_sdk::registration::{Call, Decision};

fn decide(call: Call) -> Decision {
    let mut n = call.json().len();
    while std::hint::black_box(n) != 0 {
        n = std::hint::black_box(n) | 1;
    }
    Decision::allow()
}

hookwarden_sdk::export!(registration = decide);
