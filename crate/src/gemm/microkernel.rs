//! The innermost product: a tile of C stays in registers while p runs over a block of k.

use super::tile::{MR, NR_VECTORS, Tiles, lanes};
use crate::number::element::Element;
use crate::number::simd::{TILE, Vector, ask_for, stepped};
use std::ops::Range;

/// Steps of p in a turn of the loop over a tile of fewer vectors: few, so that these kernels stay small.
const FEW_STEPS: usize = 2;

/// Bytes of B by which the core is asked for it before it is read: of a B that is read once, which lies beyond the caches,
/// the core foresees too little.
const AHEAD: usize = 8192;

/// C ← A·B where `first`, else C ← C + A·B, in tiles of MR rows and VECTORS vectors.
///
/// A's step along k is 1 if BY_ROWS, its step across is 1 if not. Each element of C is one chain of
/// rounded products and rounded sums in ascending p; FUSED, of products and sums that are rounded together.
///
/// # Safety
/// `m` must be a multiple of MR. A must be valid for reading (m, k), B for reading k rows of
/// VECTORS vectors, C for reading and writing m rows of them, and nothing may alias C. B must be aligned to a
/// vector.
// Not inlined: beside other code LLVM and V8 keep less of it in registers.
#[inline(never)]
pub unsafe fn microkernel<
    T: Element,
    const VECTORS: usize,
    const BY_ROWS: bool,
    const FUSED: bool,
>(
    tiles: &Tiles<T>,
) {
    let Tiles { c, c_stride, a, a_step, b, m, k, first, .. } = *tiles;
    let (across, along) = if BY_ROWS { (a.across, 1) } else { (1, a.along) };
    let width = VECTORS * lanes::<T>();
    let is_whole = VECTORS == NR_VECTORS;
    let steps = if is_whole { TILE.steps } else { FEW_STEPS };
    let (a_step, c_step) = (MR * a_step, MR * c_stride);
    let (mut tile_a, mut c) = (a.start, c);
    let end = c.wrapping_add(m * c_stride);
    while c != end {
        let (mut a, mut b) = (tile_a, b);
        let mut sums = [[T::Vector::splat(T::zero()); VECTORS]; MR];
        // SAFETY: the caller's contract.
        unsafe {
            if !first {
                for (i, row) in sums.iter_mut().enumerate() {
                    for (j, sum) in row.iter_mut().enumerate() {
                        *sum = T::Vector::load_ptr(c.add(i * c_stride + j * lanes::<T>()));
                    }
                }
            }
            // Of the next tile: rows of a large C are far from each other, and the core foresees none of them.
            for i in 0..MR {
                for j in 0..VECTORS {
                    ask_for(c.wrapping_add(c_step + i * c_stride + j * lanes::<T>()));
                }
            }
            let mut left = k;
            loop {
                let rows: [*const T; MR] = std::array::from_fn(|i| a.add(i * across));
                // Each ends a basic block, so that the loads of the next cannot move up and spill the sums.
                let mut is_last = |step: usize| {
                    let b = b.add(step * width);
                    for j in 0..VECTORS {
                        ask_for(b.wrapping_add(AHEAD / size_of::<T>() + j * lanes::<T>()));
                    }
                    let b_row: [T::Vector; VECTORS] =
                        std::array::from_fn(|j| T::Vector::load_now(b.add(j * lanes::<T>())));
                    for (i, row) in sums.iter_mut().enumerate() {
                        let x = *if BY_ROWS { rows[i].add(step) } else { a.add(i) };
                        let x = T::Vector::splat(x);
                        for (sum, y) in row.iter_mut().zip(b_row) {
                            *sum = if FUSED { sum.fused(x, y) } else { sum.add(x.mul(y)) };
                        }
                        // Never so (no k is that long), but no compiler can tell: it ends a basic block. One that puts
                        // the loads of a block before its sums makes the core wait for six in a row.
                        if TILE.splits_steps && is_whole && i == 0 && left == usize::MAX - step {
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
        c = stepped(c.wrapping_add(c_step));
    }
}

/// The same for the `m` = HEIGHT rows that are left of a block, fewer than MR: a small kernel for any layout of A, since
/// there are many of them and each runs once for a panel of B.
///
/// # Safety
/// As `microkernel`.
#[inline(never)]
pub unsafe fn last_rows<
    T: Element,
    const HEIGHT: usize,
    const VECTORS: usize,
    const FUSED: bool,
>(
    tiles: &Tiles<T>,
) {
    let Tiles { c, c_stride, a, mut b, k, first, .. } = *tiles;
    let lanes = lanes::<T>();
    let mut rows: [*const T; HEIGHT] = std::array::from_fn(|i| a.start.wrapping_add(i * a.across));
    let mut sums = [[T::Vector::splat(T::zero()); VECTORS]; HEIGHT];
    // SAFETY: the caller's contract.
    unsafe {
        if !first {
            for (i, row) in sums.iter_mut().enumerate() {
                for (j, sum) in row.iter_mut().enumerate() {
                    *sum = T::Vector::load_ptr(c.add(i * c_stride + j * lanes));
                }
            }
        }
        for _ in 0..k {
            let b_row: [T::Vector; VECTORS] =
                std::array::from_fn(|j| T::Vector::load_now(b.add(j * lanes)));
            for (row, x) in sums.iter_mut().zip(&mut rows) {
                let factor = T::Vector::splat(**x);
                for (sum, y) in row.iter_mut().zip(b_row) {
                    *sum = if FUSED { sum.fused(factor, y) } else { sum.add(factor.mul(y)) };
                }
                *x = x.wrapping_add(a.along);
            }
            b = b.add(VECTORS * lanes);
        }
        for (i, row) in sums.iter().enumerate() {
            for (j, sum) in row.iter().enumerate() {
                sum.store_ptr(c.add(i * c_stride + j * lanes));
            }
        }
    }
}
