//! Serves a hook that this version of the host does not.

use hookwarden_sdk::token::{Call, Decision};

fn decide(_call: Call) -> Decision {
    Decision::no_opinion()
}

hookwarden_sdk::export!(token = decide);
