//! Is refused memory, and decides as if nothing had happened.

use hookwarden_sdk::registration::{Call, Decision};

fn decide(_call: Call) -> Decision {
    let mut too_much: Vec<u8> = Vec::new();
    if too_much.try_reserve_exact(64 << 20).is_ok() {
        return Decision::deny();
    }
    Decision::allow()
}

hookwarden_sdk::export!(registration = decide);
