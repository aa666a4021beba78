//! Languages that policies are written in.

use std::fmt;
use std::path::Path;

/// A language with an SDK of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Rust, built by cargo.
    Rust,
    /// TypeScript or JavaScript, built by the package's own `npm run build`.
    TypeScript,
    /// Python, built by the SDK's own `hookwarden_sdk.build`.
    Python,
}

impl Language {
    /// All of them. In a folder with several manifests the first counts.
    pub const ALL: [Self; 3] = [Self::Rust, Self::TypeScript, Self::Python];

    /// What it is called on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::TypeScript => "typescript",
            Self::Python => "python",
        }
    }

    /// The language of a [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|language| language.name() == name)
    }

    /// The file by which a package of this language is known, and which names it.
    #[must_use]
    pub fn manifest(self) -> &'static str {
        match self {
            Self::Rust => "Cargo.toml",
            Self::TypeScript => "package.json",
            Self::Python => "pyproject.toml",
        }
    }

    /// The language of the package in a folder; `None` if it is none.
    pub(super) fn of(dir: &Path) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|language| dir.join(language.manifest()).is_file())
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rust => "Rust",
            Self::TypeScript => "TypeScript",
            Self::Python => "Python",
        })
    }
}
