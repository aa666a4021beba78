//! Denies if an earlier call left anything behind.

use std::sync::atomic::{AtomicU32, Ordering};

use hookwarden_sdk::registration::{Call, Decision};

static CALLS: AtomicU32 = AtomicU32::new(0);

fn decide(_call: Call) -> Decision {
    if CALLS.fetch_add(1, Ordering::Relaxed) > 0 {
        return Decision::deny();
    }
    Decision::allow()
}

hookwarden_sdk::export!(registration = decide);
