//! Authority over a call: what the operator lets a policy see of it and do to it.
//!
//! Everything, unless it is narrowed. An attribute goes by its name alone: a name stands
//! for whatever has it, wherever a call carries it and whichever command sets it. What of
//! a call is an attribute, and under which name a command sets what, is at the head of
//! each hook type's file.

use std::collections::BTreeSet;

/// What a policy may see of a call and do to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// The attributes that it sees. See [`Call::seen`](super::Call::seen).
    pub see: Attributes,
    /// The attributes that its decisions may set.
    pub set: Attributes,
    /// Whether its decisions may deny.
    pub deny: bool,
    /// Whether what it has to say for Okta's log is sent.
    pub debug_context: bool,
}

/// Some of all attributes.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub enum Attributes {
    /// Every one, also those that nobody knows yet.
    #[default]
    All,
    /// Those with these names.
    Only(BTreeSet<String>),
}

/// The name that stands for all.
const ALL: &str = "*";

/// Everything.
impl Default for Authority {
    fn default() -> Self {
        Self {
            see: Attributes::All,
            set: Attributes::All,
            deny: true,
            debug_context: true,
        }
    }
}

impl Attributes {
    /// Whether the attribute of this name is among them.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.contains(name),
        }
    }
}

/// From names; `*` among them is all. Without any, none.
impl<S: Into<String>> FromIterator<S> for Attributes {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        let names: BTreeSet<_> = names.into_iter().map(Into::into).collect();
        if names.contains(ALL) {
            return Self::All;
        }
        Self::Only(names)
    }
}

#[cfg(test)]
mod tests;
