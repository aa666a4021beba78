//! A package: the folder of one policy's sources, its settings and its cases.
//!
//! What the folder holds tells the language: `Cargo.toml` is Rust, `package.json`
//! TypeScript or JavaScript, `pyproject.toml` Python. Whatever the language, the
//! component is built to `policies/<name>.wasm` in a folder named `target`, and the
//! settings are `<name>.toml` beside the sources.
//!
//! The compilers are the author's own: what is missing is an error that says how to
//! install it.

mod embedded;
mod error;
mod language;
mod manifest;
mod new;
mod place;
mod python;
mod rust;
mod standalone;
mod tools;
mod typescript;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use error::PackageError;
pub use language::Language;
pub use new::{Blueprint, NewError};
pub use tools::Tools;

use crate::policy::folder::Found;
use crate::policy::{Folder, PolicyName};

/// The folder of one policy's sources.
#[derive(Debug)]
pub struct Package {
    /// The folder, absolute.
    pub dir: PathBuf,
    /// The language that the policy is written in.
    pub language: Language,
    /// The policy's name: the one in the language's manifest.
    pub name: PolicyName,
    /// Where the component is when it has been built.
    pub component: PathBuf,
    /// Where the settings are, if the policy takes any.
    pub settings: PathBuf,
    /// The folder of the cases, if there are any.
    pub cases: PathBuf,
    builder: Builder,
    tools: Tools,
}

/// What a language's build needs to know besides.
#[derive(Debug)]
enum Builder {
    Rust(rust::Library),
    TypeScript,
    Python(python::Sdk),
}

impl Package {
    /// Finds out what a folder builds, with the programs of the environment.
    ///
    /// # Errors
    ///
    /// The folder cannot be opened, is no package, or does not say what it builds; or
    /// cargo, which is asked about a Rust package, is missing.
    pub async fn open(dir: &Path) -> Result<Self, PackageError> {
        Self::open_with(dir, &Tools::default()).await
    }

    /// The same with these programs.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub async fn open_with(dir: &Path, tools: &Tools) -> Result<Self, PackageError> {
        let absolute = dir.canonicalize().map_err(|source| PackageError::Open {
            dir: dir.to_owned(),
            source,
        })?;
        let language = Language::of(&absolute).ok_or_else(|| PackageError::NoPackage {
            dir: dir.to_owned(),
        })?;
        let (name, target, builder) = match language {
            Language::Rust => {
                let (name, target, library) = rust::open(&absolute, tools).await?;
                (name, target, Builder::Rust(library))
            }
            Language::TypeScript => {
                let name = typescript::open(&absolute)?;
                (name, absolute.join("target"), Builder::TypeScript)
            }
            Language::Python => {
                let (name, sdk) = python::open(&absolute)?;
                (name, absolute.join("target"), Builder::Python(sdk))
            }
        };
        let name = PolicyName::new(&name).ok_or_else(|| PackageError::Misnamed {
            manifest: absolute.join(language.manifest()),
            name,
        })?;
        Ok(Self {
            language,
            component: target.join(format!("policies/{name}.wasm")),
            settings: absolute.join(format!("{name}.toml")),
            cases: absolute.join("cases"),
            dir: absolute,
            name,
            builder,
            tools: tools.clone(),
        })
    }

    /// Builds the component, and puts the settings beside it; false if the sources do not build. What compilers say goes
    /// where it always goes, and what is done besides building is said to `out`.
    ///
    /// # Errors
    ///
    /// A compiler is missing, or what it needs is not installed; or it says that it built
    /// the component, and there is none.
    pub async fn build(&self, out: &mut dyn Write) -> Result<bool, PackageError> {
        let built = match &self.builder {
            Builder::Rust(library) => {
                rust::build(&self.dir, library, &self.component, &self.tools, out).await?
            }
            Builder::TypeScript => typescript::build(&self.dir, &self.tools).await?,
            Builder::Python(sdk) => python::build(&self.dir, sdk, &self.tools).await?,
        };
        if !built {
            return Ok(false);
        }
        if !self.component.exists() {
            return Err(PackageError::NotThere {
                component: self.component.clone(),
            });
        }
        self.place_settings()?;
        Ok(true)
    }

    /// Puts the settings beside the component, as a folder of policies has them.
    fn place_settings(&self) -> Result<(), PackageError> {
        let beside = self.component.with_extension("toml");
        let placed = if self.settings.exists() {
            place::put(&self.settings, &beside)
        } else {
            place::remove(&beside)
        };
        placed.map_err(|source| PackageError::Write {
            file: beside,
            source,
        })
    }

    /// The policy's files, as if the package were a folder of policies.
    #[must_use]
    pub fn found(&self) -> Found {
        Found {
            name: self.name.clone(),
            folder: Arc::new(Folder::only(self.dir.clone())),
            others: Vec::new(),
            component: self.component.clone(),
            settings: self.settings.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
