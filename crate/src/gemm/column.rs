//! A single column of C, the edge a tile is worst at: here the lanes run down the rows.

use super::tile::{MR, Tiles, lanes};
use crate::number::element::Element;
use crate::number::simd::{MAX_LANES, Vector};

/// Vectors of rows at a time: two chains of sums hide half of an addition's latency.
const GROUPS: usize = 2;

/// Rows that `column_kernel` takes at a time.
pub const fn column_rows<T: Element>() -> usize {
    GROUPS * lanes::<T>()
}

/// Whether `column_kernel` can read the rows of A: those of a packed A only where panels are whole vectors of rows, and
/// as many rows as it takes at a time whole panels.
pub const fn reads_rows<T: Element>(tiles: &Tiles<T>) -> bool {
    let panels_fit = MR.is_multiple_of(lanes::<T>()) && column_rows::<T>().is_multiple_of(MR);
    panels_fit || tiles.a_step == tiles.a.across
}

/// c ← A·b where `first`, else c ← c + A·b. A and the order of the sums are as in `microkernel`; b
/// is a packed panel one vector wide.
///
/// # Safety
/// `m` must be a multiple of `column_rows`, and `reads_rows` true; else as `microkernel`, for one column.
#[inline(never)]
pub unsafe fn column_kernel<T: Element, const BY_ROWS: bool, const FUSED: bool>(tiles: &Tiles<T>) {
    let Tiles { c, c_stride, a, b, m, k, first, .. } = *tiles;
    let (across, along) = if BY_ROWS { (a.across, 1) } else { (1, a.along) };
    let lanes = lanes::<T>();
    let whole = k - k % lanes;
    for row in (0..m).step_by(GROUPS * lanes) {
        let c = c.wrapping_add(row * c_stride);
        let mut column = [T::zero(); GROUPS * MAX_LANES];
        let column = &mut column[..GROUPS * lanes];
        // SAFETY: the caller's contract.
        unsafe {
            if !first {
                for (i, sum) in column.iter_mut().enumerate() {
                    *sum = *c.add(i * c_stride);
                }
            }
            let mut sums: [T::Vector; GROUPS] =
                std::array::from_fn(|g| T::Vector::load(&column[g * lanes..]));
            let groups: [*const T; GROUPS] = std::array::from_fn(|g| tiles.a_row(row + g * lanes));
            for p in (0..whole).step_by(lanes) {
                for (sum, a) in sums.iter_mut().zip(groups) {
                    let a = a.wrapping_add(p * along);
                    let mut block = [T::zero(); MAX_LANES * MAX_LANES];
                    if BY_ROWS {
                        T::Vector::transpose_ptr(a, across, block.as_mut_ptr(), lanes);
                    }
                    for q in 0..lanes {
                        let rows = if BY_ROWS {
                            T::Vector::load(&block[q * lanes..])
                        } else {
                            T::Vector::load_ptr(a.add(q * along))
                        };
                        let y = T::Vector::splat(*b.add((p + q) * lanes));
                        *sum = if FUSED { sum.fused(rows, y) } else { sum.add(rows.mul(y)) };
                    }
                }
            }
            for (g, sum) in sums.into_iter().enumerate() {
                sum.store(&mut column[g * lanes..]);
            }
            for (i, sum) in column.iter_mut().enumerate() {
                for p in whole..k {
                    let (x, y) = (*tiles.a_row(row + i).add(p * along), *b.add(p * lanes));
                    *sum = if FUSED { x.fused(y, *sum) } else { *sum + x * y };
                }
                *c.add(i * c_stride) = *sum;
            }
        }
    }
}
