//! Writes the call to its log, and says all of it when it gives up.

use hookwarden_sdk::{Failure, log};

fn misbehave(call: &str) -> Result<(), Failure> {
    log::info(call);
    log::error(call);
    println!("{call}");
    eprintln!("{call}");
    Err(Failure::invalid_call(call))
}

guests::every_hook!(misbehave);
