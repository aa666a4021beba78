//! A case: a call, the world that it is made in, and what is expected, in one file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::call::FileCall;
use super::expect::{Expectation, FileExpectation};
use super::world::{Given, GivenAnswer, GivenDataset, Wrong};
use crate::files::{self, ReadError};
use crate::policy::{SettingsError, json_of_toml};

/// The largest file of a case, in bytes.
const MAX_CASE: u64 = 4 * 1024 * 1024;

/// A case that was read.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its name: the file's.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// What its file says.
    pub text: String,
    /// Its call.
    pub call: FileCall,
    /// The policy's settings, instead of those of its file.
    pub settings: Option<toml::Table>,
    /// What the operator says about the policy, as `[policies.<name>]`.
    pub policy: toml::Table,
    /// What it gives the policy.
    pub given: Given,
    /// What is expected.
    pub expect: Expectation,
}

/// Why a case cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// Its file cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It is not TOML.
    #[error("`{}`, line {line}: {reason}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// A member that makes no sense.
    #[error("`{}`: `{member}`: {reason}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The member.
        member: String,
        /// What is wrong, and what would be right.
        reason: String,
    },
}

/// A case, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileCase {
    clock: Option<String>,
    seed: Option<u64>,
    #[serde(default)]
    call: FileCall,
    settings: Option<toml::Table>,
    #[serde(default)]
    policy: toml::Table,
    #[serde(default)]
    secrets: BTreeMap<String, String>,
    #[serde(default)]
    datasets: BTreeMap<String, GivenDataset>,
    key_value: Option<BTreeMap<String, String>>,
    #[serde(default)]
    http: Vec<GivenAnswer>,
    #[serde(default)]
    expect: FileExpectation,
}

impl Case {
    /// Reads a case.
    ///
    /// # Errors
    ///
    /// See [`CaseError`].
    pub fn read(path: &Path) -> Result<Self, CaseError> {
        Self::parse(path, &files::read_text(path, MAX_CASE)?)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, CaseError> {
        let syntax = |error: &toml::de::Error, member: Option<String>| {
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.unwrap_or_default().matches('\n').count() + 1;
            let at = member.map(|member| format!("`{member}`: "));
            CaseError::Syntax {
                path: path.to_owned(),
                line,
                reason: format!("{}{}", at.unwrap_or_default(), error.message().trim_end()),
            }
        };
        let toml = toml::Deserializer::parse(text).map_err(|error| syntax(&error, None))?;
        let file: FileCase = serde_path_to_error::deserialize(toml).map_err(|error| {
            let member = error.path().to_string();
            syntax(error.inner(), Some(member).filter(|member| member != "."))
        })?;
        let invalid = |Wrong { member, reason }| CaseError::Invalid {
            path: path.to_owned(),
            member,
            reason,
        };
        if file.policy.contains_key("grants") {
            let reason =
                "is what the case has: `[secrets]`, `[datasets.<name>]`, `[key_value]`, `[[http]]`";
            return Err(invalid(Wrong {
                member: "policy.grants".to_owned(),
                reason: reason.to_owned(),
            }));
        }
        let stem = path.file_stem().unwrap_or_default();
        Ok(Self {
            name: stem.to_string_lossy().into_owned(),
            path: path.to_owned(),
            text: text.to_owned(),
            call: file.call,
            settings: file.settings,
            policy: file.policy,
            given: Given {
                clock: file.clock,
                seed: file.seed,
                secrets: file.secrets,
                datasets: file.datasets,
                key_value: file.key_value,
                http: file.http,
            },
            expect: Expectation::new(file.expect).map_err(invalid)?,
        })
    }

    /// A case that has nothing: the sample of the only hook that a policy serves, in an
    /// empty world.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            name: String::new(),
            path: PathBuf::new(),
            text: String::new(),
            call: FileCall::default(),
            settings: None,
            policy: toml::Table::new(),
            given: Given::default(),
            expect: Expectation::default(),
        }
    }

    /// The folder that its files are found in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }
}

/// JSON that stands in TOML as it is, or as the text of a string where an object or a list
/// is wanted.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "toml::Value")]
pub struct Json(pub serde_json::Value);

impl TryFrom<toml::Value> for Json {
    type Error = SettingsError;

    fn try_from(value: toml::Value) -> Result<Self, SettingsError> {
        json_of_toml(value).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Case;

    fn error(text: &str) -> String {
        let case = Case::parse(Path::new("cases/x.toml"), text);
        case.expect_err("a mistake").to_string()
    }

    #[test]
    fn a_case_is_named_after_its_file() {
        let case = Case::parse(Path::new("cases/x.toml"), "[expect]\ndecision = 'denied'\n");
        assert_eq!(case.expect("a case").name, "x");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_file_its_line_and_its_member() {
        for (text, says) in [
            ("seed = \n", "`cases/x.toml`, line 1: "),
            (
                "seed = 1\n[expect]\ndecison = 'denied'\n",
                "`cases/x.toml`, line 3: `expect.decison`: unknown field `decison`, expected one of `decision`",
            ),
            (
                "[expect]\ndecision = 'deny'\n",
                "`cases/x.toml`: `expect.decision`: must be one of",
            ),
            (
                "[expect]\nanswer = '{'\n",
                "`cases/x.toml`: `expect.answer`: is not JSON",
            ),
            (
                "[policy.grants]\nkey_value = true\n",
                "`cases/x.toml`: `policy.grants`: is what the case has",
            ),
            (
                "[[http]]\nurl = 3\n",
                "`cases/x.toml`, line 2: `http[0].url`: invalid type",
            ),
        ] {
            let error = error(text);
            assert!(error.contains(says), "{error}\nand not\n{says}");
        }
    }
}
