//! The allocator of a policy.
//!
//! An evaluation is one fresh instance that lives for microseconds, so memory
//! is never given back: an allocation moves a pointer, and the host drops the
//! whole instance at the end. The first allocations come out of what the linear
//! memory holds anyway beyond the program's data; only then is it grown, because
//! growing costs more than everything else an ordinary evaluation does.

#![expect(
    unsafe_code,
    reason = "a global allocator hands out raw memory; `GlobalAlloc` is an unsafe trait"
)]

use core::alloc::{GlobalAlloc, Layout};
use core::cell::Cell;
use core::ptr;

const PAGE: usize = 65_536;

struct Bump {
    next: Cell<usize>,
    end: Cell<usize>,
}

// SAFETY: core WebAssembly without the threads proposal has one thread, and the
// host compiles policies with that proposal off.
unsafe impl Sync for Bump {}

#[global_allocator]
static ALLOCATOR: Bump = Bump {
    next: Cell::new(0),
    end: Cell::new(0),
};

unsafe extern "C" {
    /// Set by the linker: the first address past the program's data and stack.
    static __heap_base: u8;
}

impl Bump {
    /// Makes `next` and `end` real addresses the first time, when `next` is 0.
    fn start(&self) {
        self.next.set(&raw const __heap_base as usize);
        self.end
            .set(core::arch::wasm32::memory_size(0).saturating_mul(PAGE));
    }

    /// Where a block of this layout begins; makes room for it. `None` if the host
    /// refuses, or 32 bits do not reach.
    fn place(&self, layout: Layout) -> Option<usize> {
        loop {
            let start = self.next.get().checked_next_multiple_of(layout.align())?;
            let end = start.checked_add(layout.size())?;
            if end <= self.end.get() {
                return Some(start);
            }
            self.grow(end - self.end.get())?;
        }
    }

    /// Grows the memory by these bytes or a little more. Exactly: the host counts a
    /// refusal as a failure, so nothing is asked for that is not needed.
    fn grow(&self, bytes: usize) -> Option<()> {
        let pages = bytes.div_ceil(PAGE);
        let before = core::arch::wasm32::memory_grow(0, pages);
        if before == usize::MAX {
            return None;
        }
        let start = before.checked_mul(PAGE)?;
        if start != self.end.get() {
            // Somebody else grew it, and owns what lies between.
            self.next.set(start);
        }
        self.end.set(start.checked_add(pages.checked_mul(PAGE)?)?);
        Some(())
    }
}

// SAFETY: `alloc` returns either null or a block of `layout.size()` bytes at a
// multiple of `layout.align()` that lies past every block returned before, so
// blocks never overlap; none is ever handed out again, except that `realloc`
// extends the last one in place.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if self.next.get() == 0 {
            self.start();
        }
        let Some(start) = self.place(layout) else {
            return ptr::null_mut();
        };
        self.next.set(start + layout.size());
        start as *mut u8
    }

    unsafe fn dealloc(&self, _block: *mut u8, _layout: Layout) {}

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // Linear memory starts as zeros and no block is handed out twice. A
        // block that `realloc` extended past what was ever used is zero too.
        // SAFETY: the caller's promises are those of `alloc`.
        unsafe { self.alloc(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // The last block is extended in place: moving it would cost the copy and the
        // memory. `next` never goes backwards, because what lies behind it must stay
        // zero.
        let is_last = || block as usize + layout.size() == self.next.get();
        if is_last()
            && let Some(end) = (block as usize).checked_add(size)
        {
            let room = end <= self.end.get() || self.grow(end - self.end.get()).is_some();
            if room && is_last() {
                self.next.set(end.max(self.next.get()));
                return block;
            }
        }
        if size <= layout.size() {
            return block;
        }
        // SAFETY: `size` is not 0 and does not overflow when rounded up to the
        // alignment; the caller of `realloc` promises both.
        let moved = unsafe { self.alloc(Layout::from_size_align_unchecked(size, layout.align())) };
        if !moved.is_null() {
            // SAFETY: both blocks hold `layout.size()` bytes, and the new one
            // lies past every block handed out before.
            unsafe { ptr::copy_nonoverlapping(block, moved, layout.size()) };
        }
        moved
    }
}
