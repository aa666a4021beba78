//! Parses the whole call, however deep.

use hookwarden_sdk::registration::{Call, Decision};

fn decide(call: Call) -> Decision {
    match call.pointer("/deep") {
        Some(_) => Decision::allow(),
        None => Decision::deny(),
    }
}

hookwarden_sdk::export!(registration = decide);
