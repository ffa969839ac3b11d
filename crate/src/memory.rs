//! Blocks of linear memory, and views of them by byte offset. Native tests use the very same
//! functions: there an offset is an address.

mod huge_pages;

use huge_pages::{alignment, ask_for_huge_pages};
use ndarray::{ArrayView2, ArrayViewMut2};
use std::alloc::{Layout, alloc, dealloc};
use std::slice::{from_raw_parts, from_raw_parts_mut};

/// Bytes of a cache line. Blocks begin at one, so that no vector straddles two.
pub const CACHE_LINE: usize = 64;

fn layout(bytes: usize) -> Option<Layout> {
    Layout::from_size_align(bytes.max(1), alignment(bytes, CACHE_LINE)).ok()
}

/// The offset of `bytes` new bytes, of any value and aligned to 64, or 0 where memory cannot grow so far.
pub fn allocate(bytes: usize) -> usize {
    let Some(layout) = layout(bytes) else { return 0 };
    // SAFETY: the layout's size is at least 1.
    let block = unsafe { alloc(layout) };
    ask_for_huge_pages(block, bytes);
    block as usize
}

/// Gives a block back.
///
/// # Safety
/// `allocate(bytes)` returned `offset`, which was not released since; no view of it is left.
pub unsafe fn release(offset: usize, bytes: usize) {
    let layout = layout(bytes).expect("the layout of an allocated block");
    // SAFETY: the caller's contract.
    unsafe { dealloc(offset as *mut u8, layout) }
}

/// A view of `len` elements at `offset`. Panics where they do not lie in memory, aligned.
///
/// # Safety
/// The elements are initialized, and nothing writes them while the view lives.
pub unsafe fn slice<'a, T>(offset: usize, len: usize) -> &'a [T] {
    check::<T>(offset, len);
    // SAFETY: checked above; the rest is the caller's contract.
    unsafe { from_raw_parts(offset as *const T, len) }
}

/// A view of `len` elements at `offset` to write. Panics where they do not lie in memory, aligned.
///
/// # Safety
/// The elements are initialized, and nothing else reads or writes them while the view lives.
pub unsafe fn slice_mut<'a, T>(offset: usize, len: usize) -> &'a mut [T] {
    check::<T>(offset, len);
    // SAFETY: checked above; the rest is the caller's contract.
    unsafe { from_raw_parts_mut(offset as *mut T, len) }
}

/// A row-major matrix at `offset`. Panics and contract as for `slice`.
///
/// # Safety
/// As for `slice`.
pub unsafe fn matrix<'a, T>(offset: usize, rows: usize, columns: usize) -> ArrayView2<'a, T> {
    check::<T>(offset, count(rows, columns));
    // SAFETY: checked above; the rest is the caller's contract.
    unsafe { ArrayView2::from_shape_ptr((rows, columns), offset as *const T) }
}

/// A row-major matrix at `offset` to write. Panics and contract as for `slice_mut`.
///
/// # Safety
/// As for `slice_mut`.
pub unsafe fn matrix_mut<'a, T>(
    offset: usize,
    rows: usize,
    columns: usize,
) -> ArrayViewMut2<'a, T> {
    check::<T>(offset, count(rows, columns));
    // SAFETY: checked above; the rest is the caller's contract.
    unsafe { ArrayViewMut2::from_shape_ptr((rows, columns), offset as *mut T) }
}

/// rows·columns. Panics where it is no `usize`.
pub fn count(rows: usize, columns: usize) -> usize {
    rows.checked_mul(columns).expect("a size that fits in memory")
}

fn check<T>(offset: usize, len: usize) {
    check_block(offset, len, size_of::<T>(), align_of::<T>());
}

#[inline(never)] // once for all types
fn check_block(offset: usize, len: usize, size: usize, align: usize) {
    let end = len.checked_mul(size).and_then(|bytes| bytes.checked_add(offset));
    assert!(offset != 0 && offset & (align - 1) == 0, "a misaligned offset");
    assert!(end.is_some_and(|end| end <= memory_size()), "a block beyond the end of memory");
}

#[cfg(target_arch = "wasm32")]
fn memory_size() -> usize {
    core::arch::wasm32::memory_size(0).saturating_mul(65_536)
}

#[cfg(not(target_arch = "wasm32"))]
fn memory_size() -> usize {
    usize::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_memory_is_aligned() {
        for bytes in [0, 1, 63, 64, 65, 1 << 20, (4 << 20) - 1, 4 << 20, (6 << 20) + 1] {
            let offset = allocate(bytes);
            assert!(offset != 0 && offset.is_multiple_of(CACHE_LINE));
            // SAFETY: just allocated with this size.
            unsafe { release(offset, bytes) }
        }
    }

    #[test]
    fn memory_that_is_not_there_is_offset_0() {
        assert_eq!(allocate(usize::MAX), 0);
        assert_eq!(allocate(isize::MAX as usize - 4096), 0);
    }

    #[test]
    fn a_matrix_is_read_by_rows() {
        let elements = [1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0];
        // SAFETY: the address of six elements that outlive the view.
        let matrix = unsafe { matrix::<f32>(elements.as_ptr() as usize, 2, 3) };
        assert_eq!(matrix, ndarray::aview2(&[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]));
    }

    #[test]
    #[should_panic(expected = "a misaligned offset")]
    fn offset_0_is_no_block() {
        // SAFETY: panics before anything is read.
        unsafe { slice::<f32>(0, 1) };
    }

    #[test]
    #[should_panic(expected = "a misaligned offset")]
    fn a_misaligned_offset_is_refused() {
        // SAFETY: panics before anything is read.
        unsafe { slice::<f64>(4, 1) };
    }

    #[test]
    #[should_panic(expected = "a block beyond the end of memory")]
    fn a_block_beyond_all_memory_is_refused() {
        // SAFETY: panics before anything is read.
        unsafe { slice::<f64>(8, usize::MAX / 8) };
    }

    #[test]
    #[should_panic(expected = "a size that fits in memory")]
    fn a_matrix_larger_than_any_memory_is_refused() {
        count(usize::MAX, 2);
    }
}
