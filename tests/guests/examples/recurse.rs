//! Recurses without end, and keeps nothing in its own memory.

use hookwarden_sdk::registration::{Call, Decision};

/// Neither a loop nor a tail call can do this.
#[inline(never)]
fn depth(n: u64) -> u64 {
    if n == 0 {
        return 1;
    }
    depth(n - 1).wrapping_mul(31) ^ n
}

fn decide(call: Call) -> Decision {
    let deep = u64::MAX - u64::from(call.json().is_empty());
    match depth(deep) {
        0 => Decision::deny(),
        _ => Decision::allow(),
    }
}

hookwarden_sdk::export!(registration = decide);
