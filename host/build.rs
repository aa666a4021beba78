//! Embeds what `hookwarden new` writes: the contract, the SDKs and the templates, as one
//! table of paths from the repository's root and contents.
//!
//! A folder that building or installing writes is left out, and so are the SDKs' own tests.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// What is embedded, from the repository's root.
const EMBEDDED: [&str; 3] = ["Cargo.toml", "plugin-sdk", "wit"];

/// Folders that are written by tools, wherever they are.
const WRITTEN: [&str; 8] = [
    ".git",
    ".mypy_cache",
    ".venv",
    "__pycache__",
    "build",
    "dist",
    "node_modules",
    "target",
];

/// What an author has no use for.
const LEFT_OUT: [&str; 3] = [
    "plugin-sdk/python/tests",
    "plugin-sdk/typescript/test",
    "wit/released",
];

#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script by the environment"
)]
fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let root = root.canonicalize().expect("the repository");
    let mut files = Vec::new();
    for path in EMBEDDED {
        let path = root.join(path);
        if path.is_dir() {
            collect(&root, &path, &mut files);
        } else {
            println!("cargo::rerun-if-changed={}", path.display());
            files.push(path);
        }
    }
    files.sort();
    let mut table = String::from("static FILES: &[(&str, &[u8])] = &[\n");
    for file in files {
        let name = relative(&root, &file);
        let _ = writeln!(table, "    ({name:?}, include_bytes!({file:?})),");
    }
    table += "];\n";
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::write(out.join("embedded.rs"), table).expect("OUT_DIR is writable");
}

/// The files below a folder. Cargo is told of the folder, or, since it would look through
/// what is left out as well, of the parts.
fn collect(root: &Path, folder: &Path, files: &mut Vec<PathBuf>) -> bool {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    let mut whole = true;
    let mut parts = Vec::new();
    for path in paths {
        if is_left_out(root, &path) {
            whole = false;
        } else if path.is_dir() {
            whole &= collect(root, &path, files);
        } else {
            parts.push(path);
        }
    }
    let told = if whole {
        vec![folder.to_owned()]
    } else {
        parts.clone()
    };
    for path in told {
        println!("cargo::rerun-if-changed={}", path.display());
    }
    files.append(&mut parts);
    whole
}

fn is_left_out(root: &Path, path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    let compiled = path.extension().is_some_and(|extension| extension == "pyc");
    compiled
        || name.is_none_or(|name| WRITTEN.contains(&name))
        || LEFT_OUT.contains(&relative(root, path).as_str())
}

fn relative(root: &Path, path: &Path) -> String {
    let path = path.strip_prefix(root).expect("below the root");
    path.to_str().expect("names in UTF-8").to_owned()
}
