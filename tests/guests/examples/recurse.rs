//! Recurses without end, and keeps nothing in its own memory.

use hookwarden_sdk::Failure;

/// Neither a loop nor a tail call can do this.
#[inline(never)]
fn depth(n: u64) -> u64 {
    if n == 0 {
        return 1;
    }
    depth(n - 1).wrapping_mul(31) ^ n
}

fn misbehave(call: &str) -> Result<(), Failure> {
    let deep = u64::MAX - u64::from(call.is_empty());
    match depth(deep) {
        0 => Err(Failure::other("it ended")),
        _ => Ok(()),
    }
}

guests::every_hook!(misbehave);
