//! A dense layer of few units whose X lies in the orders in which its products read it, since every step has the same X.
//!
//! A tile's vectors run along the longer side of C here, the examples and the inputs: along few units they would be half
//! empty, and X would be brought into order in each step. No bit changes: an element's sum is the same whichever way C
//! lies.

use super::{Output, block_of, forward_epilogue, l2_epilogue};
use crate::gemm::{Destination, Factor, panel_width};
use crate::number::element::Element;
use crate::part::part_mut;
use crate::product::{Block, COLUMNS, Epilogue, Resources, nothing, product};
use crate::reduction::column_sums;
use crate::threads::Shared;
use ndarray::{ArrayView2, ArrayViewMut2};
use std::ops::Range;

/// As `dense_forward`, by way of `products` ← W·Xᵀ: (n_out, rows in whole panels). `x` is Xᵀ in panels, (n_in, rows), the
/// last one padded; W by rows.
pub fn forward<T: Element>(
    mut a: ArrayViewMut2<T>,
    products: ArrayViewMut2<T>,
    x: &[T],
    w: ArrayView2<T>,
    output: Output<T>,
    resources: &mut Resources<T>,
) {
    let (rows, units) = a.dim();
    assert!(a.is_standard_layout() && products.dim().0 == units && products.dim().1 >= rows);
    let epilogue = forward_epilogue(output);
    let a = Shared(a.as_mut_ptr());
    let turned = |(block, first_unit, first_row): Block<T>| {
        let rows = block.ncols().min(rows.saturating_sub(first_row)); // the padding is no example
        // SAFETY: blocks of the products are of rows of A that are no other thread's, and A outlives the product.
        let of_a = unsafe { a.slice(first_row * units, rows * units) };
        let of_a = ArrayViewMut2::from_shape((rows, units), of_a).expect("whole rows");
        let mut of_a = part_mut(of_a, 0..rows, first_unit..first_unit + block.nrows());
        for (unit, products) in block.rows().into_iter().enumerate() {
            for (row, &z) in products.iter().take(rows).enumerate() {
                of_a[[row, unit]] = z;
            }
        }
        epilogue((of_a, first_row, first_unit));
    };
    product(Destination::rows(products), w, Factor::Panels(x), resources, COLUMNS, &turned);
}

/// As `weight_gradient`. `panels` is X in panels, (rows, n_in), as many as are whole; W and dW by rows.
pub fn weight_gradient<T: Element>(
    mut dw: ArrayViewMut2<T>,
    db: Option<&mut [T]>,
    (dz, units): (ArrayView2<T>, Range<usize>),
    (x, panels): (ArrayView2<T>, &[T]),
    w: ArrayView2<T>,
    l2_over_m: f64,
    resources: &mut Resources<T>,
) {
    let (rows, inputs, n) = (dz.nrows(), x.ncols(), units.len());
    let whole = inputs - inputs % panel_width::<T>();
    let dz_of_units = block_of(dz, (rows, n), 0, units.start).reversed_axes();
    let x_of_rest = Factor::Plain(block_of(x, (rows, inputs - whole), 0, whole));
    for (columns, x) in [(0..whole, Factor::Panels(panels)), (whole..inputs, x_of_rest)] {
        let add_l2 = l2_epilogue(block_of(w, (n, columns.len()), 0, columns.start), l2_over_m);
        let epilogue: &Epilogue<T> = if l2_over_m == 0.0 { &nothing } else { &add_l2 };
        let dw = Destination::rows(part_mut(dw.view_mut(), 0..n, columns));
        product(dw, dz_of_units, x, resources, COLUMNS, epilogue);
    }
    if let Some(db) = db {
        assert_eq!(db.len(), n, "db has one element for each unit");
        column_sums(db, dz, units.start);
    }
}
