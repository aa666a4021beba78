//! Updates of a profile: attributes and their new values.
//!
//! Updates of different attributes add up, in the order of the chain. If two policies
//! set one attribute, the earlier in the chain prevails, and the conflict is recorded;
//! within one policy the later command prevails, as Okta itself would have it.

use std::borrow::Cow;

use indexmap::IndexMap;
use indexmap::map::Entry;
use serde_json::value::RawValue;

use super::answer::Value;
use super::authority::Attributes;
use super::check::{self, violation};
use super::conflict::Conflicts;
use super::violation::{Rule, Violation};

/// The only attribute that no command may set.
///
/// Source: Okta, *Registration inline hook* reference, `userProfile`.
const PASSWORD: &str = "password";

/// Attributes with their new values and the number of the policy that set each, in the
/// order in which they were first set.
#[derive(Debug, Default, Clone)]
pub(super) struct Updates(IndexMap<String, (usize, Box<RawValue>)>);

impl Updates {
    /// Adds the value of a command of a policy that may set these attributes.
    ///
    /// # Errors
    ///
    /// It is no object of attributes that may be set.
    pub(super) fn read(
        &mut self,
        value: &str,
        at: &str,
        set: &Attributes,
    ) -> Result<(), Violation> {
        let attributes = check::object(value, at)?;
        if attributes.names().any(|name| name == PASSWORD) {
            let at = format!("{at}.{PASSWORD}");
            return Err(violation(Rule::ForbiddenAttribute, at));
        }
        for name in attributes.names() {
            check::granted(set, name, at)?;
        }
        let attributes = attributes.into_vec().into_iter();
        self.0
            .extend(attributes.map(|(name, value): (Cow<'_, str>, &RawValue)| {
                (name.into_owned(), (0, value.to_owned()))
            }));
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds what another policy sets.
    pub(super) fn join(&mut self, own: Self, policy: usize, conflicts: &mut Conflicts) {
        for (attribute, (_, value)) in own.0 {
            match self.0.entry(attribute) {
                Entry::Occupied(earlier) => conflicts.note(earlier.get().0, policy),
                Entry::Vacant(free) => {
                    free.insert((policy, value));
                }
            }
        }
    }

    /// As the value of a command.
    pub(super) fn value(&self) -> Value<'_> {
        let attributes = self.0.iter();
        let attributes = attributes.map(|(attribute, (_, value))| (attribute.as_str(), &**value));
        Value::Object(attributes.collect())
    }
}
