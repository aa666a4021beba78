//! The allocator: memory is cleared when it is given back.
//!
//! A call may carry a password or a one-time code, and pieces of it are in many places
//! for as long as it takes: what the connection read, the body, what a policy was handed
//! and what it returned. Whoever gets to read this process later, by a core dump or a
//! bug, must find none of them in memory that is free.

use std::alloc::{GlobalAlloc, Layout};
use std::ptr;
use std::sync::atomic::{Ordering, compiler_fence};

use mimalloc::MiMalloc;

/// Clears what it is given back. A call makes and drops hundreds of small things: with
/// the system's allocator that was a sixth of its time.
#[derive(Debug)]
pub(crate) struct Clearing;

#[expect(
    unsafe_code,
    reason = "an allocator has no other interface; each block is cleared while it is still ours, within the size that it was asked for with"
)]
// SAFETY: every block comes from `MiMalloc` and goes back to it with the same layout.
unsafe impl GlobalAlloc for Clearing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        unsafe { MiMalloc.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        unsafe { MiMalloc.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block has this size, and nobody uses it any more.
        unsafe {
            ptr::write_bytes(block, 0, layout.size());
            // What is written to memory that is freed next may otherwise be left out.
            compiler_fence(Ordering::SeqCst);
            MiMalloc.dealloc(block, layout);
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the alignment is the old one's, and the caller promises that the size
        // is in range. Both blocks are ours, and each has the bytes that are copied.
        unsafe {
            let new_layout = Layout::from_size_align_unchecked(new_size, layout.align());
            let new = MiMalloc.alloc(new_layout);
            if !new.is_null() {
                ptr::copy_nonoverlapping(block, new, layout.size().min(new_size));
                self.dealloc(block, layout);
            }
            new
        }
    }
}

#[cfg(test)]
mod tests {
    use std::alloc::{GlobalAlloc as _, Layout};
    use std::slice;

    use super::Clearing;

    #[test]
    #[expect(unsafe_code, reason = "the allocator's own interface")]
    fn what_is_grown_or_shrunk_keeps_its_bytes() {
        let layout = |size| Layout::from_size_align(size, 8).expect("a layout");
        // SAFETY: each block is used with the size that it has, and freed once.
        unsafe {
            let block = Clearing.alloc(layout(16));
            block.write_bytes(7, 16);
            let grown = Clearing.realloc(block, layout(16), 4096);
            assert_eq!(slice::from_raw_parts(grown, 16), [7; 16]);
            let shrunk = Clearing.realloc(grown, layout(4096), 8);
            assert_eq!(slice::from_raw_parts(shrunk, 8), [7; 8]);
            Clearing.dealloc(shrunk, layout(8));
            let zeroed = Clearing.alloc_zeroed(layout(64));
            assert_eq!(slice::from_raw_parts(zeroed, 64), [0; 64]);
            Clearing.dealloc(zeroed, layout(64));
        }
    }
}
