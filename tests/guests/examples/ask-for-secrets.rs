//! Asks for a secret, which nobody granted.

use hookwarden_sdk::bindings::capabilities::hookwarden::policy::secrets;
use hookwarden_sdk::registration::{Call, Decision};

fn decide(_call: Call) -> Decision {
    match secrets::get("key") {
        Some(_) => Decision::allow(),
        None => Decision::deny(),
    }
}

hookwarden_sdk::export!(registration = decide);
