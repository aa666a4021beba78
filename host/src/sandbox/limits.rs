//! Limits: what one evaluation may use.

use std::time::Duration;

use wasmtime::ResourceLimiter;

/// What one evaluation may use. Whatever it uses beyond ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Fuel, whatever the size of the call.
    pub fuel: u64,
    /// Fuel in addition, for each byte of the call.
    pub fuel_per_byte: u64,
    /// Time from the start of the evaluation, waiting for a place included.
    pub deadline: Duration,
    /// Linear memory in all, in bytes.
    pub memory: usize,
}

impl Limits {
    /// The fuel for a call of this many bytes.
    #[must_use]
    pub fn fuel_for(&self, bytes: usize) -> u64 {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.fuel
            .saturating_add(self.fuel_per_byte.saturating_mul(bytes))
    }
}

/// The elements of all tables of one evaluation together.
pub(super) const SIZE_OF_ALL_TABLES: usize = 100_000;

/// Bytes that a guest may hand over in one host call, and in its answer.
pub(super) const HANDED_OVER: usize = 1024 * 1024;

/// Handles of resources that a guest may hold, and that the host keeps for it.
pub(super) const HANDLES: usize = 1_000;

/// Watches what a store allocates, in all its memories and tables together.
#[derive(Debug)]
pub(super) struct Limiter {
    memory: Budget,
    tables: Budget,
}

#[derive(Debug)]
struct Budget {
    limit: usize,
    used: usize,
    refused: bool,
}

impl Budget {
    fn new(limit: usize) -> Self {
        Self {
            limit,
            used: 0,
            refused: false,
        }
    }

    fn grow(&mut self, current: usize, desired: usize) -> bool {
        let used = self.used.saturating_add(desired.saturating_sub(current));
        if used > self.limit {
            self.refused = true;
            return false;
        }
        self.used = used;
        true
    }
}

impl Limiter {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            memory: Budget::new(limits.memory),
            tables: Budget::new(SIZE_OF_ALL_TABLES),
        }
    }

    /// Whether the guest was refused memory. It is told so, and then mostly
    /// traps: this is what was behind the trap.
    pub(super) fn refused_memory(&self) -> bool {
        self.memory.refused
    }

    pub(super) fn refused_table(&self) -> bool {
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

    use super::{Limiter, Limits, ResourceLimiter as _};

    const LIMITS: Limits = Limits {
        fuel: 1_000,
        fuel_per_byte: 10,
        deadline: Duration::from_millis(1),
        memory: 100,
    };

    #[test]
    fn fuel_scales_with_the_call() {
        assert_eq!(LIMITS.fuel_for(0), 1_000);
        assert_eq!(LIMITS.fuel_for(50), 1_500);
        assert_eq!(LIMITS.fuel_for(usize::MAX), u64::MAX);
    }

    #[test]
    fn memories_are_added_up() {
        let mut limiter = Limiter::new(&LIMITS);
        let mut grow = |current, desired| limiter.memory_growing(current, desired, None);
        assert!(grow(0, 60).expect("an answer"));
        assert!(grow(0, 30).expect("an answer"));
        assert!(!grow(30, 50).expect("an answer"));
        assert!(grow(30, 40).expect("an answer"));
        assert!(limiter.refused_memory());
    }
}
