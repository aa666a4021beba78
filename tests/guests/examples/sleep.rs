//! Waits for an hour.

use hookwarden_sdk::Failure;

fn misbehave(_call: &str) -> Result<(), Failure> {
    std::thread::sleep(std::time::Duration::from_secs(3600));
    Ok(())
}

guests::every_hook!(misbehave);
