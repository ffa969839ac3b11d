//! The dense layer, forward and backward: three matrix products with everything else fused into
//! their write-out.

use crate::activations::Activation;
use crate::call::Call;
use crate::gemm::{Destination, Factor, panel_width};
use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::part::part;
use crate::product::{
    self, Block, COLUMNS, Epilogue, ROWS, Resources, longer_side, nothing, product,
};
use crate::reduction::column_sums;
use crate::sweep::sweep;
use crate::threads::Shared;
use ndarray::{ArrayView2, ArrayViewMut2, Axis};
use std::ops::Range;

pub mod packed;
#[cfg(test)]
mod tests;

/// How W and dW, (n_out, n_in), lie in memory.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Row-major.
    Rows,
    /// In panels of `panel_width` units, of which n_out is a multiple: row q of this (n_out/width, n_in·width) matrix
    /// holds the weights of the units from q·width on, `width` of them, for input 0, then for input 1, and so on. So
    /// the forward product reads it and need not pack it.
    Panels,
}

impl Layout {
    /// The layout with `panel` units in a panel, 1 for row-major. Panics for any other number than `panel_width`.
    pub fn of_panel<T: Element>(panel: usize) -> Self {
        match panel {
            1 => Self::Rows,
            _ if panel == panel_width::<T>() => Self::Panels,
            _ => panic!("panel: expected 1 or the width of a panel"),
        }
    }

    /// Rows and columns of the matrix that W is stored as.
    pub fn shape<T: Element>(self, n_in: usize, n_out: usize) -> (usize, usize) {
        match self {
            Self::Rows => (n_out, n_in),
            Self::Panels => (n_out / panel_width::<T>(), n_in * panel_width::<T>()),
        }
    }
}

/// Elements of workspace that `dense_forward` and `dense_backward` need for up to `rows` examples on `threads` threads.
pub fn workspace_len<T: Element>(rows: usize, n_in: usize, n_out: usize, threads: usize) -> usize {
    let of = |c, k, shared| product::workspace_len::<T>(c, k, threads, shared);
    let by_longer_side = |c, k| of(c, k, longer_side(c));
    let forward = by_longer_side((rows, n_out), n_in); // where threads share units, they are the longer side
    let dw = by_longer_side((n_out, n_in), rows).max(of((n_out, n_in), rows.min(n_out), ROWS));
    let in_panels =
        by_longer_side((n_in, n_out), rows).max(of((n_in, n_out), rows.min(n_out), COLUMNS));
    let dx = by_longer_side((rows, n_in), n_out);
    forward.max(dw).max(in_panels).max(dx)
}

/// Inverted dropout of one layer: its mask of zeros and ones (rows, n), and the probability of a one.
#[derive(Clone, Copy)]
pub struct Dropout<'a, T> {
    pub mask: ArrayView2<'a, T>,
    pub keep_prob: f64,
}

/// What becomes of a layer's products: + b, g, and dropout.
pub struct Output<'a, T> {
    /// (n_out)
    pub b: &'a [T],
    pub activation: &'a dyn Activation<T>,
    /// What the activation keeps for its backward pass is written here, (rows, n_out), where it keeps anything.
    pub kept: Option<ArrayViewMut2<'a, T>>,
    pub dropout: Option<Dropout<'a, T>>,
}

/// A ← g(X·Wᵀ + b) ⊙ mask / keep_prob. X: (rows, n_in), W: (n_out, n_in) stored by its layout, A: (rows, n_out).
/// Overwrites A. g is no softmax, which needs whole rows.
///
/// Source: the notebook's linear_activation_forward and section 7.2, inverted dropout.
pub fn dense_forward<T: Element>(
    a: ArrayViewMut2<T>,
    x: ArrayView2<T>,
    (w, layout): (ArrayView2<T>, Layout),
    output: Output<T>,
    resources: &mut Resources<T>,
) {
    let units = output.b.len();
    assert_eq!(w.dim(), layout.shape::<T>(x.ncols(), units), "b has one element for each unit");
    let shared = side_to_share(a.dim(), COLUMNS, x.nrows(), resources.threads);
    let epilogue = forward_epilogue(output);
    let w = match layout {
        Layout::Rows => Factor::Plain(w.reversed_axes()),
        Layout::Panels => Factor::Panels(w.to_slice().expect("W is contiguous")),
    };
    product(Destination::rows(a), x, w, resources, shared, &epilogue);
}

/// Units that a thread must get, so that they are shared: two cache lines of f32.
const LEAST_UNITS: usize = 32;

/// The side of C that threads share where one of its sides is the layer's units.
///
/// The units, so that each thread reads and writes the same rows of W and dW in every product of every step, and
/// mostly those whose moments it updates: to write to a line that another core has read takes several times as long
/// as to read one that it has written. But the longer side where the units are few, or the examples more
/// than they: each thread packs all of X, which costs more then than W's moves.
fn side_to_share(c: (usize, usize), units: Axis, examples: usize, threads: usize) -> Axis {
    let count = if units == ROWS { c.0 } else { c.1 };
    let enough = examples.max(threads.saturating_mul(LEAST_UNITS));
    if count >= enough { units } else { longer_side(c) }
}

/// block ← g(block + b) ⊙ mask / keep_prob.
fn forward_epilogue<'a, T: Element>(
    output: Output<'a, T>,
) -> impl for<'b> Fn(Block<'b, T>) + Sync + 'a {
    let Output { b, activation, kept, dropout } = output;
    let n = b.len();
    let kept = kept.map(|mut kept| (Shared(kept.as_mut_ptr()), kept.len()));
    move |(mut block, first_row, first_column): Block<T>| {
        let b = &b[first_column..][..block.ncols()];
        let forward = |z: &mut [T], row: usize| match kept {
            None => activation.forward(z, b),
            Some((kept, len)) => {
                let start = row * n + first_column;
                assert!(start + z.len() <= len, "what is kept is as large as A");
                // SAFETY: within it (asserted), whose blocks are disjoint as A's are, and it outlives the product.
                activation.forward_keeping(z, unsafe { kept.slice(start, z.len()) }, b);
            }
        };
        if let Some(rows) = block.as_slice_mut() {
            let count = (TOGETHER / b.len()).max(1);
            for (i, rows) in rows.chunks_mut(count * b.len()).enumerate() {
                forward(rows, first_row + i * count);
            }
        } else {
            for (i, mut row) in block.rows_mut().into_iter().enumerate() {
                forward(row.as_slice_mut().expect("rows are contiguous"), first_row + i);
            }
        }
        if let Some(Dropout { mask, keep_prob }) = dropout {
            let keep_prob = T::Vector::splat(T::from_f64(keep_prob));
            by_rows(block, (mask, first_row, first_column), &|(a, mask): (&mut [T], &[T])| {
                sweep([a], [mask], |[a], [mask]| [a.mul(mask).div(keep_prob)]);
            });
        }
    }
}

/// Elements that an activation gets at a time, in whole rows: of more, the second of its passes would not find them in the
/// first-level cache; of fewer, its calls count.
const TOGETHER: usize = 2048;

/// The part of a matrix that begins at such a row and column.
fn block_of<T>(
    matrix: ArrayView2<T>,
    (rows, columns): (usize, usize),
    first_row: usize,
    first_column: usize,
) -> ArrayView2<T> {
    part(matrix, first_row..first_row + rows, first_column..first_column + columns)
}

/// dW ← dZᵀ·X + l2_over_m·W and db ← column sums of dZ, of some of a layer's units (in panels: of whole panels). A layer
/// without biases has no db.
/// dZ: (rows, n_out), X: (rows, n_in), the units' W and dW: (units, n_in) stored by their layout. Overwrites dW and db.
///
/// dZ holds the factor 1/m already.
/// Source: the notebook's formulas for dW and db.
pub fn weight_gradient<T: Element>(
    dw: ArrayViewMut2<T>,
    db: Option<&mut [T]>,
    (dz, units): (ArrayView2<T>, Range<usize>),
    x: ArrayView2<T>,
    (w, layout): (ArrayView2<T>, Layout),
    l2_over_m: f64,
    resources: &mut Resources<T>,
) {
    let add_l2 = l2_epilogue(w, l2_over_m);
    let epilogue: &Epilogue<T> = if l2_over_m == 0.0 { &nothing } else { &add_l2 };
    let (rows, n, first_unit) = (dz.nrows(), units.len(), units.start);
    let dz_of_units = block_of(dz, (rows, n), 0, first_unit);
    match layout {
        Layout::Rows => {
            let shared = side_to_share((n, x.ncols()), ROWS, rows, resources.threads);
            let (dw, x) = (Destination::rows(dw), Factor::Plain(x));
            product(dw, dz_of_units.reversed_axes(), x, resources, shared, epilogue);
        }
        Layout::Panels => {
            let shared = side_to_share((x.ncols(), n), COLUMNS, rows, resources.threads);
            let (dw, dz) = (Destination::panels(dw), Factor::Plain(dz_of_units)); // dWᵀ ← Xᵀ·dZ
            product(dw, x.reversed_axes(), dz, resources, shared, epilogue);
        }
    }
    if let Some(db) = db {
        assert_eq!(db.len(), n, "db has one element for each unit");
        column_sums(db, dz, first_unit);
    }
}

/// block ← block + l2_over_m · the same block of W.
fn l2_epilogue<T: Element>(w: ArrayView2<T>, l2_over_m: f64) -> impl Fn(Block<T>) + Sync {
    let scale = T::Vector::splat(T::from_f64(l2_over_m));
    move |(block, row, column): Block<T>| {
        by_rows(block, (w, row, column), &|(dw, w): (&mut [T], &[T])| {
            sweep([dw], [w], |[dw], [w]| [dw.add(scale.mul(w))]);
        });
    }
}

/// The layer before: what a gradient meets on its way back through its dropout and its activation.
#[derive(Clone, Copy)]
pub struct Before<'a, T> {
    pub activation: &'a dyn Activation<T>,
    /// What the activation's backward pass sees: (rows, n_in).
    pub seen: ArrayView2<'a, T>,
    pub dropout: Option<Dropout<'a, T>>,
}

/// dX ← (dZ·W) ⊙ mask / keep_prob ⊙ g′, which is at once the dZ of the layer before.
/// dZ: (rows, n_out), W: (n_out, n_in) by rows, dX: (rows, n_in). Overwrites dX.
///
/// Source: the notebook's formulas for dA_prev and section 7.3.
pub fn input_gradient<T: Element>(
    dx: ArrayViewMut2<T>,
    dz: ArrayView2<T>,
    w: ArrayView2<T>,
    before: Before<T>,
    resources: &mut Resources<T>,
) {
    let Before { activation, seen, dropout } = before;
    let epilogue = |(mut block, row, column): Block<T>| {
        let mut keep = T::one();
        if let Some(Dropout { mask, keep_prob }) = dropout {
            keep = T::from_f64(keep_prob);
            let keep = T::Vector::splat(keep);
            by_rows(block.view_mut(), (mask, row, column), &|(dx, mask): (&mut [T], &[T])| {
                sweep([dx], [mask], |[dx], [mask]| [dx.mul(mask).div(keep)]);
            });
        }
        by_rows(block, (seen, row, column), &|(dx, seen): (&mut [T], &[T])| {
            activation.backward(dx, seen, keep)
        });
    };
    let shared = longer_side(dx.dim());
    product(Destination::rows(dx), dz, Factor::Plain(w), resources, shared, &epilogue);
}

/// Calls f with each row of a block and the same row of the matrix that the block is compared with, from such a row
/// and column on; or once with all of them where they are contiguous, as a narrow layer's are.
#[inline(never)]
fn by_rows<T: Element>(
    mut block: ArrayViewMut2<T>,
    (other, first_row, first_column): (ArrayView2<T>, usize, usize),
    f: &dyn for<'a> Call<(&'a mut [T], &'a [T])>,
) {
    let other = block_of(other, block.dim(), first_row, first_column);
    if let (Some(block), Some(other)) = (block.as_slice_mut(), other.as_slice()) {
        return f.call((block, other));
    }
    for (mut row, other) in block.rows_mut().into_iter().zip(other.rows()) {
        let row = row.as_slice_mut().expect("rows are contiguous");
        f.call((row, other.to_slice().expect("rows are contiguous")));
    }
}
