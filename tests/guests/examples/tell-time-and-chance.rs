//! Says in its reason what time it is and a number that is made of random ones.

use std::hash::{BuildHasher as _, RandomState};
use std::time::SystemTime;

use hookwarden_sdk::registration::{Call, Decision};

fn decide(_call: Call) -> Decision {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let seconds = now.map_or(0, |now| now.as_secs());
    let chance = RandomState::new().hash_one(0_u8);
    Decision::allow().reason(format!("{seconds} {chance}"))
}

hookwarden_sdk::export!(registration = decide);
