//! Policies in TypeScript and Python: made, built and tested by the real process, with the
//! tools that their READMEs name.
//!
//! The tools come from the languages' own package registries. Where a language itself is
//! not installed, its tests say so and are over. They are a program of their own, because
//! compiling interpreters takes both processors for minutes, and a host's compilers run
//! only when nobody else wants one.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use hookwarden::trial::{Case, cases, run};
use tests::plugins;
use tests::trials::{plugin, sandbox, subject};

const BINARY: &str = env!("CARGO_BIN_EXE_hookwarden-under-test");

const HOOKS: [&str; 6] = [
    "registration",
    "token",
    "saml",
    "user-import",
    "password-import",
    "telephony",
];

/// A language, with its tools.
struct Language {
    name: &'static str,
    /// What a package finds its tools in.
    folder: &'static str,
    tools: PathBuf,
}

fn said(output: &Output) -> String {
    let both = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8_lossy(&both).into_owned()
}

fn succeeds(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// Runs what installs tools, once for each version of them.
fn installed(manifest: &Path, name: &str, install: impl FnOnce(&Path)) -> PathBuf {
    let manifest = fs::read(manifest).expect("a manifest");
    let version = hookwarden::sandbox::Component::new(manifest);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(name)
        .join(&version.digest()[..16]);
    if !folder.join("done").exists() {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        install(&folder);
        fs::write(folder.join("done"), "").expect("a file");
    }
    folder
}

fn run_well(command: &mut Command) {
    let output = command.output().expect("it is installed");
    assert!(output.status.success(), "{command:?}: {}", said(&output));
}

/// Says so where it is seen: what a test prints is not.
fn skipped(missing: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: there is no {missing} here");
}

fn typescript() -> Option<&'static Language> {
    static LANGUAGE: OnceLock<Option<Language>> = OnceLock::new();
    let find = || {
        if !succeeds(Command::new("npm").arg("--version")) {
            skipped("Node.js with npm");
            return None;
        }
        let template = repository().join("plugin-sdk/typescript/template");
        let folder = installed(
            &template.join("package-lock.json"),
            "typescript",
            |folder| {
                for file in ["package.json", "package-lock.json"] {
                    fs::copy(template.join(file), folder.join(file)).expect("a manifest");
                }
                let package = folder.join("package.json");
                let text = fs::read_to_string(&package).expect("a manifest");
                fs::write(&package, text.replace("{{name}}", "tools")).expect("a manifest");
                run_well(Command::new("npm").arg("ci").current_dir(folder));
            },
        );
        Some(Language {
            name: "typescript",
            folder: "node_modules",
            tools: folder.join("node_modules"),
        })
    };
    LANGUAGE.get_or_init(find).as_ref()
}

fn python() -> Option<&'static Language> {
    static LANGUAGE: OnceLock<Option<Language>> = OnceLock::new();
    let find = || {
        if !succeeds(Command::new("python3").args(["-c", "import ensurepip, tomllib, venv"])) {
            skipped("Python 3.11 with venv");
            return None;
        }
        let requirements = repository().join("plugin-sdk/python/template/requirements.txt");
        let folder = installed(&requirements, "python", |folder| {
            let venv = folder.join(".venv");
            run_well(Command::new("python3").args(["-m", "venv"]).arg(&venv));
            let mut pip = Command::new(venv.join("bin/pip"));
            run_well(pip.args(["install", "--quiet", "-r"]).arg(&requirements));
        });
        Some(Language {
            name: "python",
            folder: ".venv",
            tools: folder.join(".venv"),
        })
    };
    LANGUAGE.get_or_init(find).as_ref()
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn hookwarden(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(BINARY)
        .args(arguments)
        .current_dir(folder)
        .env(
            "XDG_CACHE_HOME",
            concat!(env!("CARGO_TARGET_TMPDIR"), "/cache"),
        )
        .output()
        .expect("the binary");
    (output.status.code(), said(&output))
}

impl Language {
    /// A new package, with its tools.
    fn new_package(&self, folder: &Path, hook: &str) -> PathBuf {
        let arguments = ["new", hook, "--hook", hook, "--lang", self.name];
        let (status, said) = hookwarden(folder, &arguments);
        assert_eq!(status, Some(0), "{said}");
        let package = folder.join(hook);
        self.equip(&package);
        package
    }

    fn equip(&self, package: &Path) {
        symlink(&self.tools, package.join(self.folder)).expect("a link");
    }

    /// The policy of this language that ships with the host, built in a copy of what it
    /// needs of the repository.
    fn example(&self, folder: &Path) -> (String, PathBuf) {
        let name = format!("set-defaults-by-domain-in-{}", self.name);
        let sdk = format!("plugin-sdk/{}", self.name);
        for part in [&format!("plugins/{name}"), &sdk, "wit"] {
            copy(&repository().join(part), &folder.join(part));
        }
        let package = folder.join("plugins").join(&name);
        self.equip(&package);
        let (status, said) = hookwarden(&package, &["build"]);
        assert_eq!(status, Some(0), "{said}");
        let component = package.join(format!("target/policies/{name}.wasm"));
        (name, component)
    }
}

/// Copies a folder, without what tools wrote into it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name");
        let written = ["node_modules", ".venv", "target", "__pycache__"];
        if written.iter().any(|written| name == *written) {
            continue;
        }
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).expect("a file");
        }
    }
}

/// A copy of the language's SDK, with its tools.
fn sdk(language: &Language, folder: &Path) -> PathBuf {
    let part = format!("plugin-sdk/{}", language.name);
    let copied = folder.join(&part);
    copy(&repository().join(&part), &copied);
    language.equip(&copied);
    copied
}

fn a_new_package_of_every_hook_passes_its_cases(language: Option<&Language>) {
    let Some(language) = language else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    for hook in HOOKS {
        let package = language.new_package(folder.path(), hook);
        let (status, said) = hookwarden(&package, &["test"]);
        assert_eq!(status, Some(0), "{hook}: {said}");
        assert!(said.contains(" passed, 0 failed"), "{hook}: {said}");
    }
}

/// The same rule, in Rust and in another language, on the cases of the first.
async fn the_same_rule_answers_the_same_bytes(language: Option<&Language>) {
    let Some(language) = language else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let (name, component) = language.example(folder.path());
    let storage = folder.path().join("state");
    let sandbox = sandbox(&storage);
    let rust = "set-defaults-by-domain";
    let settings = plugin(rust).join(format!("{rust}.toml"));
    let ours = Path::new(plugins::SET_DEFAULTS_BY_DOMAIN);
    let subjects = [
        subject(rust, ours, settings.clone()),
        subject(&name, &component, settings),
    ];
    let mut decided = 0;
    for path in cases(&plugin(rust).join("cases")).expect("cases") {
        let case = Case::read(&path).expect("a case");
        let [ours, theirs] = [
            run(&sandbox, &subjects[0], &case).await,
            run(&sandbox, &subjects[1], &case).await,
        ];
        let case = &case.name;
        assert!(
            ours.passed() && theirs.passed(),
            "{case}: {:?}",
            theirs.differences
        );
        if let (Ok(ours), Ok(theirs)) = (&ours.outcome, &theirs.outcome) {
            let text = |body: &[u8]| String::from_utf8_lossy(body).into_owned();
            assert_eq!(text(&ours.answer.body), text(&theirs.answer.body), "{case}");
            assert_eq!(ours.answer.status, theirs.answer.status, "{case}");
            assert_eq!(ours.reason, theirs.reason, "{case}");
            decided += 1;
        }
    }
    assert!(decided > 4, "{decided}");
}

/// Builds a package with this policy, whose tools are in their place; what is said.
fn build_with(language: &Language, policy: &str, text: &str) -> (Option<i32>, String, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder").keep();
    let package = language.new_package(&folder, "registration");
    fs::write(package.join(policy), text).expect("a source");
    let (status, said) = hookwarden(&package, &["build"]);
    (status, said, package)
}

mod in_typescript {
    use std::fs;

    use std::process::Command;

    use super::{build_with, hookwarden, run_well, typescript};

    const POLICY: &str = "src/policy.ts";

    #[test]
    fn a_new_package_of_every_hook_passes_its_cases() {
        super::a_new_package_of_every_hook_passes_its_cases(typescript());
    }

    #[tokio::test]
    async fn the_same_rule_answers_the_same_bytes() {
        super::the_same_rule_answers_the_same_bytes(typescript()).await;
    }

    #[test]
    fn the_sdk_passes_its_own_tests() {
        let Some(language) = typescript() else {
            return;
        };
        let folder = tempfile::tempdir().expect("a folder");
        let sdk = super::sdk(language, folder.path());
        run_well(Command::new("npm").arg("test").current_dir(sdk));
    }

    #[test]
    fn a_type_error_is_said_with_its_line() {
        let Some(language) = typescript() else {
            return;
        };
        let text = "import { type Call, Decision, policy } from \"hookwarden-sdk/registration\";\n\
                    function decide(call: Call): Decision {\n  return call.emialDomain();\n}\n\
                    export const registration = policy(decide);\n";
        let (status, said, package) = build_with(language, POLICY, text);
        assert_eq!(status, Some(1), "{said}");
        for part in [
            "src/policy.ts(3,15)",
            "'emialDomain'",
            "does not build; see above",
        ] {
            assert!(said.contains(part), "no `{part}` in {said}");
        }
        fs::remove_file(package.join("node_modules")).expect("a link");
        let (status, said) = hookwarden(&package, &["build"]);
        assert_eq!(status, Some(1), "{said}");
        assert!(said.contains("run `npm ci` in it"), "{said}");
        fs::remove_dir_all(package).expect("a folder");
    }

    #[test]
    fn an_exception_is_said_with_its_line_and_without_its_message() {
        let Some(language) = typescript() else {
            return;
        };
        let text = "import { type Call, Decision, policy } from \"hookwarden-sdk/registration\";\n\
                    import { checked, object } from \"hookwarden-sdk/settings\";\n\
                    function decide(call: Call): Decision {\n\
                    \x20 if (call.email() !== undefined) throw new RangeError(call.email());\n\
                    \x20 return Decision.allow();\n}\n\
                    export const registration = policy(decide);\n\
                    export const settings = checked(object({}));\n";
        let (status, said, package) = build_with(language, POLICY, text);
        assert_eq!(status, Some(0), "{said}");
        fs::write(package.join("empty.toml"), "").expect("a file");
        let component = "target/policies/registration.wasm";
        let arguments = ["eval", component, "--settings", "empty.toml"];
        let (_, said) = hookwarden(&package, &arguments);
        let log = said.lines().find(|line| line.starts_with("log "));
        let log = log.unwrap_or_else(|| panic!("no line in {said}"));
        assert!(
            log.contains("RangeError") && log.contains("policy.ts:4"),
            "{log}"
        );
        assert!(!log.contains("rosario"), "{log}");
        fs::remove_dir_all(package).expect("a folder");
    }
}

mod in_python {
    use std::fs;

    use std::process::Command;

    use super::{build_with, hookwarden, python, run_well};

    const POLICY: &str = "policy.py";

    #[test]
    fn a_new_package_of_every_hook_passes_its_cases() {
        super::a_new_package_of_every_hook_passes_its_cases(python());
    }

    #[tokio::test]
    async fn the_same_rule_answers_the_same_bytes() {
        super::the_same_rule_answers_the_same_bytes(python()).await;
    }

    #[test]
    fn the_sdk_passes_its_own_tests_and_has_types() {
        let Some(language) = python() else {
            return;
        };
        let folder = tempfile::tempdir().expect("a folder");
        let sdk = super::sdk(language, folder.path());
        for arguments in [
            &["-m", "unittest", "discover", "--start-directory", "tests"][..],
            &["-m", "mypy", "--strict", "hookwarden_sdk"],
        ] {
            let mut python = Command::new(sdk.join(".venv/bin/python"));
            run_well(python.args(arguments).current_dir(&sdk));
        }
    }

    #[test]
    fn a_type_error_is_said_with_its_line() {
        let Some(language) = python() else {
            return;
        };
        let text = "from hookwarden_sdk import export\n\
                    from hookwarden_sdk.registration import Call, Decision\n\n\n\
                    def decide(call: Call) -> Decision:\n    return call.emial_domain()\n\n\n\
                    export(registration=decide)\n";
        let (status, said, package) = build_with(language, POLICY, text);
        assert_eq!(status, Some(1), "{said}");
        for part in ["policy.py:6", "emial_domain", "does not build; see above"] {
            assert!(said.contains(part), "no `{part}` in {said}");
        }
        fs::remove_file(package.join(".venv")).expect("a link");
        let (status, said) = hookwarden(&package, &["build"]);
        assert_eq!(status, Some(1), "{said}");
        let install = "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt";
        assert!(said.contains(install), "{said}");
        fs::remove_dir_all(package).expect("a folder");
    }

    #[test]
    fn an_exception_is_said_with_its_line_and_without_its_message() {
        let Some(language) = python() else {
            return;
        };
        let text = "from dataclasses import dataclass\n\
                    from hookwarden_sdk import export\n\
                    from hookwarden_sdk.registration import Call, Decision\n\n\n\
                    @dataclass\n\
                    class Rule:\n    pass\n\n\n\
                    def decide(call: Call) -> Decision:\n    raise KeyError(call.email())\n\n\n\
                    export(registration=decide, settings=Rule)\n";
        let (status, said, package) = build_with(language, POLICY, text);
        assert_eq!(status, Some(0), "{said}");
        fs::write(package.join("empty.toml"), "").expect("a file");
        let component = "target/policies/registration.wasm";
        let arguments = ["eval", component, "--settings", "empty.toml"];
        let (_, said) = hookwarden(&package, &arguments);
        let log = said.lines().find(|line| line.starts_with("log "));
        let log = log.unwrap_or_else(|| panic!("no line in {said}"));
        assert!(
            log.contains("KeyError") && log.contains("policy.py:12"),
            "{log}"
        );
        assert!(!log.contains("rosario"), "{log}");
        fs::remove_dir_all(package).expect("a folder");
    }
}
