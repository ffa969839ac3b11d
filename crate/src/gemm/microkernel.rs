//! The innermost product: a tile of C stays in registers while p runs over a block of k.

use super::operand::Operand;
use crate::element::Element;
use crate::simd::Vector;
use std::hint::black_box;
use std::ops::Range;

/// Rows of a tile. 4 rows × 2 vectors are 8 accumulators; with a row of B, the elements of A and a
/// product they fit V8's 15 vector registers, and their loads the rate at which a core takes instructions.
/// 5×2 and 3×3 spill in V8 11 (measured: 0.67 and 0.41 of peak, where 4×2 reaches 1.0).
pub const MR: usize = 4;

/// Vectors across a tile: 4×8 in f32, 4×4 in f64.
const NR_VECTORS: usize = 2;

/// Steps of p in a turn of the loop: 16 in whole tiles (measured: with 8 Node 20 is 1 % slower, Node 22 and 24 are
/// 4 %), 2 in the few others, which are kept small.
const fn steps(is_whole: bool) -> usize {
    if is_whole { 16 } else { 2 }
}

/// Elements in a vector.
pub const fn lanes<T: Element>() -> usize {
    <T::Vector as Vector<T>>::LANES
}

/// NR: columns of a tile.
pub const fn nr<T: Element>() -> usize {
    NR_VECTORS * lanes::<T>()
}

/// A column of tiles of C, one below the other, and the A and B they are the product of.
#[derive(Clone, Copy)]
pub struct Tiles<T> {
    /// Element (0, 0) of the first tile; rows of C are `c_stride` apart.
    pub c: *mut T,
    pub c_stride: usize,
    /// From one column of tiles of C to the next.
    pub c_panel: usize,
    /// The rows of A that belong to the first tile.
    pub a: Operand<T>,
    /// From one tile to the next A goes on by so many elements a row: `a.across` where A lies as
    /// the caller has it, k where it is packed.
    pub a_step: usize,
    /// A packed panel of B.
    pub b: *const T,
    /// From one panel to the next.
    pub b_panel: usize,
    /// Rows of C and of A.
    pub m: usize,
    /// Columns of A and rows of B; at least 1.
    pub k: usize,
    /// Whether this is the first block of k, so that C's old values do not count.
    pub first: bool,
}

impl<T: Copy> Tiles<T> {
    /// Where row `i` of A begins.
    #[inline(always)]
    pub fn a_row(&self, i: usize) -> *const T {
        let in_panel = i % MR;
        self.a.start.wrapping_add((i - in_panel) * self.a_step + in_panel * self.a.across)
    }

    /// The tiles of the first `m` rows, a multiple of MR, and of the others.
    pub fn split(&self, m: usize) -> (Self, Self) {
        let a = self.a.start.wrapping_add(m * self.a_step);
        let rest = Self {
            c: self.c.wrapping_add(m * self.c_stride),
            a: Operand { start: a, ..self.a },
            m: self.m - m,
            ..*self
        };
        (Self { m, ..*self }, rest)
    }
}

/// C ← A·B where `first`, else C ← C + A·B, in tiles of ROWS rows and VECTORS vectors.
///
/// A's step along k is 1 if BY_ROWS, its step across is 1 if not. Each element of C is one chain of
/// rounded products and rounded sums in ascending p.
///
/// # Safety
/// `m` must be a multiple of ROWS. A must be valid for reading (m, k), B for reading k rows of
/// VECTORS vectors, C for reading and writing m rows of them, and nothing may alias C. B must be aligned to a
/// vector.
// Not inlined: beside other code LLVM and V8 keep less of it in registers.
#[inline(never)]
pub unsafe fn microkernel<
    T: Element,
    const ROWS: usize,
    const VECTORS: usize,
    const BY_ROWS: bool,
>(
    tiles: &Tiles<T>,
) {
    let Tiles { c, c_stride, a, a_step, b, m, k, first, .. } = *tiles;
    let (across, along) = if BY_ROWS { (a.across, 1) } else { (1, a.along) };
    let width = VECTORS * lanes::<T>();
    let is_whole = ROWS == MR && VECTORS == NR_VECTORS;
    let steps = steps(is_whole);
    let (a_step, c_step) = (ROWS * a_step, ROWS * c_stride);
    let (mut tile_a, mut c) = (a.start, c);
    let end = c.wrapping_add(m * c_stride);
    while c != end {
        let (mut a, mut b) = (tile_a, b);
        let mut sums = [[T::Vector::splat(T::zero()); VECTORS]; ROWS];
        // SAFETY: the caller's contract.
        unsafe {
            if !first {
                for (i, row) in sums.iter_mut().enumerate() {
                    for (j, sum) in row.iter_mut().enumerate() {
                        *sum = T::Vector::load_ptr(c.add(i * c_stride + j * lanes::<T>()));
                    }
                }
            }
            let mut left = k;
            loop {
                let rows: [*const T; ROWS] = std::array::from_fn(|i| a.add(i * across));
                // Each ends a basic block, so that the loads of the next cannot move up and spill the sums.
                let mut is_last = |step: usize| {
                    let b = b.add(step * width);
                    let b_row: [T::Vector; VECTORS] =
                        std::array::from_fn(|j| T::Vector::load_now(b.add(j * lanes::<T>())));
                    for (i, row) in sums.iter_mut().enumerate() {
                        let x = *if BY_ROWS { rows[i].add(step) } else { a.add(i) };
                        let x = T::Vector::splat(x);
                        for (sum, y) in row.iter_mut().zip(b_row) {
                            *sum = sum.add(x.mul(y));
                        }
                        // Never so (no k is that long), but no compiler can tell: it ends a basic block. The V8 of
                        // Node 20 and 22 puts the loads of one before its sums, and six in a row keep the core waiting
                        // (measured on a busy host: of 1024³ 0.83 of peak in place of 0.69; Node 24 gains 1 %).
                        if is_whole && i == 0 && left == usize::MAX - step {
                            return true;
                        }
                    }
                    // Not the start of the next column plus its number times `along`: V8 would compute it anew.
                    if !BY_ROWS {
                        a = a.wrapping_add(along);
                    }
                    left == step + 1
                };
                // In parts, since LLVM leaves a longer one a loop.
                let mut any = |mut part: Range<usize>| part.end <= steps && part.any(&mut is_last);
                if any(0..2) || any(2..8) || any(8..12) || any(12..16) {
                    break;
                }
                left -= steps;
                b = b.add(steps * width);
                if BY_ROWS {
                    a = a.add(steps);
                }
            }
            for (i, row) in sums.iter().enumerate() {
                for (j, sum) in row.iter().enumerate() {
                    sum.store_ptr(c.add(i * c_stride + j * lanes::<T>()));
                }
            }
        }
        tile_a = tile_a.wrapping_add(a_step);
        // Hidden, or LLVM would multiply the tile's number by the step (measured: 1 to 2 % slower in Node 20).
        c = black_box(c.wrapping_add(c_step));
    }
}
