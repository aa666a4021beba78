//! Serves a hook that this version of the host does not.

use hookwarden_sdk::event::{Event, Outcome};

fn handle(_event: Event) -> Outcome {
    Outcome::Ignored
}

hookwarden_sdk::export!(event = handle);
