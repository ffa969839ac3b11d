//! Copies blocks of A and B into panels that the microkernel reads from end to end.

use super::fetch::{fetch, is_far};
use super::operand::{Operand, operand};
use super::tile::{MR, lanes, nr};
use crate::number::element::Element;
use crate::number::simd::{MAX_LANES, Vector};
use ndarray::ArrayView2;

/// A block of a factor: `count` rows of A or columns of B from `first` on, kc steps of k from pc on.
#[derive(Clone, Copy)]
pub struct Block {
    pub first: usize,
    pub count: usize,
    pub pc: usize,
    pub kc: usize,
}

impl Block {
    /// Where it begins in a packed factor whose last panel is padded to a multiple of `grain`.
    pub fn start(self, k: usize, grain: usize) -> usize {
        self.first * k + self.count.next_multiple_of(grain) * self.pc
    }
}

/// The width of A's panels, and of what the last of them is a multiple.
pub const A_PANELS: (usize, usize) = (MR, MR);
/// The same of B's.
pub const fn b_panels<T: Element>() -> (usize, usize) {
    (nr::<T>(), lanes::<T>())
}

/// Rows of a far matrix that are fetched before they are packed: of more, the first are gone again when they are read.
const FETCHED: usize = 128;

/// Panels that are filled side by side, so that of a source whose rows lie pages apart an address serves for two cache
/// lines of A and four of B. A multiple of 4 KiB apart, panels share a set of the cache, which holds 8 lines.
const PANELS_TOGETHER: usize = 8;

/// Packs a block of A, or of the transpose of B, into panels `width` wide, the last one as wide as what is left
/// rounded up to `grain` and padded with zeros: panel[p][i] = block(i, p). The panel that begins with
/// row i of the block starts at i·kc.
///
/// # Panics
/// Where the matrix lacks a row or column of the block, or `packed` is too short.
#[inline(never)]
pub fn pack<T: Element>(
    packed: &mut [T],
    matrix: ArrayView2<T>,
    block: Block,
    (width, grain): (usize, usize),
) {
    let Block { first, count, pc, kc: k } = block;
    assert!(first + count <= matrix.nrows() && pc + k <= matrix.ncols());
    assert!(packed.len() >= count.next_multiple_of(grain) * k);
    let (block, is_far) = (operand(matrix).at(first, pc), is_far(matrix));
    let mut first = 0;
    while first < count {
        let left = count - first;
        let from = block.at(first, 0);
        if is_far && first.is_multiple_of(FETCHED) {
            // SAFETY: the block lies within the matrix.
            unsafe { fetch(from, left.min(FETCHED), k) };
        }
        let next = left.min(width);
        let whole =
            from.across == 1 && next.is_multiple_of(lanes::<T>()) && next.is_multiple_of(grain);
        let many = left >= PANELS_TOGETHER * width;
        // SAFETY: the block lies within the matrix; what is left of `packed` holds the panels that are left.
        unsafe {
            let to = packed.as_mut_ptr().add(first * k);
            first += match next / lanes::<T>() {
                1 if whole && many => copy::<T, 1, PANELS_TOGETHER>(to, from, k),
                2 if whole && many => copy::<T, 2, PANELS_TOGETHER>(to, from, k),
                1 if whole => copy::<T, 1, 1>(to, from, k),
                2 if whole => copy::<T, 2, 1>(to, from, k),
                // Tiles whose rows fill no vectors: as many bytes at a time all the same.
                _ if const { !MR.is_multiple_of(MAX_LANES) }
                    && from.across == 1
                    && (next, width) == (MR, MR) =>
                {
                    copy_rows(to, from, k)
                }
                _ => fill_panel(to, next.next_multiple_of(grain), from, next, k),
            }
        }
    }
}

/// Copies COUNT whole panels of VECTORS vectors whose rows are contiguous in `from`. Returns how
/// many rows or columns of the operand they hold.
unsafe fn copy<T: Element, const VECTORS: usize, const COUNT: usize>(
    mut to: *mut T,
    from: Operand<T>,
    k: usize,
) -> usize {
    let width = VECTORS * lanes::<T>();
    let mut row = from.start;
    for _ in 0..k {
        for panel in 0..COUNT {
            for j in 0..VECTORS {
                // SAFETY: the caller's contract.
                unsafe {
                    let vector = T::Vector::load_ptr(row.add(panel * width + j * lanes::<T>()));
                    vector.store_ptr(to.add(panel * width * k + j * lanes::<T>()));
                }
            }
        }
        row = row.wrapping_add(from.along);
        to = to.wrapping_add(width);
    }
    COUNT * width
}

/// Copies a panel of MR columns that are contiguous in `from`. Returns how many these are.
unsafe fn copy_rows<T: Element>(to: *mut T, from: Operand<T>, k: usize) -> usize {
    for p in 0..k {
        // SAFETY: the caller's contract.
        unsafe { from.at(0, p).start.copy_to_nonoverlapping(to.add(p * MR), MR) };
    }
    MR
}

/// Fills one panel of any layout: by transposing whole blocks where k is contiguous, one by one
/// where not and at the edges. Returns `count`.
unsafe fn fill_panel<T: Element>(
    to: *mut T,
    width: usize,
    from: Operand<T>,
    count: usize,
    k: usize,
) -> usize {
    let lanes = lanes::<T>();
    // The last first: what it writes beyond a column is where the first one's begins.
    for first in (0..width).step_by(lanes).rev() {
        let room = lanes.min(width - first);
        let present = count.saturating_sub(first).min(room);
        if room < lanes && present == room && from.along == 1 {
            // SAFETY: the caller's contract: `from` has `room` rows or columns from `first` on.
            unsafe { fill_part(to.add(first), width, from.at(first, 0), room, k) };
            continue;
        }
        let blocks = if from.along == 1 && present == lanes { k - k % lanes } else { 0 };
        // SAFETY: the caller's contract: `from` has `present` rows or columns from `first` on.
        unsafe {
            for p in (0..blocks).step_by(lanes) {
                let block = from.at(first, p).start;
                T::Vector::transpose_ptr(block, from.across, to.add(p * width + first), width);
            }
            for p in blocks..k {
                for i in 0..room {
                    *to.add(p * width + first + i) =
                        if i < present { *from.at(first + i, p).start } else { T::zero() };
                }
            }
        }
    }
    count
}

/// Fills `room` columns, fewer than a vector has lanes, of a panel of `width`: blocks are transposed aside, with what is left
/// of their last rows, and written column by column. k is contiguous in `from`.
unsafe fn fill_part<T: Element>(to: *mut T, width: usize, from: Operand<T>, room: usize, k: usize) {
    let lanes = lanes::<T>();
    let mut rows = [T::zero(); MAX_LANES * MAX_LANES];
    let mut columns = [T::zero(); MAX_LANES * MAX_LANES];
    let blocks = k - k % lanes;
    for p in (0..blocks).step_by(lanes) {
        // SAFETY: the caller's contract; both blocks have lanes · lanes elements.
        unsafe {
            for i in 0..room {
                let row = T::Vector::load_ptr(from.at(i, p).start);
                row.store_ptr(rows.as_mut_ptr().add(i * lanes));
            }
            T::Vector::transpose_ptr(rows.as_ptr(), lanes, columns.as_mut_ptr(), lanes);
            let last = p + lanes == k;
            for q in 0..lanes {
                let column = columns.as_ptr().add(q * lanes);
                let to = to.add((p + q) * width);
                if last && q + 1 == lanes {
                    std::ptr::copy_nonoverlapping(column, to, room);
                } else {
                    // Its other lanes are where the next column will be.
                    T::Vector::load_ptr(column).store_ptr(to);
                }
            }
        }
    }
    for p in blocks..k {
        for i in 0..room {
            // SAFETY: the caller's contract.
            unsafe { *to.add(p * width + i) = *from.at(i, p).start };
        }
    }
}
