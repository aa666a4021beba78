//! Panics with a message that quotes the call.

use hookwarden_sdk::Failure;

fn misbehave(call: &str) -> Result<(), Failure> {
    panic!("cannot decide about {call}");
}

guests::every_hook!(misbehave);
