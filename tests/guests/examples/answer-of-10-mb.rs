//! Returns a failure text of 10 MB.

use hookwarden_sdk::Failure;

fn misbehave(_call: &str) -> Result<(), Failure> {
    Err(Failure::other("x".repeat(10 << 20)))
}

guests::every_hook!(misbehave);
