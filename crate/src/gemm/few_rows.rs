//! A product of few rows, which isn't worth packing B for.

use super::blocks::by_blocks;
use super::destination::Destination;
use super::factor::Factor;
use super::product::{BlockEpilogue, Product};
use super::sizes::{MC, transposed_len};
use crate::number::element::Element;
use crate::part::{part, part_mut};
use ndarray::{ArrayView2, ArrayViewMut2};

/// Cᵀ ← Bᵀ·Aᵀ, by MC columns of C, which reads B in place and packs the few rows of A.
#[inline(never)]
pub fn few_rows<T: Element>(
    mut c: ArrayViewMut2<T>,
    a: ArrayView2<T>,
    b: ArrayView2<T>,
    workspace: &mut [T],
    fused: bool,
    epilogue: &mut BlockEpilogue<T>,
) {
    let ((m, n), k) = (c.dim(), b.nrows());
    let (transposed, rest) = workspace.split_at_mut(transposed_len::<T>(m, n));
    for jc in (0..n).step_by(MC) {
        let columns = jc..(jc + MC).min(n);
        let transposed = &mut transposed[..columns.len() * m];
        // SAFETY: it has columns·m elements and is not used otherwise while the view lives.
        let block =
            unsafe { ArrayViewMut2::from_shape_ptr((columns.len(), m), transposed.as_mut_ptr()) };
        let (a, b) = (a.reversed_axes(), part(b, 0..k, columns.clone()).reversed_axes());
        let block = Destination::rows(block);
        let product = Product { c: block, k, a: Factor::Plain(b), b: Factor::Plain(a), fused };
        by_blocks(product, rest, &mut |_, _, _| {});
        let mut c = part_mut(c.view_mut(), 0..m, columns);
        for (i, mut row) in c.rows_mut().into_iter().enumerate() {
            let row = row.as_slice_mut().expect("gemm: C must be row-major");
            for (j, element) in row.iter_mut().enumerate() {
                *element = transposed[j * m + i];
            }
        }
        epilogue(c, 0, jc);
    }
}
