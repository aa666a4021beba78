//! The keys of a dataset, and the rule by which a value is one of them.

use super::arena::Arena;
use super::index::Index;
use super::network::Networks;
use super::shape::Matching;
use super::{domain, fold};

/// Finds what a value leads to.
pub(super) enum Keys {
    /// Texts in the arena, each with its record, if any, after it.
    Names { index: Index, rule: Rule },
    /// A list of networks.
    Networks(Networks<()>),
    /// Networks with the places of their records in the arena.
    NetworkRecords(Networks<u32>),
}

/// How a value is compared with names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    Exact,
    IgnoreCase,
    Domain,
}

impl Rule {
    /// The rule for names; `None` for networks, which are numbers.
    pub(super) fn of(matching: Matching) -> Option<Self> {
        match matching {
            Matching::Exact => Some(Self::Exact),
            Matching::IgnoreCase => Some(Self::IgnoreCase),
            Matching::Domain => Some(Self::Domain),
            Matching::Network => None,
        }
    }

    /// The place of the name that a value is found under.
    fn find(self, index: &Index, arena: &Arena, value: &str) -> Option<u32> {
        match self {
            Self::Exact => index.find(arena, value.as_bytes()),
            Self::IgnoreCase => fold::with(value, |folded| index.find(arena, folded)),
            Self::Domain => fold::with(domain::parse(value)?, |folded| {
                domain::upwards(folded).find_map(|name| index.find(arena, name))
            }),
        }
    }
}

impl Keys {
    /// Whether a value is found.
    pub(super) fn contain(&self, arena: &Arena, value: &str) -> bool {
        match self {
            Self::Names { index, rule } => rule.find(index, arena, value).is_some(),
            Self::Networks(networks) => networks.find(value).is_some(),
            Self::NetworkRecords(networks) => networks.find(value).is_some(),
        }
    }

    /// The record that a value leads to. The keys are those of a table.
    pub(super) fn record<'a>(&self, arena: &'a Arena, value: &str) -> Option<&'a str> {
        let record = match self {
            Self::Names { index, rule } => {
                let name = rule.find(index, arena, value)?;
                arena.get(name).1
            }
            Self::Networks(_) => return None,
            Self::NetworkRecords(networks) => networks.find(value)?,
        };
        Some(arena.get(record).0)
    }

    /// The bytes they hold.
    pub(super) fn memory(&self) -> usize {
        match self {
            Self::Names { index, .. } => index.memory(),
            Self::Networks(networks) => networks.memory(),
            Self::NetworkRecords(networks) => networks.memory(),
        }
    }
}
