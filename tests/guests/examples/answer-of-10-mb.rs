//! Returns a reason of 10 MB.

use hookwarden_sdk::registration::{Call, Decision};

fn decide(_call: Call) -> Decision {
    Decision::allow().reason("x".repeat(10 << 20))
}

hookwarden_sdk::export!(registration = decide);
