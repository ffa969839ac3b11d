//! A matrix in panels, the order in which a product reads B: made once for many products.

use super::pack::{Block, pack};
use super::tile::nr;
use crate::number::element::Element;
use ndarray::ArrayView2;

/// Columns of a matrix in panels, the last of which is padded: a multiple of NR.
pub fn padded_columns<T: Element>(columns: usize) -> usize {
    columns.next_multiple_of(nr::<T>())
}

/// panels ← B in panels, the last one padded with zeros: all its rows of NR columns, then of the next NR. B: (k, n), of
/// which either the rows or the columns are contiguous; panels: k · `padded_columns(n)` elements.
///
/// # Panics
/// Where `panels` is shorter.
pub fn into_panels<T: Element>(panels: &mut [T], b: ArrayView2<T>) {
    let (k, n) = b.dim();
    if n == 0 {
        return; // of no columns nothing says how they lie
    }
    let all = Block { first: 0, count: n, pc: 0, kc: k };
    pack(panels, b.reversed_axes(), all, (nr::<T>(), nr::<T>()));
}
