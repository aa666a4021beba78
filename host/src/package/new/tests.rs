//! New packages: which files, with which names and contents.

use std::collections::BTreeSet;
use std::fs;

use toml::{Table, Value};

use super::{Blueprint, NewError};
use crate::okta::HookType;
use crate::package::Language;
use crate::policy::PolicyName;

fn blueprint(hook: HookType, language: Language) -> Blueprint {
    Blueprint {
        name: PolicyName::new("admit-partners").expect("a name"),
        hook,
        language,
    }
}

/// Every package that this binary can make: one for each language and hook.
fn blueprints() -> impl Iterator<Item = Blueprint> {
    let all = Language::ALL.into_iter();
    all.flat_map(|language| HookType::served().map(move |hook| blueprint(hook, language)))
}

#[test]
fn each_language_has_a_template_for_each_hook() {
    for blueprint in blueprints() {
        assert!(blueprint.has_template(), "{blueprint:?}");
    }
}

#[test]
fn a_marked_file_is_for_its_hook_alone_and_loses_the_mark() {
    let blueprint = blueprint(HookType::Token, Language::Rust);
    for (path, chosen) in [
        ("src/lib.token.rs", Some("src/lib.rs")),
        ("src/lib.saml.rs", None),
        ("wit/policy.user-import.wit", None),
        ("cases/token/a.toml", Some("cases/a.toml")),
        ("cases/token/calls/a.json", Some("cases/calls/a.json")),
        ("cases/saml/a.toml", None),
        ("cases/a.toml", Some("cases/a.toml")),
        ("src/token/a.rs", Some("src/token/a.rs")),
        // A name that is all mark, or has none.
        ("token.rs", Some("token.rs")),
        ("a.token", Some("a.token")),
        (".gitignore", Some(".gitignore")),
        ("policy.test.ts", Some("policy.test.ts")),
        ("policy.token.test.ts", Some("policy.test.ts")),
        ("policy.test.saml.ts", None),
    ] {
        assert_eq!(blueprint.chosen(path).as_deref(), chosen, "{path}");
    }
}

#[test]
fn no_file_is_written_twice_and_nothing_is_left_to_fill_in() {
    for blueprint in blueprints() {
        let mut paths = BTreeSet::new();
        for (path, content) in blueprint.files() {
            assert!(paths.insert(path.clone()), "{path} for {blueprint:?}");
            if !path.starts_with("vendor/") {
                let text = String::from_utf8(content).expect("text");
                for left in ["{{name}}", "{{hook}}"] {
                    assert!(!text.contains(left) && !path.contains(left), "{path}");
                }
            }
        }
        let manifest = blueprint.language.manifest();
        for expected in [
            manifest,
            "README.md",
            ".gitignore",
            "vendor/wit/worlds.wit",
            "vendor/CASES.md",
        ] {
            assert!(paths.contains(expected), "no {expected} for {blueprint:?}");
        }
        let cases = paths.iter().filter(|path| path.starts_with("cases/"));
        assert!(cases.count() >= 2, "cases for {blueprint:?}");
    }
}

#[test]
fn the_vendored_sdk_in_rust_needs_no_workspace() {
    let files = blueprint(HookType::Saml, Language::Rust).files();
    let text = |path: &str| {
        let (_, content) = files.iter().find(|(name, _)| name == path)?;
        String::from_utf8(content.clone()).ok()
    };
    let manifest = text("vendor/hookwarden-sdk/Cargo.toml").expect("a manifest");
    assert!(!manifest.contains("workspace"), "{manifest}");
    assert!(manifest.contains("wit-bindgen"), "{manifest}");
    assert!(text("vendor/hookwarden-sdk/src/saml/call.rs").is_some());
    assert!(text("vendor/hookwarden-sdk/RUST.md").is_some());
    let foreign = ["template/", "typescript/", "python/"].map(|folder| {
        let folder = format!("vendor/hookwarden-sdk/{folder}");
        files.iter().any(|(path, _)| path.starts_with(&folder))
    });
    assert_eq!(foreign, [false; 3]);
}

#[test]
fn a_folder_with_something_in_it_stays_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("notes"), "mine").expect("a file");
    let refused = blueprint(HookType::Registration, Language::Rust).create(folder.path());
    assert!(matches!(refused, Err(NewError::NotEmpty(_))), "{refused:?}");
    let entries = fs::read_dir(folder.path()).expect("a folder");
    assert_eq!(entries.count(), 1);
}

#[test]
fn an_empty_folder_will_do_and_one_that_is_missing_is_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let blueprint = blueprint(HookType::Registration, Language::Rust);
    blueprint.create(folder.path()).expect("a package");
    let inner = folder.path().join("a/b");
    blueprint.create(&inner).expect("a package");
    for dir in [folder.path(), &inner] {
        let settings = dir.join("admit-partners.toml");
        assert!(settings.is_file(), "{}", settings.display());
        let manifest = fs::read_to_string(dir.join("Cargo.toml")).expect("a manifest");
        assert!(manifest.contains("name = \"admit-partners\""), "{manifest}");
    }
}

#[test]
fn what_cargo_would_not_take_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let blueprint = Blueprint {
        name: PolicyName::new("2-factors").expect("a name"),
        ..blueprint(HookType::Registration, Language::Rust)
    };
    let error = blueprint.create(folder.path()).expect_err("no crate");
    let expected = "a package in Rust cannot be named `2-factors`; begin with a letter";
    assert_eq!(error.to_string(), expected);
    let entries = fs::read_dir(folder.path()).expect("a folder");
    assert_eq!(entries.count(), 0);
}

#[test]
fn a_hook_without_a_template_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let event = blueprint(HookType::Event, Language::Rust);
    let error = event.create(folder.path()).expect_err("no template");
    let expected = "policies for the hook `event` have no template in Rust";
    assert_eq!(error.to_string(), expected);
}

/// The templates' files with these beginnings and ends, as TOML.
fn tables(blueprint: &Blueprint, begin: &str, end: &str) -> Vec<(String, Table)> {
    let files = blueprint.files().into_iter();
    let files = files.filter(|(path, _)| path.starts_with(begin) && path.ends_with(end));
    let parsed = files.map(|(path, content)| {
        let text = String::from_utf8(content).expect("text");
        let table = text
            .parse()
            .unwrap_or_else(|error| panic!("{path}: {error}"));
        (path, table)
    });
    parsed.collect()
}

fn text<'t>(table: &'t Table, path: &[&str]) -> Option<&'t str> {
    let (last, tables) = path.split_last()?;
    let mut table = table;
    for name in tables {
        table = table.get(*name)?.as_table()?;
    }
    table.get(*last)?.as_str()
}

#[test]
fn the_cases_are_of_the_hook_and_say_what_they_expect() {
    for blueprint in blueprints() {
        for (path, case) in tables(&blueprint, "cases/", ".toml") {
            let sample = text(&case, &["call", "sample"]);
            assert!(
                sample.is_none_or(|sample| sample == blueprint.hook.name()),
                "{path}"
            );
            let words = ["no-opinion", "acted", "denied", "failed"];
            let decision = text(&case, &["expect", "decision"]);
            let refused = text(&case, &["expect", "refused"]);
            let known = decision.is_some_and(|decision| words.contains(&decision));
            assert!(known != refused.is_some(), "{path}");
        }
    }
}

#[test]
fn cargo_alone_builds_a_new_package_in_rust_as_this_binary_does() {
    let blueprint = blueprint(HookType::Registration, Language::Rust);
    let one = |path: &str| tables(&blueprint, path, path).remove(0).1;
    let (manifest, config) = (one("Cargo.toml"), one(".cargo/config.toml"));
    let table = |table: &Table, path: [&str; 2]| {
        let inner = table.get(path[0]).and_then(|inner| inner.get(path[1]));
        inner.and_then(Value::as_table).cloned().expect("a table")
    };
    let profile = table(&manifest, ["profile", "release"]);
    let target = table(&config, ["target", "wasm32-unknown-unknown"]);
    let mut seen = 0;
    for line in include_str!("../../../../plugin-sdk/build.env").lines() {
        let Some((variable, value)) = line.split_once('=').filter(|_| !line.starts_with('#'))
        else {
            continue;
        };
        seen += 1;
        let set = match variable {
            "CARGO_BUILD_TARGET" => continue,
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER" => target.get("linker").cloned(),
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS" => {
                let flags = target.get("rustflags").and_then(Value::as_array);
                let flags = flags.into_iter().flatten().filter_map(Value::as_str);
                Some(Value::String(flags.collect::<Vec<_>>().join(" ")))
            }
            other => {
                let key = other
                    .strip_prefix("CARGO_PROFILE_RELEASE_")
                    .expect("the profile");
                profile.get(&key.to_lowercase().replace('_', "-")).cloned()
            }
        };
        let set = set.map(|set| match set {
            Value::String(text) => text,
            other => other.to_string(),
        });
        assert_eq!(set.as_deref(), Some(value), "{variable}");
    }
    assert!(seen > 5, "{seen}");

    let sdk = one("vendor/hookwarden-sdk/Cargo.toml");
    for member in ["edition", "rust-version"] {
        let needed = text(&sdk, &["package", member]);
        assert!(needed.is_some(), "{member}");
        assert_eq!(text(&manifest, &["package", member]), needed, "{member}");
    }
}

/// So that whoever can build this repository can build a package without the network.
#[test]
fn a_new_package_in_rust_is_built_of_what_this_repository_is_built_of() {
    let packages = |lock: &str| {
        let table: Table = lock.parse().expect("a lock file");
        let packages = table.get("package").and_then(Value::as_array).cloned();
        let packages = packages.into_iter().flatten().map(|package| {
            let member = |name| package.get(name).and_then(Value::as_str).map(str::to_owned);
            [member("name"), member("version"), member("checksum")]
        });
        packages.collect::<BTreeSet<_>>()
    };
    let blueprint = blueprint(HookType::Registration, Language::Rust);
    let files = blueprint.files();
    let (_, lock) = files
        .iter()
        .find(|(path, _)| path == "Cargo.lock")
        .expect("a lock file");
    let own = packages(std::str::from_utf8(lock).expect("text"));
    let workspace = packages(include_str!("../../../../Cargo.lock"));
    let only: Vec<_> = own.difference(&workspace).collect();
    let expected = [
        Some("admit-partners".to_owned()),
        Some("0.1.0".to_owned()),
        None,
    ];
    assert_eq!(only, [&expected]);
}
