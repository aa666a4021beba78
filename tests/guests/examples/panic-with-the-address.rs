//! Panics with a message that quotes the call.

use hookwarden_sdk::registration::{Call, Decision};

fn decide(call: Call) -> Decision {
    panic!("cannot decide about {:?}", call.email());
}

hookwarden_sdk::export!(registration = decide);
