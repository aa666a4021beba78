//! Ends its program, as if it were one.

use hookwarden_sdk::Failure;

fn misbehave(_call: &str) -> Result<(), Failure> {
    std::process::exit(0)
}

guests::every_hook!(misbehave);
