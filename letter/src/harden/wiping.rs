//! Memory that forgets: an allocator that leaves nothing of a block behind when it is given back.
//!
//! What a citizen wrote is copied by every library that it passes: hyper, multer, serde, askama, the OpenPGP
//! writers. Only the allocator sees all of those copies end.
//!
//! Small blocks are overwritten. Large ones are mappings of their own, so that the kernel takes them back at
//! once: overwriting Sequoia's 4 MiB buffers, of which a short letter touches a few pages, would make sealing
//! thirty times slower. The kernel clears such pages before anybody gets them again (at once, with
//! `init_on_free=1`). The C library's own threshold for mappings would not do: it is only asked when the heap
//! has no hole of that size.

use std::alloc::{GlobalAlloc, Layout, System};
use std::arch::asm;
use std::ptr::null_mut;

use rustix::mm::{MapFlags, MremapFlags, ProtFlags, mmap_anonymous, mremap, munmap};

/// From this size on a block is a mapping of its own.
const LARGE: usize = 128 * 1024;
/// The smallest page that a kernel of ours has: what a mapping is aligned to at least.
const PAGE: usize = 4096;

/// The system's allocator, with the wiping.
pub struct Wiping;

/// Decided by the layout alone, which giving back repeats: there is nothing to remember about a block.
fn is_large(size: usize, align: usize) -> bool {
    size >= LARGE && align <= PAGE
}

// SAFETY: small blocks come from `System` and go back to it with the layout they came with; large ones are whole
// mappings, which are page-aligned, writable, and as long as asked for. Which of the two depends on size and
// alignment only.
#[allow(unsafe_code)] // an allocator cannot be had without
unsafe impl GlobalAlloc for Wiping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if is_large(layout.size(), layout.align()) {
            map(layout.size())
        } else {
            // SAFETY: the caller's layout, passed on.
            unsafe { System.alloc(layout) }
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if is_large(layout.size(), layout.align()) {
            // The kernel gives zeros.
            map(layout.size())
        } else {
            // SAFETY: the caller's layout, passed on.
            unsafe { System.alloc_zeroed(layout) }
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block is the caller's to give, `layout.size()` bytes long, and was made as `is_large` says.
        unsafe {
            if is_large(layout.size(), layout.align()) {
                // Neighbouring mappings are one to the kernel: taking out the middle splits it, which fails at
                // `max_map_count`. Then the block stays, but empty.
                if munmap(block.cast(), layout.size()).is_err() {
                    wipe(block, layout.size());
                }
            } else {
                wipe(block, layout.size());
                System.dealloc(block, layout);
            }
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let (old, align) = (layout.size(), layout.align());
        // SAFETY: as above; the caller promises that `size` makes a layout with this alignment.
        unsafe {
            if is_large(old, align) && is_large(size, align) {
                let moved = mremap(block.cast(), old, size, MremapFlags::MAYMOVE);
                return moved.map_or(null_mut(), |moved| moved.cast());
            }
            // Never in place: the C library would free the old block as it is.
            let fresh = self.alloc(Layout::from_size_align_unchecked(size, align));
            if !fresh.is_null() {
                fresh.copy_from_nonoverlapping(block, old.min(size));
                self.dealloc(block, layout);
            }
            fresh
        }
    }
}

fn map(size: usize) -> *mut u8 {
    let access = ProtFlags::READ | ProtFlags::WRITE;
    // SAFETY: a new mapping, at a place that the kernel chooses.
    #[allow(unsafe_code)]
    let mapped = unsafe { mmap_anonymous(null_mut(), size, access, MapFlags::PRIVATE) };
    mapped.map_or(null_mut(), |mapped| mapped.cast())
}

/// # Safety
/// `size` bytes at `block` are writable and not read again.
#[allow(unsafe_code)]
unsafe fn wipe(block: *mut u8, size: usize) {
    // SAFETY: as the caller says. The empty instruction may, for all that the compiler knows, read the block: so the
    // writes are not left out as useless before a free.
    unsafe {
        block.write_bytes(0, size);
        asm!("/* {0} */", in(reg) block, options(nostack, preserves_flags));
    }
}
