//! Folders of policies that all differ, by the same component.

use std::fs;
use std::path::Path;

/// What a configuration begins with: ports that the system chooses, and idle
/// connections that stay open between two windows.
pub(crate) const LISTENERS: &str =
    "[okta]\nlisten = '127.0.0.1:0'\nhead_timeout = '1h'\n[operator]\nlisten = '127.0.0.1:0'\n";

/// The bundled rule.
pub(crate) fn rule() -> Vec<u8> {
    fs::read(tests::plugins::ONLY_EXAMPLE_COM).expect("a component")
}

/// The component in this file, made another by a custom section that nobody reads:
/// its code has to be compiled again.
pub(crate) fn distinct(component: &str, number: u64) -> Vec<u8> {
    const CUSTOM: u8 = 0;
    const NAME: &[u8] = b"n";
    let mut bytes = fs::read(component).expect("a component");
    let number = number.to_le_bytes();
    // Lengths below 128 are one byte each.
    bytes.extend([CUSTOM, 10, 1]);
    bytes.extend(NAME);
    bytes.extend(number);
    bytes
}

/// A hook that is named as its only policy.
pub(crate) fn hook(name: &str) -> String {
    format!("[hooks.{name}]\ntype = 'registration'\npolicies = ['{name}']\n")
}

/// Writes policies `p-0`, `p-1` and so on to the folder, each with a hook of its
/// own, and the configuration.
pub(crate) fn write_many(folder: &Path, component: &str, number: u64) {
    let policies = folder.join("policies");
    fs::create_dir(&policies).expect("a folder");
    let mut config = LISTENERS.to_owned();
    for number in 0..number {
        let name = format!("p-{number}");
        let file = policies.join(format!("{name}.wasm"));
        fs::write(file, distinct(component, number)).expect("written");
        config += &hook(&name);
    }
    fs::write(folder.join("hookwarden.toml"), config).expect("written");
}
