//! Hosts with a configuration and policies of their own.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use tests::calls::SECRET;

/// The bundled rule.
pub(crate) fn rule() -> Vec<u8> {
    fs::read(tests::plugins::ONLY_EXAMPLE_COM).expect("a component")
}

/// Writes what a host serves: policies with their names, and the configuration, to
/// which `more` is added after `[okta]`.
pub(crate) fn lay_out(
    folder: &Path,
    policies: impl IntoIterator<Item = (String, Vec<u8>)>,
    more: &str,
) {
    let secret = folder.join("secret");
    let mut config = "[operator]\nlisten = '127.0.0.1:0'\n".to_owned();
    // Connections wait for their turn while another server is measured.
    let _ = writeln!(
        config,
        "[okta]\nlisten = '127.0.0.1:0'\nhead_timeout = '1h'\nsecrets = [{{ file = '{}' }}]",
        secret.display()
    );
    config += more;
    let to = folder.join("policies");
    fs::create_dir_all(&to).expect("a folder");
    for (name, component) in policies {
        fs::write(to.join(format!("{name}.wasm")), component).expect("written");
    }
    fs::write(secret, SECRET).expect("written");
    fs::write(folder.join("hookwarden.toml"), config).expect("written");
}
