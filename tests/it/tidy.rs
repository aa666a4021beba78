//! The rules of the code that a test can hold.

use std::fs;
use std::path::{Path, PathBuf};

/// The floors of the host, from the lowest. A module uses lower floors only.
const FLOORS: [&[&str]; 9] = [
    &[
        "allocator",
        "bindings",
        "files",
        "json",
        "storage",
        "telemetry",
    ],
    &["capabilities", "okta"],
    &["sandbox"],
    &["policy"],
    &["hook"],
    &["server"],
    &["config"],
    &["package", "trial"],
    &["cli"],
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Sources below a folder, with their paths from the root.
fn sources(folder: &str) -> Vec<(String, String)> {
    let root = root();
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                if path.file_name().is_some_and(|name| name != "target") {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a source");
                let name = path.strip_prefix(&root).expect("below the root");
                found.push((name.display().to_string(), text));
            }
        }
    }
    assert!(!found.is_empty(), "no sources in {folder}");
    found
}

fn module(path: &str) -> &str {
    let inside = path.strip_prefix("host/src/").expect("the host's");
    inside.split(['/', '.']).next().unwrap_or(inside)
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

#[test]
fn every_source_says_what_it_is() {
    for folder in ["host", "plugin-sdk", "plugins", "tests"] {
        for (path, text) in sources(folder) {
            assert!(text.starts_with("//! "), "{path} does not begin with `//!`");
        }
    }
}

#[test]
fn arrows_go_down_the_floors_only() {
    for (path, text) in sources("host/src") {
        let own = module(&path);
        let Some(own_floor) = floor(own) else {
            assert!(["lib", "main"].contains(&own), "{path} is on no floor");
            continue;
        };
        for (_, used) in text
            .match_indices("crate::")
            .map(|(at, name)| text.split_at(at + name.len()))
        {
            let used = used
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .next()
                .unwrap_or_default();
            if used == own {
                continue;
            }
            let below = floor(used).is_some_and(|floor| floor < own_floor);
            assert!(below, "{path} uses `{used}`, which is not below `{own}`");
        }
    }
}

#[test]
fn each_library_stays_on_its_floors() {
    for (library, modules) in [
        ("wasmtime", &["sandbox", "capabilities", "bindings"][..]),
        ("wasmtime_wasi", &["sandbox", "capabilities"]),
        ("wasmtime_wasi_http", &["sandbox", "capabilities"]),
        ("axum", &["server"]),
        ("hyper", &["server", "capabilities"]),
        ("hyper_util", &["server", "capabilities"]),
        ("http_body_util", &["server", "capabilities"]),
        ("rusqlite", &["capabilities"]),
        ("rustls", &["capabilities"]),
        ("tokio_rustls", &["capabilities"]),
        ("tower", &["server", "capabilities"]),
        ("tower_http", &["server"]),
        ("clap", &["cli"]),
        (
            "rustix",
            &[
                "capabilities",
                "files",
                "policy",
                "sandbox",
                "storage",
                "telemetry",
            ],
        ),
        ("thread_priority", &["sandbox"]),
        ("notify", &["policy", "cli"]),
        ("wasmparser", &["policy"]),
    ] {
        for (path, text) in sources("host/src") {
            if modules.contains(&module(&path)) {
                continue;
            }
            let named =
                text.contains(&format!("{library}::")) || text.contains(&format!("use {library};"));
            assert!(!named, "{path} names `{library}`");
        }
    }
}

#[test]
fn the_environment_is_read_in_one_place() {
    for (path, text) in sources("host/src") {
        if path != "host/src/config.rs" {
            assert!(!text.contains("env::var"), "{path} reads the environment");
        }
    }
}

#[test]
fn an_import_of_the_contract_has_a_file_in_the_host_and_one_in_the_sdk_or_neither() {
    let worlds = fs::read_to_string(root().join("wit/worlds.wit")).expect("the contract");
    let imports: Vec<_> = worlds
        .lines()
        .filter_map(|line| line.trim().strip_prefix("import ")?.strip_suffix(';'))
        .collect();
    assert!(imports.contains(&"log"));
    for import in imports {
        let file = match import.split_once('/') {
            Some(("wasi:keyvalue", _)) => "key_value".to_owned(),
            Some(("wasi:http", _)) => "http".to_owned(),
            _ => import.replace('-', "_"),
        };
        let host = root()
            .join(format!("host/src/capabilities/{file}.rs"))
            .exists();
        let sdk = root().join(format!("plugin-sdk/src/{file}.rs")).exists();
        assert_eq!(host, sdk, "`{import}`");
    }
}

/// A released version is one file with every signature, without documentation.
/// Within a line, what was released stays; the contract grows by whole lines.
#[test]
fn a_released_contract_does_not_change() {
    let wit = root().join("wit");
    let signatures = |folder: &Path| -> Vec<String> {
        let Ok(entries) = fs::read_dir(folder) else {
            return Vec::new();
        };
        let mut files: Vec<_> = entries
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "wit"))
            .collect();
        files.sort();
        let text: String = files
            .iter()
            .map(|file| fs::read_to_string(file).expect("a file"))
            .collect();
        let is_signature = |line: &&str| {
            let line = line.trim();
            !line.is_empty() && !line.starts_with("//") && !line.starts_with("@since")
        };
        text.lines()
            .filter(is_signature)
            .map(str::to_owned)
            .collect()
    };
    let now = signatures(&wit);
    let package = now.iter().find(|line| line.starts_with("package "));
    assert_eq!(
        package.map(String::as_str),
        Some("package hookwarden:policy@0.1.0;")
    );
    for released in signatures(&wit.join("released")) {
        assert!(
            now.contains(&released),
            "`{released}` was released and is gone"
        );
    }
}

#[test]
fn every_guest_is_used() {
    let tests: String = sources("tests/it")
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    for (path, _) in sources("tests/guests/examples") {
        let name = Path::new(&path)
            .file_stem()
            .and_then(|stem| stem.to_str())
            .expect("a name");
        let constant = format!("guests::{}", name.replace('-', "_").to_uppercase());
        assert!(tests.contains(&constant), "no test uses `{name}`");
    }
}

#[test]
fn no_test_is_skipped_or_waits_for_a_panic() {
    let attributes = ["ignore", "should_panic"].map(|name| format!("#[{name}"));
    for folder in ["host", "plugin-sdk", "plugins", "tests"] {
        for (path, text) in sources(folder) {
            for attribute in &attributes {
                assert!(
                    !text.contains(attribute.as_str()),
                    "{path} has `{attribute}]`"
                );
            }
        }
    }
}

#[test]
fn the_readme_names_every_module_of_the_host() {
    let readme = fs::read_to_string(root().join("README.md")).expect("the README");
    for module in FLOORS.iter().copied().flatten() {
        assert!(
            readme.contains(&format!("{module}.rs")),
            "README has no `{module}.rs`"
        );
    }
}
