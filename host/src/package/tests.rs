//! Packages: what a folder is, and what is said where something is missing.

use std::fs;
use std::path::Path;

use super::{Language, Package, PackageError, Tools};

/// A folder with these files, all of them empty but for what is given.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, content) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, content).expect("a file");
    }
    folder
}

/// No programs at all.
fn none(empty: &Path) -> Tools {
    Tools::in_folders(empty)
}

/// Programs that do what these scripts say, and no others.
fn scripts(programs: &[(&str, &str)]) -> (tempfile::TempDir, Tools) {
    let folder = tempfile::tempdir().expect("a folder");
    for (program, script) in programs {
        write_program(&folder.path().join(program), script);
    }
    let tools = Tools::in_folders(folder.path());
    (folder, tools)
}

/// Another process writes it: while this one has a program open for writing, which a
/// child that another thread starts inherits, the system does not run it.
fn write_program(path: &Path, script: &str) {
    let text = folder(&[(
        "script",
        &format!("#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n"),
    )]);
    let mut install = std::process::Command::new("install");
    install.args(["-m", "755"]).arg(text.path().join("script"));
    let status = install.arg(path).status().expect("`install` runs");
    assert!(status.success());
}

async fn opened(dir: &Path, tools: &Tools) -> Package {
    Package::open_with(dir, tools).await.expect("a package")
}

async fn error(dir: &Path, tools: &Tools) -> String {
    let opened = Package::open_with(dir, tools).await;
    opened.expect_err("no package").to_string()
}

async fn build_error(package: &Package) -> PackageError {
    let built = package.build(&mut Vec::new()).await;
    built.expect_err("it cannot be built")
}

const JSON: &str = r#"{"name": "add-claims", "private": true}"#;

const PROJECT: &str = "[project]\nname = \"mark-users\"\n[tool.mypy]\nstrict = true\n";

#[tokio::test]
async fn the_manifest_tells_language_and_name() {
    let dir = folder(&[("package.json", JSON)]);
    let package = opened(dir.path(), &none(dir.path())).await;
    let root = dir.path().canonicalize().expect("a path");
    assert_eq!(package.language, Language::TypeScript);
    assert_eq!(package.name.as_str(), "add-claims");
    assert_eq!(
        package.component,
        root.join("target/policies/add-claims.wasm")
    );
    assert_eq!(package.settings, root.join("add-claims.toml"));
    assert_eq!(package.cases, root.join("cases"));
    assert_eq!(package.found().component, package.component);

    let dir = folder(&[
        ("pyproject.toml", PROJECT),
        ("vendor/hookwarden_sdk/build.py", ""),
    ]);
    let package = opened(dir.path(), &none(dir.path())).await;
    assert_eq!(package.language, Language::Python);
    assert_eq!(package.name.as_str(), "mark-users");

    // Of several manifests the first in the order of the languages counts.
    fs::write(dir.path().join("package.json"), JSON).expect("a file");
    let package = opened(dir.path(), &none(dir.path())).await;
    assert_eq!(package.language, Language::TypeScript);
}

#[tokio::test]
async fn a_manifest_that_does_not_say_what_it_builds_is_said() {
    for (manifest, content, said) in [
        ("package.json", "{}", "missing field `name`"),
        ("package.json", "{", "does not say what it builds"),
        ("package.json", r#"{"name": "@a/b"}"#, "`@a/b` in"),
        ("pyproject.toml", "[tool]", "missing field `project`"),
        (
            "pyproject.toml",
            PROJECT,
            "set `sdk` in `[tool.hookwarden]`",
        ),
    ] {
        let dir = folder(&[(manifest, content)]);
        let error = error(dir.path(), &none(dir.path())).await;
        assert!(error.contains(said), "{error}");
        assert!(error.contains(manifest), "{error}");
    }
    let dir = folder(&[]);
    let said = error(dir.path(), &none(dir.path())).await;
    assert!(said.contains("is no policy's folder"), "{said}");
    let said = error(&dir.path().join("nowhere"), &none(dir.path())).await;
    assert!(said.contains("cannot open"), "{said}");
}

#[tokio::test]
async fn a_missing_program_is_said_with_what_installs_it() {
    let empty = folder(&[]);
    let tools = none(empty.path());

    let rust = folder(&[("Cargo.toml", "")]);
    let said = error(rust.path(), &tools).await;
    assert_eq!(
        said,
        "cannot run `cargo`; install Rust with rustup, from https://rustup.rs"
    );

    for files in [
        &[("package.json", JSON)][..],
        &[("package.json", JSON), ("node_modules/a", "")],
    ] {
        let dir = folder(files);
        let said = build_error(&opened(dir.path(), &tools).await)
            .await
            .to_string();
        assert!(
            said.starts_with("cannot run `npm`; install Node.js"),
            "{said}"
        );
    }

    let python = folder(&[
        ("pyproject.toml", PROJECT),
        ("vendor/hookwarden_sdk/build.py", ""),
    ]);
    let said = build_error(&opened(python.path(), &tools).await)
        .await
        .to_string();
    assert!(
        said.starts_with("cannot run `python3`; install Python"),
        "{said}"
    );
}

#[tokio::test]
async fn what_is_not_installed_is_said_with_the_command() {
    let (_programs, tools) = scripts(&[("npm", "echo 11"), ("python3", "echo 3")]);
    let dir = folder(&[("package.json", JSON)]);
    let said = build_error(&opened(dir.path(), &tools).await)
        .await
        .to_string();
    assert!(
        said.contains("has no `node_modules`; run `npm ci` in it"),
        "{said}"
    );

    let dir = folder(&[
        ("pyproject.toml", PROJECT),
        ("vendor/hookwarden_sdk/build.py", ""),
    ]);
    let said = build_error(&opened(dir.path(), &tools).await)
        .await
        .to_string();
    let command = "run `python3 -m venv .venv && .venv/bin/pip install -r requirements.txt` in it";
    assert!(said.contains(command), "{said}");
}

#[tokio::test]
async fn typescript_is_built_by_its_own_script() {
    let npm = "test \"$*\" = 'run --silent build' && mkdir -p target/policies && echo wasm > target/policies/add-claims.wasm";
    let (_programs, tools) = scripts(&[("npm", npm)]);
    let dir = folder(&[("package.json", JSON), ("node_modules/a", "")]);
    let package = opened(dir.path(), &tools).await;
    assert!(package.build(&mut Vec::new()).await.expect("npm"));
    assert!(package.component.is_file());

    let (_programs, tools) = scripts(&[("npm", "exit 2")]);
    let package = opened(dir.path(), &tools).await;
    assert!(!package.build(&mut Vec::new()).await.expect("npm"));
}

#[tokio::test]
async fn a_build_that_leaves_no_component_is_an_error() {
    let (_programs, tools) = scripts(&[("npm", "exit 0")]);
    let dir = folder(&[("package.json", JSON), ("node_modules/a", "")]);
    let package = opened(dir.path(), &tools).await;
    let error = build_error(&package).await;
    assert!(matches!(error, PackageError::NotThere { .. }), "{error}");
}

/// A Python of a package's own, which writes down where it looks for modules.
fn environment(dir: &Path) {
    let bin = dir.join(".venv/bin");
    fs::create_dir_all(&bin).expect("a folder");
    let script = "test \"$*\" = '-m hookwarden_sdk.build' || exit 2\n\
        mkdir -p target/policies && printf %s \"$PYTHONPATH\" > target/policies/mark-users.wasm";
    write_program(&bin.join("python"), script);
}

#[tokio::test]
async fn python_is_built_by_the_sdk_that_is_vendored_or_named() {
    let named = "[project]\nname = \"mark-users\"\n[tool.hookwarden]\nsdk = \"../sdk\"\n";
    for (files, sdk) in [
        (
            &[
                ("pyproject.toml", PROJECT),
                ("vendor/hookwarden_sdk/build.py", ""),
            ][..],
            "vendor",
        ),
        (
            &[
                ("pyproject.toml", named),
                ("vendor/hookwarden_sdk/build.py", ""),
            ],
            "vendor",
        ),
        (&[("pyproject.toml", named)], "../sdk"),
    ] {
        let dir = folder(files);
        environment(dir.path());
        let package = opened(dir.path(), &Tools::default()).await;
        assert!(package.build(&mut Vec::new()).await.expect("Python"));
        let path = fs::read_to_string(&package.component).expect("a component");
        assert_eq!(Path::new(&path), package.dir.join(sdk));
    }
}

/// A cargo that knows one package, and builds it to what is given.
fn cargo(dir: &Path, kind: &str) -> String {
    let dir = dir.canonicalize().expect("a path");
    let dir = dir.display();
    format!(
        r#"case "$1" in
metadata) echo '{{"packages":[{{"name":"deny-all","manifest_path":"{dir}/Cargo.toml","targets":[{{"name":"deny-all","crate_types":["{kind}"]}}]}}],"target_directory":"{dir}/elsewhere"}}' ;;
rustc) mkdir -p elsewhere/wasm32-unknown-unknown/release && echo "$CARGO_BUILD_TARGET" > elsewhere/wasm32-unknown-unknown/release/deny_all.wasm ;;
esac"#
    )
}

#[tokio::test]
async fn rust_is_built_where_cargo_builds_and_named_after_the_policy() {
    let dir = folder(&[("Cargo.toml", "")]);
    let cargo = cargo(dir.path(), "cdylib");
    let (_programs, tools) = scripts(&[("cargo", &cargo), ("rustc", "echo /")]);
    let package = opened(dir.path(), &tools).await;
    assert_eq!(package.language, Language::Rust);
    assert_eq!(
        package.component,
        package.dir.join("elsewhere/policies/deny-all.wasm")
    );
    let mut out = Vec::new();
    assert!(package.build(&mut out).await.expect("cargo"));
    assert!(out.is_empty());
    let built = fs::read_to_string(&package.component).expect("a component");
    assert_eq!(built.trim(), "wasm32-unknown-unknown");
}

#[tokio::test]
async fn settings_are_put_beside_the_component_and_go_with_it() {
    let dir = folder(&[("Cargo.toml", ""), ("deny-all.toml", "all = true")]);
    let cargo = cargo(dir.path(), "cdylib");
    let (_programs, tools) = scripts(&[("cargo", &cargo), ("rustc", "echo /")]);
    let package = opened(dir.path(), &tools).await;
    let beside = package.component.with_extension("toml");
    assert!(package.build(&mut Vec::new()).await.expect("cargo"));
    let settings = fs::read_to_string(&beside).expect("settings");
    assert_eq!(settings, "all = true");
    fs::remove_file(&package.settings).expect("a file");
    assert!(package.build(&mut Vec::new()).await.expect("cargo"));
    assert!(!beside.exists());
}

#[tokio::test]
async fn a_missing_target_is_added_and_that_is_said() {
    let dir = folder(&[("Cargo.toml", "")]);
    let cargo = cargo(dir.path(), "cdylib");
    let programs = [("cargo", &*cargo), ("rustc", "echo /nowhere")];
    let (_programs, tools) = scripts(&programs);
    let package = opened(dir.path(), &tools).await;
    let said = build_error(&package).await.to_string();
    let expected = "cannot run `rustup`; it adds Rust's target wasm32-unknown-unknown";
    assert!(said.starts_with(expected), "{said}");

    let rustup = ("rustup", "echo \"$*\" > added");
    let (_programs, tools) = scripts(&[programs[0], programs[1], rustup]);
    let package = opened(dir.path(), &tools).await;
    let mut out = Vec::new();
    assert!(package.build(&mut out).await.expect("cargo"));
    let said = String::from_utf8(out).expect("text");
    assert_eq!(
        said,
        "Adding Rust's target wasm32-unknown-unknown, with rustup.\n"
    );
    let added = fs::read_to_string(dir.path().join("added")).expect("rustup ran");
    assert_eq!(added.trim(), "target add wasm32-unknown-unknown");
}

#[tokio::test]
async fn a_rust_package_that_builds_no_component_is_said() {
    let dir = folder(&[("Cargo.toml", "")]);
    let (_programs, tools) = scripts(&[("cargo", &cargo(dir.path(), "lib"))]);
    let said = error(dir.path(), &tools).await;
    assert!(said.contains("builds no component; add `[lib]`"), "{said}");
    let other = folder(&[]);
    let (_programs, tools) = scripts(&[("cargo", &cargo(other.path(), "cdylib"))]);
    let said = error(dir.path(), &tools).await;
    assert!(said.contains("is that of a workspace"), "{said}");
}
