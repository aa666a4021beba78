//! A new package, made of a template, the contract and an SDK.
//!
//! It is whole: what it is built of besides the language's own packages is in `vendor`,
//! as this binary carries it, so it builds wherever it is put, and fits this host.
//!
//! A template's files are taken as they are, but for this: `{{name}}` and `{{hook}}`
//! become the policy's name and its hook, in contents and in names. A file
//! `policy.token.ts` is for the hook `token` alone, and becomes `policy.ts`; so is a
//! folder `cases/token`, whose files become those of `cases`.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::language::Language;
use super::{embedded, standalone};
use crate::okta::HookType;
use crate::policy::PolicyName;

/// What a new package is to be.
#[derive(Debug, Clone)]
pub struct Blueprint {
    /// The policy's name.
    pub name: PolicyName,
    /// The hook that it serves.
    pub hook: HookType,
    /// The language that it is written in.
    pub language: Language,
}

/// Why a package is not made.
#[derive(Debug, thiserror::Error)]
pub enum NewError {
    /// Somebody has files there.
    #[error("`{}` exists and is not empty; name another folder with `--dir`", .0.display())]
    NotEmpty(PathBuf),
    /// The language's own tools do not take the name.
    #[error("a package in Rust cannot be named `{0}`; begin with a letter")]
    NoCrate(PolicyName),
    /// Nothing can be written there.
    #[error("cannot write `{}`", .path.display())]
    Write {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is no template for the hook.
    #[error("policies for the hook `{hook}` have no template in {language}")]
    NoTemplate {
        /// The hook.
        hook: HookType,
        /// The language.
        language: Language,
    },
}

impl Blueprint {
    /// Writes the package into a folder, which is made if there is none.
    ///
    /// # Errors
    ///
    /// The folder has something in it, or cannot be written; there is no template; or the
    /// language has no package of this name.
    pub fn create(&self, dir: &Path) -> Result<(), NewError> {
        let starts_with_digit = self.name.as_str().starts_with(|c: char| c.is_ascii_digit());
        if self.language == Language::Rust && starts_with_digit {
            return Err(NewError::NoCrate(self.name.clone()));
        }
        if !self.has_template() {
            return Err(NewError::NoTemplate {
                hook: self.hook,
                language: self.language,
            });
        }
        let failed = |path: &Path| {
            let path = path.to_owned();
            |source| NewError::Write { path, source }
        };
        fs::create_dir_all(dir).map_err(failed(dir))?;
        let mut entries = fs::read_dir(dir).map_err(failed(dir))?;
        if entries.next().is_some() {
            return Err(NewError::NotEmpty(dir.to_owned()));
        }
        for (path, content) in self.files() {
            let path = dir.join(path);
            let folder = path.parent().unwrap_or(dir);
            fs::create_dir_all(folder).map_err(failed(folder))?;
            fs::write(&path, content).map_err(failed(&path))?;
        }
        Ok(())
    }

    /// Where its template is.
    fn template(&self) -> &'static str {
        match self.language {
            Language::Rust => "plugin-sdk/template",
            Language::TypeScript => "plugin-sdk/typescript/template",
            Language::Python => "plugin-sdk/python/template",
        }
    }

    fn has_template(&self) -> bool {
        let mark = format!(".{}.", self.hook);
        embedded::below(self.template()).any(|(path, _)| path.contains(&mark))
    }

    /// The package's files: each with its path and its content.
    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let own = embedded::below(self.template());
        let own = own.filter_map(|(path, content)| {
            let path = self.filled(&self.chosen(path)?);
            let content = match std::str::from_utf8(content) {
                Ok(text) if path == "Cargo.lock" => {
                    standalone::sorted_lock(&self.filled(text)).into_bytes()
                }
                Ok(text) => self.filled(text).into_bytes(),
                Err(_) => content.to_owned(),
            };
            Some((path, content))
        });
        let mut files: Vec<_> = own.collect();
        let wit = embedded::below("wit");
        files.extend(wit.map(|(path, content)| (format!("vendor/wit/{path}"), content.to_owned())));
        files.extend(sdk(self.language));
        let cases = text("plugin-sdk/CASES.md");
        files.push(("vendor/CASES.md".to_owned(), cases.into()));
        files
    }

    /// Where a file of the template goes; `None` if it is for another hook.
    fn chosen(&self, path: &str) -> Option<String> {
        let mut parts: Vec<_> = path.split('/').collect();
        let is_for = |name: &str| HookType::from_name(name);
        if let ["cases", folder, _, ..] = parts.as_slice()
            && let Some(hook) = is_for(folder)
        {
            if hook != self.hook {
                return None;
            }
            parts.remove(1);
        }
        let file = parts.pop()?;
        let segments: Vec<_> = file.split('.').collect();
        let inner = 1..segments.len().saturating_sub(1);
        let marked = inner.clone().find(|&at| is_for(segments[at]).is_some());
        let mut kept = segments;
        if let Some(at) = marked
            && is_for(kept.remove(at)) != Some(self.hook)
        {
            return None;
        }
        let file = kept.join(".");
        parts.push(&file);
        Some(parts.join("/"))
    }

    fn filled(&self, text: &str) -> String {
        let named = text.replace("{{name}}", self.name.as_str());
        named.replace("{{hook}}", self.hook.name())
    }
}

/// A language's SDK, as it is vendored.
fn sdk(language: Language) -> Vec<(String, Vec<u8>)> {
    let below = |from: &str, skipped: &[&str], to: &str| -> Vec<_> {
        let files = embedded::below(from)
            .filter(|(path, _)| !skipped.iter().any(|skipped| path.starts_with(skipped)));
        files
            .map(|(path, content)| (format!("{to}/{path}"), content.to_owned()))
            .collect()
    };
    match language {
        Language::Rust => {
            // What is about all languages is written for this repository.
            let skipped = [
                "template/",
                "typescript/",
                "python/",
                "Cargo.toml",
                "README.md",
                "CASES.md",
            ];
            let mut files = below("plugin-sdk", &skipped, "vendor/hookwarden-sdk");
            let manifest = rust_manifest().into_bytes();
            files.push(("vendor/hookwarden-sdk/Cargo.toml".to_owned(), manifest));
            files
        }
        Language::TypeScript => below(
            "plugin-sdk/typescript",
            &["template/"],
            "vendor/hookwarden-sdk",
        ),
        Language::Python => {
            let mut files = below(
                "plugin-sdk/python/hookwarden_sdk",
                &[],
                "vendor/hookwarden_sdk",
            );
            // Beside the sources in the repository, and with them here.
            for document in ["README.md", "CHANGELOG.md"] {
                if let Some(text) = embedded::text(&format!("plugin-sdk/python/{document}")) {
                    files.push((format!("vendor/hookwarden_sdk/{document}"), text.into()));
                }
            }
            files
        }
    }
}

/// A text that is always there.
fn text(path: &str) -> &'static str {
    embedded::text(path).expect("the build script embeds it")
}

fn rust_manifest() -> String {
    standalone::manifest(text("plugin-sdk/Cargo.toml"), text("Cargo.toml"))
        .expect("the manifests of this repository are whole, which cargo checks first")
}

#[cfg(test)]
mod tests;
