//! The one way to the matrix product: C is cut into blocks, one for each thread.

use crate::element::Element;
use crate::gemm::{self, gemm};
use crate::threads::{self, Shared, cut, fork_join};
use ndarray::{ArrayView2, ArrayViewMut2, ShapeBuilder, s};
use std::ops::Range;

/// What is done to a finished block of a product, given its first row and column.
pub type Epilogue<'a, T> = dyn Fn(ArrayViewMut2<T>, usize, usize) + Sync + 'a;

/// The epilogue that leaves a product as it is.
pub fn nothing<T>(_block: ArrayViewMut2<T>, _first_row: usize, _first_column: usize) {}

/// Rows or columns of a thread's block are a multiple of this, so that no tile of the product is cut.
const UNIT: usize = 8;

/// What a product may use: `workspace_len` elements to pack its operands into, and so many threads.
pub struct Resources<'a, T> {
    pub workspace: &'a mut [T],
    pub threads: usize,
}

/// Elements of workspace that a product of these sizes needs on so many threads: each packs on its own.
pub fn workspace_len<T: Element>(m: usize, n: usize, k: usize, threads: usize) -> usize {
    threads * gemm::workspace_len::<T>(m, n, k)
}

/// C ← A·B, then the epilogue once for each finished block of C. A: (m, k), B: (k, n), C: (m, n).
///
/// The longer side of C is cut, so that the operand which every thread packs again is the smaller one. An
/// element's sum over k is never cut: the number of threads changes no bit.
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
    let ((m, n), k) = (c.dim(), a.ncols());
    let work = m.saturating_mul(n).saturating_mul(k);
    let parts = threads::worth_while(*threads, work);
    if c.is_empty() {
        return;
    }
    let row_stride = c.strides()[0] as usize;
    let (c, c_len) = (Shared(c.as_mut_ptr()), (m - 1) * row_stride + n);
    let slot = workspace.len() / *threads;
    let workspace = Shared(workspace.as_mut_ptr());
    fork_join(parts, work, &|part| {
        let (rows, columns) = if m >= n {
            (cut(m, UNIT, part, parts), 0..n)
        } else {
            (0..m, cut(n, UNIT, part, parts))
        };
        if rows.is_empty() || columns.is_empty() {
            return;
        }
        debug_assert!((rows.end - 1) * row_stride + columns.end <= c_len);
        // SAFETY: the parts' blocks of C are disjoint and lie within it, and so do their slots of the
        // workspace; C and the workspace outlive fork_join.
        let (c, workspace) =
            unsafe { (block(c, row_stride, &rows, &columns), workspace.slice(part * slot, slot)) };
        let a = a.slice(s![rows.clone(), ..]);
        let b = b.slice(s![.., columns.clone()]);
        gemm(c, a, b, workspace, |block: ArrayViewMut2<T>, row: usize, column: usize| {
            epilogue(block, rows.start + row, columns.start + column);
        });
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
