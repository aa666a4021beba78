//! Asks the host for next to nothing, for ever.

use hookwarden_sdk::{Failure, evaluation};

fn misbehave(_call: &str) -> Result<(), Failure> {
    loop {
        std::hint::black_box(evaluation::remaining());
    }
}

guests::every_hook!(misbehave);
