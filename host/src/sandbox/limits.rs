//! Limits: what one evaluation may use.

use std::time::Duration;

use wasmtime::ResourceLimiter;

use crate::capabilities::meter::Allowance;

/// What one evaluation may use, and how many there may be of one policy. Whatever
/// an evaluation uses beyond ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Fuel, whatever the size of the call.
    pub fuel: u64,
    /// Fuel in addition, for each byte of the call.
    pub fuel_per_byte: u64,
    /// Fuel that it may burn before it yields, and so on the thread of its call; more
    /// for a larger call.
    pub slice: u64,
    /// Time from the start of the evaluation, waiting for a place included.
    pub deadline: Duration,
    /// Linear memory in all, in bytes.
    pub memory: usize,
    /// Elements of all tables together.
    pub table_elements: usize,
    /// Host calls.
    pub host_calls: u32,
    /// Bytes that pass through host calls, in both directions together.
    pub host_bytes: u64,
    /// Bytes of log lines, written or not.
    pub log_bytes: u64,
    /// Bytes of what it returns, all texts together.
    pub output: usize,
    /// Handles of resources that it holds, or that the host keeps for it.
    pub handles: usize,
    /// How many evaluations of the policy there may be at once.
    pub evaluations: usize,
    /// How many of those may be in the slow lane.
    pub slow: usize,
}

impl Limits {
    /// The fuel for a call of this many bytes.
    #[must_use]
    pub fn fuel_for(&self, bytes: usize) -> u64 {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.fuel
            .saturating_add(self.fuel_per_byte.saturating_mul(bytes))
    }

    /// The slice for a call of this many bytes. Reading a larger one is ordinary work;
    /// but no slice holds a thread for more than about 1 ms.
    pub(super) fn slice_for(&self, bytes: usize) -> u64 {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let slice = SLICE_PER_BYTE.saturating_mul(bytes);
        slice.saturating_add(self.slice).clamp(1, LONGEST_SLICE)
    }

    /// What its host calls may cost.
    pub(super) fn allowance(&self) -> Allowance {
        Allowance {
            calls: self.host_calls,
            bytes: self.host_bytes,
        }
    }

    /// Bytes that a guest may hand over at once, as an argument or as what it
    /// returns. More is not even read; what is returned within that is measured.
    pub(super) fn handed_over(&self) -> usize {
        self.output.saturating_mul(2).max(LEAST_HANDED_OVER)
    }
}

/// Fuel in addition to a slice, for each byte of the call: what reading it takes, some
/// times over.
const SLICE_PER_BYTE: u64 = 100;

/// The longest slice, in fuel: about 1 ms.
pub const LONGEST_SLICE: u64 = 10_000_000;

/// An argument may be larger than an answer; that has a limit of its own.
const LEAST_HANDED_OVER: usize = 1024 * 1024;

/// Watches what a store allocates, in all its memories and tables together.
#[derive(Debug)]
pub(super) struct Limiter {
    memory: Budget,
    tables: Budget,
}

/// What was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) limit: usize,
    /// What it would have come to.
    pub(super) wanted: usize,
}

#[derive(Debug)]
struct Budget {
    limit: usize,
    used: usize,
    refused: Option<Refused>,
}

impl Budget {
    fn new(limit: usize) -> Self {
        Self {
            limit,
            used: 0,
            refused: None,
        }
    }

    fn grow(&mut self, current: usize, desired: usize) -> bool {
        let wanted = self.used.saturating_add(desired.saturating_sub(current));
        if wanted > self.limit {
            let limit = self.limit;
            self.refused = Some(Refused { limit, wanted });
            return false;
        }
        self.used = wanted;
        true
    }
}

impl Limiter {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            memory: Budget::new(limits.memory),
            tables: Budget::new(limits.table_elements),
        }
    }

    /// The bytes of all its memories together: they never shrink.
    pub(super) fn memory(&self) -> usize {
        self.memory.used
    }

    /// Whether the guest was refused memory. It is told so, and then mostly
    /// traps: this is what was behind the trap.
    pub(super) fn refused_memory(&self) -> Option<Refused> {
        self.memory.refused
    }

    pub(super) fn refused_table(&self) -> Option<Refused> {
        self.tables.refused
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(self.memory.grow(current, desired))
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(self.tables.grow(current, desired))
    }

    fn instances(&self) -> usize {
        64
    }

    fn tables(&self) -> usize {
        32
    }

    fn memories(&self) -> usize {
        16
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{LONGEST_SLICE, Limiter, Limits, Refused, ResourceLimiter as _};

    const LIMITS: Limits = Limits {
        fuel: 1_000,
        fuel_per_byte: 10,
        slice: 500,
        deadline: Duration::from_millis(1),
        memory: 100,
        table_elements: 10,
        host_calls: 1,
        host_bytes: 1,
        log_bytes: 1,
        output: 1,
        handles: 1,
        evaluations: 1,
        slow: 1,
    };

    #[test]
    fn fuel_scales_with_the_call() {
        assert_eq!(LIMITS.fuel_for(0), 1_000);
        assert_eq!(LIMITS.fuel_for(50), 1_500);
        assert_eq!(LIMITS.fuel_for(usize::MAX), u64::MAX);
        assert_eq!(LIMITS.slice_for(0), 500);
        assert_eq!(LIMITS.slice_for(50), 5_500);
        assert_eq!(LIMITS.slice_for(usize::MAX), LONGEST_SLICE);
    }

    #[test]
    fn memories_are_added_up_and_so_are_tables() {
        let mut limiter = Limiter::new(&LIMITS);
        let mut grow = |current, desired| limiter.memory_growing(current, desired, None);
        assert!(grow(0, 60).expect("an answer"));
        assert!(grow(0, 30).expect("an answer"));
        assert!(!grow(30, 50).expect("an answer"));
        assert!(grow(30, 40).expect("an answer"));
        let (limit, wanted) = (100, 110);
        assert_eq!(limiter.refused_memory(), Some(Refused { limit, wanted }));

        let mut grow = |current, desired| limiter.table_growing(current, desired, None);
        assert!(grow(0, 6).expect("an answer"));
        assert!(!grow(0, 6).expect("an answer"));
        let (limit, wanted) = (10, 12);
        assert_eq!(limiter.refused_table(), Some(Refused { limit, wanted }));
    }
}
