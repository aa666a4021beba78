//! Says that it could not decide, and quotes the call.

use hookwarden_sdk::Failure;

fn misbehave(call: &str) -> Result<(), Failure> {
    let message = format!("the register does not know {call}");
    Err(Failure::unavailable(message))
}

guests::every_hook!(misbehave);
