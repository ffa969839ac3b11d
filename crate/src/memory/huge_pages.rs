//! Large blocks lie in huge pages, where the system has them for who asks: with pages of 4 KiB, what reads an X or W of
//! megabytes waits for addresses to be translated nearly as long as for the numbers.

/// Bytes of a huge page, on x64 and where an arm64 has pages of 4 KiB.
const HUGE_PAGE: usize = 2 << 20;

/// Of smaller blocks too little would lie in whole ones.
const LEAST: usize = 2 * HUGE_PAGE;

/// What a block of so many bytes is aligned to, where it is `otherwise` if small.
pub fn alignment(bytes: usize, otherwise: usize) -> usize {
    if cfg!(target_os = "linux") && bytes >= LEAST { HUGE_PAGE } else { otherwise }
}

/// Asks for huge pages for a new block, of this many bytes, that nobody has written to. Where there are none, nothing happens.
#[cfg(target_os = "linux")]
pub fn ask_for_huge_pages(block: *mut u8, bytes: usize) {
    use std::ffi::{c_int, c_void};
    const MADV_HUGEPAGE: c_int = 14;
    unsafe extern "C" {
        fn madvise(start: *mut c_void, length: usize, advice: c_int) -> c_int;
    }
    if bytes >= LEAST && !block.is_null() {
        // SAFETY: these pages are the block's own, and the advice changes nothing that is in them.
        unsafe { madvise(block.cast(), bytes - bytes % HUGE_PAGE, MADV_HUGEPAGE) };
    }
}

#[cfg(not(target_os = "linux"))]
pub fn ask_for_huge_pages(_block: *mut u8, _bytes: usize) {}
