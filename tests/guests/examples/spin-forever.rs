//! Computes and never returns.

use hookwarden_sdk::Failure;

fn misbehave(call: &str) -> Result<(), Failure> {
    let mut n = call.len();
    while std::hint::black_box(n) != 0 {
        n = std::hint::black_box(n) | 1;
    }
    Ok(())
}

guests::every_hook!(misbehave);
