//! Fills megabytes of memory by single instructions, for ever.

use hookwarden_sdk::registration::{Call, Decision};

fn decide(_call: Call) -> Decision {
    let mut memory = vec![0_u8; 8 << 20];
    let mut byte = 0_u8;
    loop {
        byte = byte.wrapping_add(1);
        std::hint::black_box(&mut memory).fill(byte);
    }
}

hookwarden_sdk::export!(registration = decide);
