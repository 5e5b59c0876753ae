//! The time and the memory that one input may take. libFuzzer's own limits are coarse: it looks once a second, and at the
//! whole process.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Bytes that an input may take at once, and so many more for each of its own bytes: reading it, writing it again in three
/// formats and reading that. A zip may hold a hundred times its length.
const FIXED: usize = 4 << 20;
const FOR_EACH_BYTE: usize = 256;
/// Seconds of this thread's own time.
const SECONDS: f64 = 1.0;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY: the system's allocator does the work; numbers are kept beside it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(now, Relaxed);
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(place, layout) }
    }
    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Both are there for a moment, where it cannot grow in its place.
        let now = NOW.fetch_add(size, Relaxed) + size;
        PEAK.fetch_max(now, Relaxed);
        NOW.fetch_sub(layout.size(), Relaxed);
        unsafe { System.realloc(place, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn seconds() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is there to be written to.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    time.tv_sec as f64 + 1e-9 * time.tv_nsec as f64
}

/// Does `work` on an input of `length` bytes; panics where that takes too long or too much.
pub fn within_limits<T>(length: usize, work: impl FnOnce() -> T) -> T {
    let (before, began) = (NOW.load(Relaxed), seconds());
    PEAK.store(before, Relaxed);
    let done = work();
    let (memory, took) = (PEAK.load(Relaxed) - before, seconds() - began);
    let limit = FIXED + FOR_EACH_BYTE * length;
    assert!(memory <= limit, "{memory} bytes of memory for an input of {length}, at most {limit}");
    assert!(took <= SECONDS, "{took:.2} s for an input of {length} bytes, at most {SECONDS} s");
    done
}
