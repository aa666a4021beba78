//! Allocates without end as soon as it is instantiated.

use hookwarden_sdk::registration::{Call, Decision};

/// Runs at instantiation: that is what this name is for.
#[unsafe(no_mangle)]
pub extern "C" fn _initialize() {
    let mut hoard = Vec::new();
    while hoard.len() < 1 << 20 {
        hoard.push(std::hint::black_box(vec![1_u8; 1 << 20]));
    }
}

fn decide(_call: Call) -> Decision {
    Decision::allow()
}

hookwarden_sdk::export!(registration = decide);
