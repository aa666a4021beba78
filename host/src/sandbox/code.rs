//! The compiled code of everything that is loaded, together: there is a limit, so
//! that many large policies cannot take the memory of the host.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytesize::ByteSize;

/// Room for code. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct Room {
    limit: u64,
    used: Arc<AtomicU64>,
}

/// A part of the room, free again when it is dropped.
#[derive(Debug)]
pub(super) struct Share {
    room: Room,
    bytes: u64,
}

/// There is no room for more code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "its code has {bytes}, and {used} of the {limit} for the code of all policies are in use; remove policies, or raise `sandbox.code`"
)]
pub struct TooMuchCode {
    /// How large it is.
    pub bytes: ByteSize,
    /// How much the others have.
    pub used: ByteSize,
    /// How much all may have.
    pub limit: ByteSize,
}

impl Room {
    pub(super) fn new(limit: ByteSize) -> Self {
        Self {
            limit: limit.as_u64(),
            used: Arc::default(),
        }
    }

    /// Takes a part of it.
    pub(super) fn take(&self, bytes: u64) -> Result<Share, TooMuchCode> {
        let add = |used: u64| {
            let used = used.checked_add(bytes)?;
            (used <= self.limit).then_some(used)
        };
        let taken = self
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
        taken.map_err(|used| TooMuchCode {
            bytes: ByteSize::b(bytes),
            used: ByteSize::b(used),
            limit: ByteSize::b(self.limit),
        })?;
        let room = self.clone();
        Ok(Share { room, bytes })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.room.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::{ByteSize, Room};

    #[test]
    fn room_is_shared_and_given_back() {
        let room = Room::new(ByteSize::b(10));
        let first = room.take(6).expect("there is room");
        let error = room.clone().take(5).expect_err("there is none");
        assert_eq!((error.used, error.limit), (ByteSize::b(6), ByteSize::b(10)));
        let second = room.take(4).expect("to the last byte");
        assert!(room.take(u64::MAX).is_err(), "and no overflow");
        drop(first);
        room.take(6).expect("there is room again");
        drop(second);
    }
}
