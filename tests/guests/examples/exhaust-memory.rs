//! Allocates without end.

use hookwarden_sdk::registration::{Call, Decision};

fn decide(_call: Call) -> Decision {
    let mut hoard = Vec::new();
    loop {
        hoard.push(std::hint::black_box(vec![1_u8; 1 << 20]));
        if hoard.len() > 1 << 20 {
            return Decision::allow();
        }
    }
}

hookwarden_sdk::export!(registration = decide);
