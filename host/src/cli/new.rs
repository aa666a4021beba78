//! `hookwarden new`: a package to start from.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::okta::HookType;
use crate::package::{Blueprint, Language};
use crate::policy::PolicyName;

/// The hooks that a policy can be for.
pub(super) fn hook() -> impl TypedValueParser<Value = HookType> {
    let served = HookType::served();
    PossibleValuesParser::new(served.map(HookType::name))
        .map(|name| HookType::from_name(&name).expect("one of the possible values"))
}

/// The languages that a policy can be written in.
pub(super) fn language() -> impl TypedValueParser<Value = Language> {
    PossibleValuesParser::new(Language::ALL.map(Language::name))
        .map(|name| Language::from_name(&name).expect("one of the possible values"))
}

/// Writes the package, and prints what to do next.
pub(super) fn run(
    name: &str,
    hook: HookType,
    language: Language,
    dir: Option<PathBuf>,
) -> anyhow::Result<()> {
    let name = PolicyName::new(name).with_context(|| {
        format!(
            "`{name}` cannot name a policy; use 1 to 63 of a-z, 0-9 and `-`, not starting with `-`"
        )
    })?;
    let dir = dir.unwrap_or_else(|| PathBuf::from(name.as_str()));
    let blueprint = Blueprint {
        name,
        hook,
        language,
    };
    blueprint.create(&dir)?;
    let next = next(&blueprint, &dir);
    write!(std::io::stdout(), "{next}")?;
    Ok(())
}

/// What to do next, one command a line, each with what it does.
fn next(blueprint: &Blueprint, dir: &Path) -> String {
    let Blueprint {
        name,
        hook,
        language,
    } = blueprint;
    let enter = format!("cd {}", quoted(&dir.display().to_string()));
    let eval = format!("hookwarden eval target/policies/{name}.wasm");
    let mut commands = vec![(enter.as_str(), "")];
    match language {
        Language::Rust => commands.push(("cargo test", "its rule alone")),
        Language::TypeScript => commands.push(("npm ci", "the compilers")),
        Language::Python => {
            commands.push(("python3 -m venv .venv", ""));
            let install = ".venv/bin/pip install -r requirements.txt";
            commands.push((install, "the compilers"));
        }
    }
    commands.extend([
        ("hookwarden build", "the component"),
        ("hookwarden test", "its cases"),
        (eval.as_str(), "one call, and what it costs"),
        ("hookwarden dev .", "serve it, and again whenever you save"),
    ]);
    // One long command does not push all texts aside.
    let lengths = commands.iter().map(|(command, _)| command.len());
    let width = lengths.filter(|length| *length <= 24).max();
    let width = width.unwrap_or_default();
    let mut text = format!(
        "`{}` is a policy for the hook `{hook}`, in {language}. What to do next:\n\n",
        dir.display()
    );
    for (command, what) in commands {
        let line = match what {
            "" => format!("    {command}\n"),
            what => format!("    {command:width$}  # {what}\n"),
        };
        text.push_str(&line);
    }
    text
}

/// As a word of the shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    if word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{next, quoted};
    use crate::okta::HookType;
    use crate::package::{Blueprint, Language};
    use crate::policy::PolicyName;

    #[test]
    fn what_to_do_next_can_be_pasted() {
        for (language, first) in [
            (Language::Rust, "cargo test"),
            (Language::TypeScript, "npm ci"),
            (Language::Python, "python3 -m venv .venv"),
        ] {
            let blueprint = Blueprint {
                name: PolicyName::new("admit-partners").expect("a name"),
                hook: HookType::Token,
                language,
            };
            let text = next(&blueprint, Path::new("my policies/admit"));
            let commands: Vec<_> = text
                .lines()
                .filter_map(|line| line.strip_prefix("    "))
                .map(|line| line.split("  #").next().unwrap_or_default().trim())
                .collect();
            assert_eq!(commands[..2], ["cd 'my policies/admit'", first], "{text}");
            let [.., build, test, eval, dev] = commands.as_slice() else {
                panic!("too few commands: {text}");
            };
            assert_eq!([*build, *test], ["hookwarden build", "hookwarden test"]);
            let component = "hookwarden eval target/policies/admit-partners.wasm";
            assert_eq!(*eval, component);
            assert_eq!(*dev, "hookwarden dev .");
        }
    }

    #[test]
    fn a_folder_is_one_word_for_the_shell() {
        for (word, expected) in [
            ("../a-b_c.d/e", "../a-b_c.d/e"),
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            ("$HOME", "'$HOME'"),
        ] {
            assert_eq!(quoted(word), expected);
        }
    }
}
