//! Ranges of addresses: networks laid flat.
//!
//! Networks lie beside or within each other. Laid flat, each address is in one
//! range at most, that of the smallest network around it, and is found by one
//! search. Ranges that touch and mean the same are one.

/// An address as a number.
pub(super) trait Address: Copy + Ord {
    /// The next one, unless it is the last.
    fn next(self) -> Option<Self>;
    /// The one before, unless it is the first.
    fn previous(self) -> Option<Self>;
}

impl Address for u32 {
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }

    fn previous(self) -> Option<Self> {
        self.checked_sub(1)
    }
}

impl Address for u128 {
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }

    fn previous(self) -> Option<Self> {
        self.checked_sub(1)
    }
}

/// How many ranges lie between two fences.
const FIELD: usize = 32;

/// Ranges that do not overlap, in order, each with what it means.
pub(super) struct Ranges<A, M> {
    /// The first addresses of every so many: few enough to stay in a processor's
    /// cache, so that a search leaves it once and not at every step.
    fences: Vec<A>,
    first: Vec<A>,
    last: Vec<A>,
    meaning: Vec<M>,
}

impl<A: Address, M: Copy + PartialEq> Ranges<A, M> {
    /// Lays networks flat: first and last address and meaning of each. They are in
    /// the order of their first addresses, the larger before the smaller, and none
    /// overlaps another without containing it.
    pub(super) fn new(networks: impl Iterator<Item = (A, A, M)>) -> Self {
        let mut ranges = Self {
            fences: Vec::new(),
            first: Vec::new(),
            last: Vec::new(),
            meaning: Vec::new(),
        };
        // The networks around the current address, the smallest last, and the first
        // address that is in no range yet; `None` once all are.
        let mut around: Vec<(A, M)> = Vec::new();
        let mut from: Option<A> = None;
        for (first, last, meaning) in networks {
            while let Some((end, outer)) = around.pop_if(|(end, _)| *end < first) {
                ranges.push(from, Some(end), outer);
                from = end.next();
            }
            if let Some((_, outer)) = around.last() {
                ranges.push(from, first.previous(), *outer);
            }
            around.push((last, meaning));
            from = Some(first);
        }
        while let Some((end, outer)) = around.pop() {
            ranges.push(from, Some(end), outer);
            from = end.next();
        }
        ranges.fences = ranges.first.iter().step_by(FIELD).copied().collect();
        ranges.shrink();
        ranges
    }

    /// Appends a range, if there is anything in it.
    fn push(&mut self, first: Option<A>, last: Option<A>, meaning: M) {
        let (Some(first), Some(last)) = (first, last) else {
            return;
        };
        if first > last {
            return;
        }
        let touches = self.last.last().and_then(|last| last.next()) == Some(first);
        if touches && self.meaning.last() == Some(&meaning) {
            self.last.pop();
            self.last.push(last);
            return;
        }
        self.first.push(first);
        self.last.push(last);
        self.meaning.push(meaning);
    }

    fn shrink(&mut self) {
        self.first.shrink_to_fit();
        self.last.shrink_to_fit();
        self.meaning.shrink_to_fit();
    }

    /// What an address means.
    pub(super) fn find(&self, address: A) -> Option<M> {
        let fences = self.fences.partition_point(|first| *first <= address);
        let field = fences.checked_sub(1)? * FIELD;
        let ranges = &self.first[field..self.first.len().min(field + FIELD)];
        let range = field + ranges.partition_point(|first| *first <= address) - 1;
        (address <= self.last[range]).then(|| self.meaning[range])
    }

    /// The bytes it holds.
    pub(super) fn memory(&self) -> usize {
        let addresses = [&self.fences, &self.first, &self.last];
        let addresses: usize = addresses
            .into_iter()
            .map(|these| size_of_val(&**these))
            .sum();
        addresses + size_of_val(&*self.meaning)
    }
}

#[cfg(test)]
mod tests {
    use xxhash_rust::xxh3::xxh3_64_with_seed;

    use super::Ranges;

    #[test]
    fn the_smallest_network_around_an_address_is_found() {
        // Of an address space of 256: all the ways in which networks can touch.
        for seed in 0..2000 {
            let random = |n: u64| xxh3_64_with_seed(&n.to_le_bytes(), seed);
            let mut networks: Vec<(u32, u32, u64)> = (0..seed % 24)
                .map(|n| {
                    let size = 1_u32 << (random(n * 2) % 9);
                    let base = u32::MAX - 255;
                    let first = base + ((random(n * 2 + 1) % 256) as u32 & !(size - 1));
                    (first, first + (size - 1), n % 3)
                })
                .collect();
            networks.sort_by_key(|(first, last, _)| (*first, !*last));
            networks.dedup_by_key(|(first, last, _)| (*first, *last));
            let ranges = Ranges::new(networks.iter().copied());
            for address in (u32::MAX - 260..=u32::MAX).chain([0]) {
                let around = networks
                    .iter()
                    .filter(|(first, last, _)| (*first..=*last).contains(&address));
                let smallest = around.min_by_key(|(first, last, _)| last - first);
                let meaning = smallest.map(|(_, _, meaning)| *meaning);
                assert_eq!(ranges.find(address), meaning, "{seed}: {address}");
            }
        }
    }

    #[test]
    fn every_one_of_many_ranges_is_found() {
        for count in [1, 31, 32, 33, 63, 64, 65, 1000] {
            let networks = (1..=count).map(|n: u32| (n * 10, n * 10 + 4, n));
            let ranges = Ranges::new(networks);
            for address in 0..count * 10 + 20 {
                let n = address / 10;
                let found = (1..=count).contains(&n) && address % 10 <= 4;
                assert_eq!(
                    ranges.find(address),
                    found.then_some(n),
                    "{count}: {address}"
                );
            }
        }
    }

    #[test]
    fn ranges_that_touch_and_mean_the_same_are_one() {
        let networks = [(0, 7, ()), (2, 3, ()), (8, 15, ()), (16, 16, ())];
        let ranges: Ranges<u128, ()> = Ranges::new(networks.into_iter());
        assert_eq!((&*ranges.first, &*ranges.last), (&[0][..], &[16][..]));
    }
}
