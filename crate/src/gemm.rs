//! The matrix product: Goto & van de Geijn's five loops around a microkernel (Anatomy of
//! High-Performance Matrix Multiplication, 2008; MR, NR, KC, MC and NC are BLIS's names).
//!
//! B is packed, and A too unless C has few columns; with few rows of A, B is read where it lies.
//! B may lie in panels already, and C may be wanted so: a matrix that is C in one product and B in others.

mod blocks;
mod column;
mod destination;
mod factor;
mod fetch;
mod few_rows;
mod macrokernel;
mod microkernel;
mod operand;
mod pack;
mod panels;
mod product;
mod sizes;
#[cfg(test)]
mod tests;
mod tile;

pub use destination::{Destination, stored};
pub use factor::{Factor, pack_left, pack_right};
pub use panels::{into_panels, padded_columns};
pub use product::Product;
pub use sizes::{has_few_rows, is_read_in_place, packed_len, workspace_len};
pub use tile::nr as panel_width;

use crate::number::element::Element;
use blocks::by_blocks;
use few_rows::few_rows;
use product::{BlockEpilogue, is_aligned};

/// C ← A·B, then `epilogue` once on every finished block of C while it is in cache.
///
/// Of a plain A or B either the rows or the columns are contiguous, so a transposed
/// view serves as it is; one packed beforehand, for when it takes part in several products, changes no bit. A packed
/// B, or one in panels, is aligned to a vector. `epilogue` gets the block, and the row and the column where it begins;
/// of a C in panels, those of the matrix that it is stored as. Nothing is allocated; `workspace` has at least
/// [`workspace_len`] elements, of any value, and is aligned to a vector.
///
/// C[i][j] has the bits of `sum = 0; for p in 0..k { sum = sum + A[i][p]·B[p][j] }`, every product
/// and every sum rounded, whatever the sizes: blocks divide the loop over p but never a sum. Where products are fused, that of
/// `sum = A[i][p]·B[p][j] + sum`, rounded once.
///
/// # Panics
/// Where shapes disagree, a layout is none of those, a packed factor or the workspace is too short or not aligned.
pub fn gemm<T: Element>(product: Product<T>, workspace: &mut [T], epilogue: &mut BlockEpilogue<T>) {
    let ((m, n), k) = (product.c.dim(), product.k);
    // No assert_eq: what writes numbers takes kilobytes of the .wasm.
    assert!(product.fits(), "gemm: (m, k, n) of C, A and B");
    assert!(workspace.len() >= workspace_len::<T>(m, n, k), "gemm: workspace too short");
    assert!(is_aligned(workspace), "gemm: workspace not aligned");
    match (product.a, product.b) {
        (Factor::Plain(a), Factor::Plain(b)) if !product.c.in_panels && has_few_rows((m, n), b) => {
            few_rows(product.c.matrix, a, b, workspace, product.fused, epilogue)
        }
        _ => by_blocks(product, workspace, epilogue),
    }
}
