//! A builder: takes the entries of a file one by one and makes them findable.

use super::arena::{Arena, Full};
use super::fault::{ContentError, Fault};
use super::index::Index;
use super::keys::{Keys, Rule};
use super::network::Collected;
use super::records::Records;
use super::shape::{Matching, ReadLimits};
use super::{domain, fold, network};

/// Entries so far.
pub(super) struct Builder<'a> {
    text: &'a str,
    limits: ReadLimits,
    rule: Option<Rule>,
    added: usize,
    arena: Arena,
    /// Where in the file each name stands, in the order of the names in the arena.
    places: Vec<u32>,
    networks: Collected,
    folded: String,
}

/// Entries that can be found.
pub(super) struct Built {
    pub(super) arena: Arena,
    pub(super) keys: Keys,
    /// How many keys there are.
    pub(super) len: usize,
}

impl<'a> Builder<'a> {
    /// For the entries of this text.
    pub(super) fn new(text: &'a str, matching: Matching, limits: ReadLimits) -> Self {
        let rule = Rule::of(matching);
        Self {
            text,
            limits,
            rule,
            added: 0,
            // A list of names takes about as much as the text of it.
            arena: Arena::with_capacity(if rule.is_some() { text.len() } else { 0 }),
            places: Vec::new(),
            networks: Collected::default(),
            folded: String::new(),
        }
    }

    /// Adds an entry that stands at a place in the text: with a record if the file is
    /// a table, without if it is a list.
    pub(super) fn add(
        &mut self,
        place: usize,
        key: &str,
        record: Option<&str>,
    ) -> Result<(), ContentError> {
        if self.added == self.limits.entries {
            let limit = self.limits.entries;
            return Err(ContentError::TooMany { limit });
        }
        self.added += 1;
        if key.is_empty() {
            return Err(Fault::EmptyKey.at(self.text, place));
        }
        match self.rule {
            Some(rule) => self.add_name(rule, place, key, record),
            None => self.add_network(place, key, record),
        }
    }

    fn add_name(
        &mut self,
        rule: Rule,
        place: usize,
        key: &str,
        record: Option<&str>,
    ) -> Result<(), ContentError> {
        let name = match rule {
            Rule::Exact | Rule::IgnoreCase => Some(key),
            Rule::Domain => domain::parse(key),
        };
        let name = name.ok_or_else(|| Fault::NotADomain.at(self.text, place))?;
        if rule == Rule::Exact {
            self.keep(name)?;
        } else {
            let mut folded = std::mem::take(&mut self.folded);
            folded.clear();
            fold::append(name, &mut folded);
            self.keep(&folded)?;
            self.folded = folded;
        }
        if let Some(record) = record {
            self.keep(record)?;
        }
        let place = self.narrow(place)?;
        self.places.push(place);
        Ok(())
    }

    fn add_network(
        &mut self,
        place: usize,
        key: &str,
        record: Option<&str>,
    ) -> Result<(), ContentError> {
        let network = network::parse(key);
        let network = network.ok_or_else(|| Fault::NotANetwork.at(self.text, place))?;
        let record = record.map_or(Ok(0), |record| self.keep(record))?;
        self.networks.push(network, record, self.narrow(place)?);
        Ok(())
    }

    fn keep(&mut self, text: &str) -> Result<u32, ContentError> {
        self.arena.push(text).map_err(|Full| self.too_large())
    }

    fn narrow(&self, place: usize) -> Result<u32, ContentError> {
        u32::try_from(place).map_err(|_| self.too_large())
    }

    fn too_large(&self) -> ContentError {
        let limit = self.limits.bytes();
        ContentError::TooLarge { limit }
    }

    /// Makes the entries findable.
    pub(super) fn finish(self, records: &Records, seed: u64) -> Result<Built, ContentError> {
        let Self {
            text,
            rule,
            mut arena,
            places,
            mut networks,
            ..
        } = self;
        arena.shrink();
        let repeated = |place: u32| Fault::RepeatedKey.at(text, place as usize);
        let (keys, len) = if let Some(rule) = rule {
            let (index, len) = index(&arena, &places, records, seed).map_err(repeated)?;
            (Keys::Names { index, rule }, len)
        } else {
            let list = matches!(records, Records::None);
            let same = |a, b| list || records.same(arena.get(a).0, arena.get(b).0);
            networks.sort(same).map_err(repeated)?;
            let len = networks.len();
            let keys = if list {
                Keys::Networks(networks.lay(|_| ()))
            } else {
                Keys::NetworkRecords(networks.lay(|record| record))
            };
            (keys, len)
        };
        Ok(Built { arena, keys, len })
    }
}

/// An index of the names in an arena, and how many different ones there are; or the
/// place in the file of a name that is there with another record.
fn index(
    arena: &Arena,
    places: &[u32],
    records: &Records,
    seed: u64,
) -> Result<(Index, usize), u32> {
    let list = matches!(records, Records::None);
    let mut index = Index::new(places.len(), seed);
    let (mut name, mut len) = (0, 0);
    for place in places {
        let (_, after) = arena.get(name);
        let earlier = index.insert(arena, name);
        let next = if list { after } else { arena.get(after).1 };
        match earlier {
            None => len += 1,
            Some(_) if list => {}
            Some(earlier) => {
                let record = arena.get(arena.get(earlier).1).0;
                if !records.same(record, arena.get(after).0) {
                    return Err(*place);
                }
            }
        }
        name = next;
    }
    Ok((index, len))
}
