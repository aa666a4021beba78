//! Builds the guests and the bundled plugins to components, and writes a constant
//! with the path of each.
//!
//! Everything is built in a target folder of its own, by the recipe that
//! `hookwarden build` builds by; nothing has to be run before.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const RECIPE: &str = include_str!("../plugin-sdk/build.env");

const UNKNOWN: &str = "wasm32-unknown-unknown";
const WASI: &str = "wasm32-wasip2";

#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script by the environment"
)]
fn main() {
    for path in [
        "guests",
        "../plugins",
        "../plugin-sdk/Cargo.toml",
        "../plugin-sdk/build.env",
        "../plugin-sdk/src",
        "../wit",
        "../Cargo.toml",
        "../Cargo.lock",
    ] {
        println!("cargo::rerun-if-changed={path}");
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let target_dir = out.join("components");
    for target in [UNKNOWN, WASI] {
        ensure_target(&root, target);
    }

    let guests = root.join("tests/guests");
    let mut guest_constants = String::new();
    for (feature, target) in [("", UNKNOWN), ("idn", UNKNOWN), ("wasi", WASI)] {
        let names = examples(&guests, feature);
        let mut arguments = arguments("--example", &names);
        arguments.insert(0, "build".to_owned());
        arguments.push(format!("--features={feature}"));
        build(&guests, target, &target_dir, &arguments);
        guest_constants += &constants(&target_dir, target, "release/examples", "", &names);
    }
    let plugins = names(&root.join("plugins"), |path| {
        path.join("Cargo.toml").exists()
    });
    let mut plugin_constants = String::new();
    let on_wasi = ["only-example-com".to_owned()];
    for (suffix, target, plugins) in [("", UNKNOWN, &plugins[..]), ("_ON_WASI", WASI, &on_wasi)] {
        for plugin in plugins {
            // A component and nothing else, as `hookwarden build` does: beside a library
            // for Rust cargo optimizes nothing when it links. One package at a time.
            let arguments = [
                "rustc",
                "--lib",
                "--crate-type=cdylib",
                &format!("--package={plugin}"),
            ];
            build(&root, target, &target_dir, &arguments.map(str::to_owned));
        }
        plugin_constants += &constants(&target_dir, target, "release", suffix, plugins);
    }
    fs::write(out.join("guests.rs"), guest_constants).expect("OUT_DIR is writable");
    fs::write(out.join("plugins.rs"), plugin_constants).expect("OUT_DIR is writable");
    fs::write(out.join("compiled_in.rs"), compiled_in(&plugins)).expect("OUT_DIR is writable");
}

/// The guests that need this feature, or none.
fn examples(guests: &Path, feature: &str) -> Vec<String> {
    let manifest = fs::read_to_string(guests.join("Cargo.toml")).expect("a manifest");
    let needs = |name: &str| {
        let entry = manifest
            .split("[[example]]")
            .find(|entry| entry.contains(&format!("\"{name}\"")));
        let (_, features) = entry.and_then(|entry| entry.split_once("required-features = [\""))?;
        features.split('"').next()
    };
    let mut all = names(&guests.join("examples"), |path| {
        path.extension().is_some_and(|extension| extension == "rs")
    });
    all.retain(|name| needs(name).unwrap_or_default() == feature);
    all
}

fn names(folder: &Path, wanted: impl Fn(&Path) -> bool) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let name = |path: PathBuf| {
        path.file_stem()
            .and_then(|stem| stem.to_str())
            .map(str::to_owned)
    };
    let mut names: Vec<_> = paths.filter(|path| wanted(path)).filter_map(name).collect();
    names.sort();
    names
}

fn arguments(option: &str, names: &[String]) -> Vec<String> {
    names
        .iter()
        .map(|name| format!("{option}={name}"))
        .collect()
}

fn ensure_target(root: &Path, target: &str) {
    let rustc = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", target])
        .current_dir(root)
        .output()
        .expect("rustc runs");
    let libraries = String::from_utf8_lossy(&rustc.stdout).trim().to_owned();
    if Path::new(&libraries).exists() {
        return;
    }
    let added = Command::new("rustup")
        .args(["target", "add", target])
        .current_dir(root)
        .status()
        .expect("rustup runs; the tests need Rust's WebAssembly targets");
    assert!(added.success(), "`rustup target add {target}` failed");
}

/// Builds with cargo, by one of its commands and its arguments, cleared of what the cargo around this script set.
fn build(dir: &Path, target: &str, target_dir: &Path, arguments: &[String]) {
    let mut cargo = Command::new("cargo");
    cargo
        .args(arguments)
        .args(["--release", "--locked", "--target-dir"])
        .arg(target_dir)
        .current_dir(dir);
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        let inherited = [
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_TARGET_DIR",
            "CARGO_BUILD_",
            "CARGO_PROFILE_",
            "CARGO_MAKEFLAGS",
            "MAKEFLAGS",
            "RUSTFLAGS",
            "RUSTC_",
            "CLIPPY_",
        ];
        if inherited.iter().any(|prefix| name.starts_with(prefix)) {
            cargo.env_remove(&*name);
        }
    }
    let recipe = RECIPE.lines().filter(|line| !line.starts_with('#'));
    cargo.envs(recipe.filter_map(|line| line.split_once('=')));
    cargo.env("CARGO_BUILD_TARGET", target);
    let output = cargo.output().expect("cargo runs");
    assert!(
        output.status.success(),
        "the components for {target} do not build:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The plugins as libraries: each one's name, component and handlers.
fn compiled_in(plugins: &[String]) -> String {
    let mut list = String::from(
        "/// Each policy's name, component and handlers.\npub const ALL: &[(&str, &str, &[Kept])] = &[\n",
    );
    for plugin in plugins {
        let library = plugin.replace('-', "_");
        let constant = library.to_uppercase();
        let _ = writeln!(
            list,
            "    ({plugin:?}, crate::plugins::{constant}, {library}::HOOKWARDEN_HANDLERS),",
        );
    }
    list + "];\n"
}

fn constants(
    target_dir: &Path,
    target: &str,
    folder: &str,
    suffix: &str,
    names: &[String],
) -> String {
    let mut constants = String::new();
    for name in names {
        let name = name.replace('-', "_");
        let path = target_dir
            .join(target)
            .join(folder)
            .join(format!("{name}.wasm"));
        assert!(path.exists(), "there is no {}", path.display());
        let constant = name.to_uppercase();
        let _ = writeln!(
            constants,
            "/// `{name}`, built for {target}.\npub const {constant}{suffix}: &str = {path:?};",
        );
    }
    constants
}
