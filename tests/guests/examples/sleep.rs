//! Waits for an hour.

use hookwarden_sdk::registration::{Call, Decision};

fn decide(_call: Call) -> Decision {
    std::thread::sleep(std::time::Duration::from_secs(3600));
    Decision::allow()
}

hookwarden_sdk::export!(registration = decide);
