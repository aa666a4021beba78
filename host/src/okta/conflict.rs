//! Conflicts: wishes of two policies that cannot be had together.

/// Two policies that wanted what cannot be had together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict<'a> {
    /// The policy whose wishes are sent.
    pub kept: &'a str,
    /// The policy whose wishes are not.
    pub dropped: &'a str,
    /// How many attributes, operations or actions both had.
    pub items: usize,
}

/// Conflicts by the numbers of policies in the chain: which prevails, which does not,
/// and over how much.
#[derive(Debug, Default, Clone)]
pub(super) struct Conflicts(Vec<(usize, usize, usize)>);

impl Conflicts {
    /// Whether there are none.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Notes one.
    pub(super) fn note(&mut self, kept: usize, dropped: usize) {
        let same =
            |conflict: &&mut (usize, usize, usize)| (conflict.0, conflict.1) == (kept, dropped);
        match self.0.iter_mut().find(same) {
            Some(conflict) => conflict.2 += 1,
            None => self.0.push((kept, dropped, 1)),
        }
    }

    /// Them, by the names of the policies.
    pub(super) fn named<'a>(&self, policies: &[&'a str]) -> Vec<Conflict<'a>> {
        let conflicts = self.0.iter();
        conflicts
            .map(|(kept, dropped, items)| Conflict {
                kept: policies[*kept],
                dropped: policies[*dropped],
                items: *items,
            })
            .collect()
    }
}
