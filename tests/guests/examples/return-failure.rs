//! Says that it could not decide, and quotes the call.

use hookwarden_sdk::Failure;
use hookwarden_sdk::registration::{Call, Decision};

fn decide(call: Call) -> Result<Decision, Failure> {
    Err(Failure::unavailable(format!(
        "the register does not know {:?}",
        call.email()
    )))
}

hookwarden_sdk::export!(registration = decide);
