//! An allocator that counts.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// Counts what this thread allocates; a test makes it its global allocator.
pub struct Counting;

/// What was allocated while something ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allocations {
    /// Calls for new memory.
    pub new: usize,
    /// Calls for memory to grow or shrink.
    pub resized: usize,
    /// The most bytes in use at a time, above those before.
    pub peak: usize,
}

thread_local! {
    static NEW: Cell<usize> = const { Cell::new(0) };
    static RESIZED: Cell<usize> = const { Cell::new(0) };
    static IN_USE: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

fn change(by: isize) {
    IN_USE.set(IN_USE.get() + by);
    PEAK.set(PEAK.get().max(IN_USE.get()));
}

fn signed(size: usize) -> isize {
    isize::try_from(size).unwrap_or(isize::MAX)
}

// SAFETY: every call goes to the system allocator as it came; the counters are cells of the thread
// that need no memory of their own.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        NEW.set(NEW.get() + 1);
        change(signed(layout.size()));
        // SAFETY: as the caller says.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        change(-signed(layout.size()));
        // SAFETY: as the caller says.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        RESIZED.set(RESIZED.get() + 1);
        change(signed(size) - signed(layout.size()));
        // SAFETY: as the caller says.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// What a function allocates. All zero unless [`Counting`] is the global allocator.
pub fn count<T>(run: impl FnOnce() -> T) -> (T, Allocations) {
    let (new, resized, before) = (NEW.get(), RESIZED.get(), IN_USE.get());
    PEAK.set(before);
    let result = run();
    let allocations = Allocations {
        new: NEW.get() - new,
        resized: RESIZED.get() - resized,
        peak: usize::try_from(PEAK.get() - before).unwrap_or(0),
    };
    (result, allocations)
}
