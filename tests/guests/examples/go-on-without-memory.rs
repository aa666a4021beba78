//! Is refused memory, and decides as if nothing had happened.

use hookwarden_sdk::Failure;

fn misbehave(_call: &str) -> Result<(), Failure> {
    let mut too_much: Vec<u8> = Vec::new();
    if too_much.try_reserve_exact(64 << 20).is_ok() {
        return Err(Failure::other("there was room"));
    }
    Ok(())
}

guests::every_hook!(misbehave);
