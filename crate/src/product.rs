//! The one way to the matrix product: C is cut into pieces, which the threads share.

use crate::element::Element;
use crate::gemm::{self, gemm, gemm_packed, pack_block, packed_blocks, packed_len};
use crate::simd::Vector;
use crate::threads::{Shared, share, share_range, worth_while};
use ndarray::{ArrayView2, ArrayViewMut2, ShapeBuilder, s};
use std::ops::Range;

/// What is done to a finished block of a product, given its first row and column.
pub type Epilogue<'a, T> = dyn Fn(ArrayViewMut2<T>, usize, usize) + Sync + 'a;

/// The epilogue that leaves a product as it is.
pub fn nothing<T>(_block: ArrayViewMut2<T>, _first_row: usize, _first_column: usize) {}

/// Rows or columns of a piece are a multiple of this, so that no tile of the product is cut.
const UNIT: usize = 8;

/// What a product may use: `workspace_len` elements to pack its operands into, and so many threads.
pub struct Resources<'a, T> {
    pub workspace: &'a mut [T],
    pub threads: usize,
}

/// Elements of workspace that a product of at most m rows, n columns and k terms needs on so many threads.
pub fn workspace_len<T: Element>(m: usize, n: usize, k: usize, threads: usize) -> usize {
    let mut len = threads * gemm::workspace_len::<T>(m, n, k);
    if threads > 1 && m >= n {
        let by_rows = packed_len::<T>(n, k) + threads * gemm::left_workspace_len::<T>(m, k);
        len = len.max(by_rows);
    }
    // A workspace may begin anywhere, and what is packed is aligned to a vector.
    len.saturating_add(T::Vector::LANES - 1)
}

/// C ← A·B, then the epilogue once for each finished block of C. A: (m, k), B: (k, n), C: (m, n).
///
/// Threads share the columns of C, and each packs the part of B that it needs. Where C has fewer columns than
/// rows, they first share the packing of B and then the rows of C. An element's sum over k is never cut: the
/// number of threads changes no bit.
/// The epilogue is called through a pointer, so that the product is compiled once for each number
/// type and not again for each activation.
pub fn product<T: Element>(
    mut c: ArrayViewMut2<T>,
    a: ArrayView2<T>,
    b: ArrayView2<T>,
    resources: &mut Resources<T>,
    epilogue: &Epilogue<T>,
) {
    let Resources { workspace, threads } = resources;
    let unaligned = workspace.as_ptr().align_offset(align_of::<T::Vector>());
    let workspace = &mut workspace[unaligned..];
    let ((m, n), k) = (c.dim(), a.ncols());
    let work = m.saturating_mul(n).saturating_mul(k);
    let threads = worth_while(*threads, work);
    if threads == 1 {
        return gemm(c, a, b, workspace, &mut |block, row, column| epilogue(block, row, column));
    }
    let by_rows = m >= n;
    let (packed, rest) = workspace.split_at_mut(if by_rows { packed_len::<T>(n, k) } else { 0 });
    if by_rows {
        let packed = Shared(packed.as_mut_ptr());
        share(threads, packed_blocks::<T>(n, k), work, &|block, _| {
            // SAFETY: `packed` has the length of all of B, and each block has its own place in it.
            unsafe { pack_block(packed, b, block) }
        });
    }
    let packed = &*packed;

    let row_stride = c.strides()[0] as usize;
    let c = Shared(c.as_mut_ptr());
    let slot = rest.len() / threads;
    let slot = slot - slot % T::Vector::LANES; // so that each is aligned, as `rest` is
    let rest = Shared(rest.as_mut_ptr());
    let side = if by_rows { m } else { n };
    share_range(threads, side, UNIT, work, &|piece, seat| {
        let (rows, columns) = if by_rows { (piece, 0..n) } else { (0..m, piece) };
        // SAFETY: the pieces of C are disjoint and lie within it, a seat's slot of the workspace is no other
        // thread's, and both outlive `share_range`.
        let (c, workspace) =
            unsafe { (block(c, row_stride, &rows, &columns), rest.slice(seat * slot, slot)) };
        let place = &mut |block: ArrayViewMut2<T>, row: usize, column: usize| {
            epilogue(block, rows.start + row, columns.start + column);
        };
        let a = a.slice(s![rows.clone(), ..]);
        if by_rows {
            gemm_packed(c, a, packed, workspace, place);
        } else {
            gemm(c, a, b.slice(s![.., columns.clone()]), workspace, place);
        }
    });
}

/// The rows and columns of the row-major matrix that begins at `c`.
///
/// # Safety
/// They lie in that matrix, which outlives the view, and nothing else reads or writes them meanwhile.
unsafe fn block<'a, T>(
    c: Shared<T>,
    row_stride: usize,
    rows: &Range<usize>,
    columns: &Range<usize>,
) -> ArrayViewMut2<'a, T> {
    let shape = (rows.len(), columns.len()).strides((row_stride, 1));
    // SAFETY: the caller's contract.
    unsafe {
        ArrayViewMut2::from_shape_ptr(shape, c.0.add(rows.start * row_stride + columns.start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    fn bits<T: Element>(x: &Array2<T>) -> Vec<u64> {
        x.iter().map(|x| x.to_f64().to_bits()).collect()
    }

    fn threads_change_no_bit<T: Element>() {
        for (m, n, k) in [(130, 70, 60), (17, 257, 133), (65, 66, 257), (1, 3000, 200)] {
            let number = |i: usize| T::from_f64(((i * 7919) % 1000) as f64 / 500.0 - 1.0);
            let a = Array2::from_shape_fn((m, k), |(i, p)| number(i * k + p));
            let b = Array2::from_shape_fn((k, n), |(p, j)| number(3 * (p * n + j)));
            let run = |threads: usize| {
                let mut c = Array2::from_elem((m, n), T::from_f64(f64::NAN));
                let mut workspace = vec![T::zero(); workspace_len::<T>(m, n, k, threads)];
                let place: &Epilogue<T> = &|mut block, row, column| {
                    for ((i, j), x) in block.indexed_iter_mut() {
                        *x = *x + T::from_f64(((row + i) * n + column + j) as f64);
                    }
                };
                let mut resources = Resources { workspace: &mut workspace, threads };
                product(c.view_mut(), a.view(), b.view(), &mut resources, place);
                bits(&c)
            };
            let alone = run(1);
            for threads in 2..=8 {
                assert_eq!(run(threads), alone, "{m}×{n}×{k} on {threads} threads");
            }
        }
    }

    #[test]
    fn threads_change_no_bit_of_a_product_or_its_epilogue() {
        threads_change_no_bit::<f32>();
        threads_change_no_bit::<f64>();
    }
}
