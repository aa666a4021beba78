//! `hookwarden new` and `hookwarden build`: from nothing to a policy that decides, outside
//! of this repository.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::json;
use tests::{Builder, sign_up};

use crate::process::BINARY;

/// Kept between runs of the tests, and shared with those of `hookwarden dev`.
const TARGET_DIR: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/dev");

/// The hooks that a policy can be for.
const HOOKS: [&str; 6] = [
    "registration",
    "token",
    "saml",
    "user-import",
    "password-import",
    "telephony",
];

/// Runs it in a folder.
fn hookwarden(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(BINARY)
        .args(arguments)
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", TARGET_DIR)
        .output()
        .expect("the binary")
}

/// What it says when it went well.
fn done(output: &Output) -> String {
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (said(&output.stdout), said(&output.stderr));
    assert!(output.status.success(), "{out}{err}");
    out
}

/// What it says when it did not.
fn refused(output: &Output, status: i32) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(status), "{said}");
    said
}

fn new(folder: &Path, name: &str, hook: &str) -> PathBuf {
    let output = hookwarden(folder, &["new", name, "--hook", hook, "--lang", "rust"]);
    let said = done(&output);
    assert!(said.contains(&format!("cd {name}\n")), "{said}");
    folder.join(name)
}

/// Cargo in a package, without the network: what the repository is built of will do.
fn cargo(package: &Path, arguments: &[&str]) -> String {
    let output = Command::new("cargo")
        .args(arguments)
        .current_dir(package)
        .env("CARGO_TARGET_DIR", TARGET_DIR)
        .env("CARGO_NET_OFFLINE", "true")
        // What the component is built with would only take time here.
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .output()
        .expect("cargo");
    done(&output)
}

#[tokio::test]
async fn a_new_package_is_built_as_it_is_and_decides() {
    let folder = tempfile::tempdir().expect("a folder");
    let package = new(folder.path(), "admit-partners", "registration");
    let metadata = ["metadata", "--locked", "--format-version=1"];
    assert!(cargo(&package, &metadata).contains("wit-bindgen"));

    let built = done(&hookwarden(&package, &["build"]));
    let component = format!("{TARGET_DIR}/policies/admit-partners.wasm");
    let canonical = Path::new(&component).canonicalize().expect("a component");
    assert!(built.contains("policies/admit-partners.wasm ("), "{built}");
    let size = fs::metadata(canonical).expect("a component").len();
    assert!(size < 150_000, "{size} bytes");

    let host = Builder::default()
        .policy("admit-partners", &component)
        .settings("admit-partners", r#"domains = ["a.example", "b.example"]"#)
        .config("[policy]\nlog = true")
        .start()
        .await;
    assert_eq!(host.call(&sign_up("a@B.example")).await.status, 204);
    let text = "Only people with one of these addresses can register: a.example, b.example.";
    let denial = host.call(&sign_up("a@example.org")).await;
    let expected = json!({
        "commands": [{
            "type": "com.okta.action.update",
            "value": { "registration": "DENY" },
        }],
        "error": {
            "errorSummary": text,
            "errorCauses": [{
                "errorSummary": text,
                "reason": "INVALID_EMAIL_DOMAIN",
                "locationType": "body",
                "location": "data.userProfile.email",
                "domain": "end-user",
            }],
        },
    });
    assert_eq!(denial.json(), expected);
}

/// One after the other, and all with the SDK of the first: each has the same.
#[test]
fn the_package_of_every_hook_passes_its_tests() {
    let folder = tempfile::tempdir().expect("a folder");
    for hook in HOOKS {
        let package = new(folder.path(), hook, hook);
        if hook != HOOKS[0] {
            let manifest = package.join("Cargo.toml");
            let text = fs::read_to_string(&manifest).expect("a manifest");
            let text = text.replace("\"vendor/", &format!("\"../{}/vendor/", HOOKS[0]));
            fs::write(manifest, text).expect("a manifest");
        }
        let said = cargo(&package, &["test", "--release", "--lib"]);
        assert!(said.contains("test result: ok. "), "{said}");
        assert!(!said.contains(" 0 passed"), "{said}");
    }
}

#[test]
fn sources_that_do_not_build_are_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let package = new(folder.path(), "break-things", "token");
    fs::write(package.join("src/lib.rs"), "this is not Rust").expect("a source");
    let output = hookwarden(folder.path(), &["build", "break-things"]);
    let said = refused(&output, 1);
    assert!(
        said.contains("`break-things` does not build; see above"),
        "{said}"
    );
    assert!(said.contains("error: expected"), "{said}");
}

#[test]
fn a_folder_with_something_in_it_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("mine")).expect("a folder");
    fs::write(folder.path().join("mine/notes"), "").expect("a file");
    let arguments = ["new", "mine", "--hook", "saml", "--lang", "rust"];
    let said = refused(&hookwarden(folder.path(), &arguments), 1);
    assert!(said.contains("`mine` exists and is not empty"), "{said}");
    let elsewhere = [&arguments[..], &["--dir", "elsewhere"]].concat();
    done(&hookwarden(folder.path(), &elsewhere));
    assert!(folder.path().join("elsewhere/mine.toml").exists());
}

#[test]
fn what_cannot_be_made_is_refused_with_what_can() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |name, hook, language| {
        let arguments = ["new", name, "--hook", hook, "--lang", language];
        hookwarden(folder.path(), &arguments)
    };
    let said = refused(&run("a", "event", "rust"), 2);
    assert!(HOOKS.iter().all(|hook| said.contains(hook)), "{said}");
    let said = refused(&run("a", "saml", "cobol"), 2);
    assert!(said.contains("rust, typescript, python"), "{said}");
    let said = refused(&run("../a", "saml", "rust"), 1);
    assert!(said.contains("`../a` cannot name a policy"), "{said}");
    let entries = fs::read_dir(folder.path()).expect("a folder");
    assert_eq!(entries.count(), 0);
    let said = refused(&hookwarden(folder.path(), &["build"]), 1);
    assert!(said.contains("is no policy's folder"), "{said}");
}
