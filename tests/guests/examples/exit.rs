//! Ends its program, as if it were one.

use hookwarden_sdk::registration::{Call, Decision};

fn decide(_call: Call) -> Decision {
    std::process::exit(0)
}

hookwarden_sdk::export!(registration = decide);
