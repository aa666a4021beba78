//! Computes without end as soon as it is instantiated.

use hookwarden_sdk::registration::{Call, Decision};

/// Runs at instantiation: that is what this name is for.
#[unsafe(no_mangle)]
pub extern "C" fn _initialize() {
    let mut n = 1_u64;
    while std::hint::black_box(n) != 0 {
        n = std::hint::black_box(n) | 1;
    }
}

fn decide(_call: Call) -> Decision {
    Decision::allow()
}

hookwarden_sdk::export!(registration = decide);
