//! Brings a matrix that is too large for the caches into them, before it is read in another order than it lies in.

use super::operand::Operand;
use crate::memory::CACHE_LINE;
use crate::number::element::Element;
use ndarray::ArrayView2;
use std::hint::black_box;

/// Bytes of a second-level cache, where it is large.
const SECOND_LEVEL: usize = 1 << 20;

/// Whether a matrix is too large to be in a second-level cache.
pub fn is_far<T>(matrix: ArrayView2<T>) -> bool {
    matrix.len() * size_of::<T>() > SECOND_LEVEL
}

/// Reads a word of each line of an operand in the order in which they lie in memory, which the core foresees: what
/// reads the operand afterwards goes across rows, and finds them in cache.
///
/// # Safety
/// `from` must be valid for reading (`count`, k) elements.
pub unsafe fn fetch<T: Element>(from: Operand<T>, count: usize, k: usize) {
    let (rows, len, stride) =
        if from.along == 1 { (count, k, from.across) } else { (k, count, from.along) };
    let size = size_of::<T>();
    // One row is read in order anyway.
    if rows > 1 {
        // SAFETY: the caller's contract; elements are whole words.
        unsafe { read_lines(from.start.cast(), rows, len * size, stride * size) };
    }
}

/// Of `rows` rows, each `bytes` long and `stride` after the one before it.
#[inline(never)]
unsafe fn read_lines(start: *const u8, rows: usize, bytes: usize, stride: usize) {
    let mut sum = 0u32;
    for row in 0..rows {
        let row = start.wrapping_add(row * stride);
        for at in (0..bytes).step_by(CACHE_LINE) {
            // SAFETY: the caller's contract.
            sum = sum.wrapping_add(unsafe { *row.wrapping_add(at).cast::<u32>() });
        }
    }
    black_box(sum); // or no compiler would leave the reads in
}
