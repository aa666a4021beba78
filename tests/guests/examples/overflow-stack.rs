//! Calls itself without end.

use hookwarden_sdk::registration::{Call, Decision};

#[allow(unconditional_recursion)]
fn deeper(depth: u64) -> u64 {
    let here = std::hint::black_box([depth; 8]);
    deeper(here[7] + 1) + here[0]
}

fn decide(_call: Call) -> Decision {
    if deeper(0) == 7 {
        return Decision::deny();
    }
    Decision::allow()
}

hookwarden_sdk::export!(registration = decide);
