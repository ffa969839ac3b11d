//! Copies blocks of A and B into panels that the microkernel reads from end to end.

use super::microkernel::lanes;
use crate::element::Element;
use crate::simd::Vector;
use ndarray::ArrayView2;
use std::hint::black_box;

/// Where an operand lies, seen from a tile of C: `across` leads to the next row of A or the next
/// column of B, `along` to the next p.
#[derive(Clone, Copy)]
pub struct Operand<T> {
    pub start: *const T,
    pub across: usize,
    pub along: usize,
}

impl<T: Copy> Operand<T> {
    /// The operand without its first `i` rows of A or columns of B and `p` steps of k.
    pub fn at(self, i: usize, p: usize) -> Self {
        let start = self.start.wrapping_add(i * self.across + p * self.along);
        Self { start, ..self }
    }
}

/// A, or the transpose of B, as the product reads it.
pub fn operand<T: Element>(matrix: ArrayView2<T>) -> Operand<T> {
    let [across, along] = strides(matrix.shape(), matrix.strides());
    Operand { start: matrix.as_ptr(), across, along }
}

/// Both strides; 1 for an axis of one element, whose stride says nothing.
pub fn strides(shape: &[usize], strides: &[isize]) -> [usize; 2] {
    let strides = [0, 1].map(|axis| match shape[axis] {
        1 => 1,
        _ => usize::try_from(strides[axis]).expect("gemm: a stride is negative"),
    });
    assert!(strides.contains(&1), "gemm: one stride of each matrix must be 1");
    strides
}

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
    pub fn place(self, k: usize, grain: usize) -> usize {
        self.first * k + self.count.next_multiple_of(grain) * self.pc
    }
}

/// Bytes of a second-level cache, where it is large.
const SECOND_LEVEL: usize = 1 << 20;

/// Whether a matrix is too large to be in a second-level cache.
pub fn is_far<T>(matrix: ArrayView2<T>) -> bool {
    matrix.len() * size_of::<T>() > SECOND_LEVEL
}

/// Rows of a far matrix that are fetched before they are packed (measured: with 1024 20×209×12288 A·Bᵀ takes 8 %
/// longer).
const FETCHED: usize = 128;
/// Bytes of a cache line.
const LINE: usize = 64;

/// Reads a word of each line of an operand in the order in which they lie in memory, which the core foresees: what
/// reads the operand afterwards goes across rows, and finds them in cache (measured on a busy host: 20×209×12288 takes
/// 3 to 13 % less; in cache already, 128×784×128 would take 2 % more).
///
/// # Safety
/// `from` must be valid for reading (`count`, k) elements.
pub unsafe fn fetch<T: Element>(from: Operand<T>, count: usize, k: usize) {
    let (rows, len, stride) =
        if from.across == 1 { (k, count, from.along) } else { (count, k, from.across) };
    let size = size_of::<T>();
    // SAFETY: the caller's contract; elements are whole words.
    unsafe { read_lines(from.start.cast(), rows, len * size, stride * size) };
}

/// Of `rows` rows that many bytes long and so many apart.
#[inline(never)]
unsafe fn read_lines(start: *const u8, rows: usize, bytes: usize, stride: usize) {
    let mut sum = 0u32;
    for row in 0..rows {
        let row = start.wrapping_add(row * stride);
        for at in (0..bytes).step_by(LINE) {
            // SAFETY: the caller's contract.
            sum = sum.wrapping_add(unsafe { *row.wrapping_add(at).cast::<u32>() });
        }
    }
    black_box(sum); // or no compiler would leave the reads in
}

/// Panels that are filled side by side, so that of a source whose rows lie pages apart an address serves for two cache
/// lines of A and four of B (measured: dW of 209×12288×32 takes 6 % less than with 4 panels of A, 20×209×12288 4 %
/// less than with 4 of B). A multiple of 4 KiB apart, panels share a set of the cache, which holds 8 lines.
const TOGETHER: usize = 8;

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
        let whole = from.across == 1 && next.is_multiple_of(lanes::<T>().max(grain));
        let many = left >= TOGETHER * width;
        // SAFETY: the block lies within the matrix; what is left of `packed` holds the panels that are left.
        unsafe {
            let to = packed.as_mut_ptr().add(first * k);
            first += match next / lanes::<T>() {
                1 if whole && many => copy::<T, 1, TOGETHER>(to, from, k),
                2 if whole && many => copy::<T, 2, TOGETHER>(to, from, k),
                1 if whole => copy::<T, 1, 1>(to, from, k),
                2 if whole => copy::<T, 2, 1>(to, from, k),
                _ => gather(to, next.next_multiple_of(grain), from, next, k),
            }
        }
    }
}

/// Copies PANELS whole panels of VECTORS vectors whose rows are contiguous in `from`. Returns how
/// many rows or columns of the operand they hold.
unsafe fn copy<T: Element, const VECTORS: usize, const PANELS: usize>(
    mut to: *mut T,
    from: Operand<T>,
    k: usize,
) -> usize {
    let width = VECTORS * lanes::<T>();
    let mut row = from.start;
    for _ in 0..k {
        for panel in 0..PANELS {
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
    PANELS * width
}

/// Fills one panel of any layout: by transposing whole blocks where k is contiguous, one by one
/// where not and at the edges. Returns `count`.
unsafe fn gather<T: Element>(
    to: *mut T,
    width: usize,
    from: Operand<T>,
    count: usize,
    k: usize,
) -> usize {
    let lanes = lanes::<T>();
    for first in (0..width).step_by(lanes) {
        let present = count.saturating_sub(first).min(lanes);
        let blocks = if from.along == 1 && present == lanes { k - k % lanes } else { 0 };
        // SAFETY: the caller's contract: `from` has `present` rows or columns from `first` on.
        unsafe {
            for p in (0..blocks).step_by(lanes) {
                let block = from.at(first, p).start;
                T::Vector::transpose_ptr(block, from.across, to.add(p * width + first), width);
            }
            for p in blocks..k {
                for i in 0..lanes {
                    *to.add(p * width + first + i) =
                        if i < present { *from.at(first + i, p).start } else { T::zero() };
                }
            }
        }
    }
    count
}
