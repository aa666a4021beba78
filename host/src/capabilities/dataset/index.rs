//! An index: finds a key in an arena by its hash.
//!
//! Open addressing over the places of the keys, five of its slots to four keys.
//! Beside each slot stands a byte of the key's hash, so that a search which finds
//! nothing rarely looks into the arena.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::arena::Arena;

/// In place of a byte of a hash: the slot is free.
const FREE: u8 = 0;

/// Keys in an arena, which is not the index's own.
pub(super) struct Index {
    seed: u64,
    tags: Box<[u8]>,
    places: Box<[u32]>,
    /// The most bytes of a key: longer ones need not be hashed.
    longest: usize,
}

/// Where a key is, or where it would be.
enum Slot {
    Taken(u32),
    Free { slot: usize, tag: u8 },
}

impl Index {
    /// An index of at most so many keys. The seed is not to be foreseen by whoever
    /// chooses the keys: they could make all of them collide.
    pub(super) fn new(keys: usize, seed: u64) -> Self {
        let slots = keys + keys / 4 + 1;
        Self {
            seed,
            tags: vec![FREE; slots].into(),
            places: vec![0; slots].into(),
            longest: 0,
        }
    }

    /// Adds the key at a place, unless it is there: then the place where it is.
    pub(super) fn insert(&mut self, arena: &Arena, place: u32) -> Option<u32> {
        let key = arena.get(place).0.as_bytes();
        match self.probe(arena, key) {
            Slot::Taken(earlier) => Some(earlier),
            Slot::Free { slot, tag } => {
                self.tags[slot] = tag;
                self.places[slot] = place;
                self.longest = self.longest.max(key.len());
                None
            }
        }
    }

    /// The place of a key.
    pub(super) fn find(&self, arena: &Arena, key: &[u8]) -> Option<u32> {
        if key.len() > self.longest {
            return None;
        }
        match self.probe(arena, key) {
            Slot::Taken(place) => Some(place),
            Slot::Free { .. } => None,
        }
    }

    fn probe(&self, arena: &Arena, key: &[u8]) -> Slot {
        let hash = xxh3_64_with_seed(key, self.seed);
        let tag = (hash as u8).max(FREE + 1);
        let slots = self.tags.len();
        // The upper bits choose the slot, the lowest are the tag.
        let mut slot = ((u128::from(hash) * slots as u128) >> 64) as usize;
        // There are more slots than keys, so one is free.
        loop {
            let here = self.tags[slot];
            if here == FREE {
                return Slot::Free { slot, tag };
            }
            let place = self.places[slot];
            if here == tag && arena.get(place).0.as_bytes() == key {
                return Slot::Taken(place);
            }
            slot += 1;
            if slot == slots {
                slot = 0;
            }
        }
    }

    /// The bytes it holds.
    pub(super) fn memory(&self) -> usize {
        size_of_val(&*self.tags) + size_of_val(&*self.places)
    }
}

#[cfg(test)]
mod tests {
    use super::super::arena::Arena;
    use super::Index;

    #[test]
    fn every_key_is_found_and_no_other() {
        for keys in [0, 1, 2, 3, 4, 5, 1000] {
            let mut arena = Arena::default();
            let mut index = Index::new(keys, 7);
            let mut places = Vec::new();
            for key in 0..keys {
                let place = arena.push(&format!("key {key}")).unwrap();
                assert_eq!(index.insert(&arena, place), None);
                places.push(place);
            }
            for (key, place) in places.into_iter().enumerate() {
                let again = arena.push(&format!("key {key}")).unwrap();
                assert_eq!(index.insert(&arena, again), Some(place));
                let key = format!("key {key}");
                assert_eq!(index.find(&arena, key.as_bytes()), Some(place));
            }
            for key in keys..keys + 1000 {
                let key = format!("key {key}");
                assert_eq!(index.find(&arena, key.as_bytes()), None);
            }
            assert_eq!(index.find(&arena, b""), None);
        }
    }

    #[test]
    fn an_entry_takes_few_bytes() {
        assert!(Index::new(1_000_000, 0).memory() < 6_300_000);
    }
}
