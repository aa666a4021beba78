//! Ungranted: what a policy asks for and does not have, with what to write where.
//!
//! A component asks by what it imports, its settings by what they name: an object whose
//! only member is `secret` or `dataset`.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};

use super::contract::{Ask, Contract};
use super::grants::{Effective, Grants};
use super::name::PolicyName;
use crate::telemetry::foreign;

/// Something that a policy asks for and does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Ungranted {
    /// Its import, or the member of its settings. Controlled by whoever made the policy.
    asked: Asked,
    /// The key of the configuration that grants it.
    key: String,
    /// It is granted there, and the ceiling of its folder withholds it.
    ceiling: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Asked {
    Import(String),
    Named(Named),
    /// An import that no grant is for.
    Unknown(String),
}

impl fmt::Display for Ungranted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = &self.key;
        match &self.asked {
            Asked::Unknown(import) => {
                let import = foreign(import);
                return write!(
                    f,
                    "it asks for `{import}`, which this version of the host cannot grant"
                );
            }
            Asked::Import(import) => write!(f, "it asks for `{}`", foreign(import))?,
            Asked::Named(Named { ask, name, at }) => {
                let (name, at) = (foreign(name), foreign(at));
                write!(f, "its settings name the {ask} `{name}` at `{at}`")?;
            }
        }
        match &self.ceiling {
            None => write!(f, ", which is not granted: grant it with `{key}`"),
            Some(ceiling) => write!(
                f,
                ", which `{key}` grants and `{ceiling}` withholds: the folder's policies can have no more than that"
            ),
        }
    }
}

/// Something that settings name.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Named {
    ask: Ask,
    name: String,
    /// The path to it.
    at: String,
}

/// Several of those, as one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllUngranted(Vec<Ungranted>);

impl AllUngranted {
    /// What is asked for, each once; what no grant is for is left out.
    #[must_use]
    pub fn asks(&self) -> BTreeSet<Ask> {
        let asks = self
            .0
            .iter()
            .filter_map(|ungranted| match &ungranted.asked {
                Asked::Import(import) => Ask::of(import),
                Asked::Named(named) => Some(named.ask),
                Asked::Unknown(_) => None,
            });
        asks.collect()
    }
}

impl fmt::Display for AllUngranted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, ungranted) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{ungranted}")?;
        }
        Ok(())
    }
}

/// Whose grants are looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whose<'a> {
    pub(super) policy: &'a PolicyName,
    /// The folder's name; `None` for the only one.
    pub(super) folder: Option<&'a str>,
    /// As configured, for what the ceiling withholds.
    pub(super) said: &'a Grants,
    pub(super) effective: &'a Effective,
}

impl Whose<'_> {
    fn ungranted(&self, asked: Asked, key: &str, is_said: bool) -> Ungranted {
        let folder = self.folder.filter(|_| is_said);
        Ungranted {
            asked,
            key: format!("policies.{}.grants.{key}", self.policy),
            ceiling: folder.map(|folder| format!("folders.{folder}.ceiling.{key}")),
        }
    }

    /// Whether everything is granted that a component asks for by its imports.
    pub(super) fn check_imports(&self, contract: &Contract) -> Result<(), AllUngranted> {
        let said = Effective {
            grants: self.said.clone(),
            ..self.effective.clone()
        };
        let ungranted = contract.asks_for.iter().filter_map(|import| {
            let Some(ask) = Ask::of(import) else {
                let asked = Asked::Unknown(import.clone());
                return Some(self.ungranted(asked, "", false));
            };
            let asked = || Asked::Import(import.clone());
            (!self.effective.has(ask)).then(|| self.ungranted(asked(), ask.key(), said.has(ask)))
        });
        all(ungranted.collect())
    }

    /// Whether everything is granted that settings name.
    pub(super) fn check_settings(&self, settings: &str) -> Result<(), AllUngranted> {
        let settings = serde_json::from_str(settings).unwrap_or_default();
        let mut named = Vec::new();
        find_named(&settings, &mut String::new(), &mut named);
        let ungranted = named.into_iter().filter_map(|named| {
            let has = |grants: &Grants| match named.ask {
                Ask::Secrets => grants.secrets.contains_key(&named.name),
                _ => grants.datasets.contains(&named.name),
            };
            let (has, key, is_said) =
                (has(&self.effective.grants), named.ask.key(), has(self.said));
            (!has).then(|| self.ungranted(Asked::Named(named), key, is_said))
        });
        all(ungranted.collect())
    }
}

/// Finds what settings name: an object whose only member is `secret` or `dataset`.
fn find_named(value: &serde_json::Value, at: &mut String, found: &mut Vec<Named>) {
    use serde_json::Value;

    let length = at.len();
    match value {
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                let _ = write!(at, "[{index}]");
                find_named(value, at, found);
                at.truncate(length);
            }
        }
        Value::Object(members) => {
            let mut all = members.iter();
            if let (Some((member, Value::String(name))), None) = (all.next(), all.next())
                && let Some(ask) = Ask::named_by(member)
            {
                let (name, at) = (name.clone(), at.clone());
                found.push(Named { ask, name, at });
                return;
            }
            for (name, value) in members {
                if length > 0 {
                    at.push('.');
                }
                at.push_str(name);
                find_named(value, at, found);
                at.truncate(length);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn all(ungranted: Vec<Ungranted>) -> Result<(), AllUngranted> {
    if ungranted.is_empty() {
        return Ok(());
    }
    Err(AllUngranted(ungranted))
}
