//! Admits addresses of one domain that is not ASCII, in both of its spellings.

use hookwarden_sdk::email::is_same_domain;
use hookwarden_sdk::registration::{Call, Decision};

fn decide(call: Call) -> Decision {
    match call.email_domain() {
        Some(domain) if is_same_domain(domain, "bücher.example") => Decision::allow(),
        _ => Decision::deny_field("email", "Only bücher.example addresses can register."),
    }
}

hookwarden_sdk::export!(registration = decide);
