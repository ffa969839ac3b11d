//! The dense layer, forward and backward: three matrix products with everything else fused into
//! their write-out.

use crate::activation::{
    Activation, relu_backward, relu_forward, sigmoid_backward, sigmoid_forward,
};
use crate::element::Element;
use crate::gemm::{Destination, Factor, panel_width};
use crate::product::{self, COLUMNS, Epilogue, ROWS, Resources, longer_side, nothing, product};
use crate::reduction::column_sums;
use crate::simd::Vector;
use crate::sweep::sweep;
use ndarray::{ArrayView2, ArrayViewMut2, Axis, s};

#[cfg(test)]
mod tests;

/// How W and dW, (n_out, n_in), lie in memory.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Row-major.
    Rows,
    /// In panels of `panel_width` units, of which n_out is a multiple: row q of this (n_out/width, n_in·width) matrix
    /// holds the weights of the units from q·width on, `width` of them, for input 0, then for input 1, and so on. So
    /// the forward product reads it and need not pack it (measured: 32×784×128 takes a tenth less, 128×784×128 4 %).
    Panels,
}

impl Layout {
    /// The layout with so many units in a panel, 1 for row-major. Panics for any other number than `panel_width`.
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

/// Elements of workspace that `dense_forward` and `dense_backward` need for up to `rows` examples on so many threads.
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

/// A ← g(X·Wᵀ + b) ⊙ mask / keep_prob. X: (rows, n_in), W: (n_out, n_in) stored by its layout, b: (n_out),
/// A: (rows, n_out). Overwrites A.
///
/// Panics for softmax, which needs whole rows: `output_activation` does it.
/// Source: the notebook's linear_activation_forward and section 7.2, inverted dropout.
pub fn dense_forward<'a, T: Element>(
    a: ArrayViewMut2<T>,
    x: ArrayView2<T>,
    (w, layout): (ArrayView2<T>, Layout),
    b: &'a [T],
    dropout: Option<Dropout<'a, T>>,
    resources: &mut Resources<T>,
    activation: Activation,
) {
    assert_eq!(w.dim(), layout.shape::<T>(x.ncols(), b.len()), "b has one element for each unit");
    assert!(activation != Activation::Softmax, "softmax: expected as an output activation only");
    let epilogue = forward_epilogue(b, dropout, activation);
    let shared = side_to_share(a.dim(), COLUMNS, x.nrows(), resources.threads);
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
/// as to read one that it has written (measured: Adam at \[784,128,64,1\] takes 45 µs in place of 90, and 107 in
/// place of 454 where the cores share no cache). But the longer side where the units are few, or the examples more
/// than they: each thread packs all of X, which costs more then than W's moves.
fn side_to_share(c: (usize, usize), units: Axis, examples: usize, threads: usize) -> Axis {
    let count = if units == ROWS { c.0 } else { c.1 };
    let enough = examples.max(threads.saturating_mul(LEAST_UNITS));
    if count >= enough { units } else { longer_side(c) }
}

/// block ← g(block + b) ⊙ mask / keep_prob, row by row.
fn forward_epilogue<'a, T: Element>(
    b: &'a [T],
    dropout: Option<Dropout<'a, T>>,
    activation: Activation,
) -> impl Fn(ArrayViewMut2<T>, usize, usize) + Sync + 'a {
    move |mut block, first_row, first_column| {
        let b = &b[first_column..][..block.ncols()];
        let dropout = dropout.map(|Dropout { mask, keep_prob }| {
            let mask = block_of(mask, block.dim(), first_row, first_column);
            (mask, T::Vector::splat(T::from_f64(keep_prob)))
        });
        for (i, mut row) in block.rows_mut().into_iter().enumerate() {
            let row = row.as_slice_mut().expect("rows are contiguous");
            if activation == Activation::Relu {
                sweep([&mut *row], [b], |[z], [b]| [relu_forward::<T>(z.add(b))]);
            } else {
                sweep([&mut *row], [b], |[z], [b]| [z.add(b)]);
            }
            if activation == Activation::Sigmoid {
                sigmoid_forward(row);
            }
            if let Some((mask, keep_prob)) = dropout {
                let mask = mask.index_axis_move(Axis(0), i);
                let mask = mask.to_slice().expect("rows are contiguous");
                sweep([row], [mask], |[a], [mask]| [a.mul(mask).div(keep_prob)]);
            }
        }
    }
}

/// The part of a matrix that begins at such a row and column.
fn block_of<T>(
    matrix: ArrayView2<T>,
    (rows, columns): (usize, usize),
    first_row: usize,
    first_column: usize,
) -> ArrayView2<T> {
    matrix.slice_move(s![first_row..first_row + rows, first_column..first_column + columns])
}

/// The layer before, as its backward pass needs it: what its stored output X went through.
#[derive(Clone, Copy)]
pub struct Previous {
    pub activation: Activation,
    /// 1 where it had no dropout.
    pub keep_prob: f64,
}

/// dW ← dZᵀ·X + l2_over_m·W; db ← column sums of dZ; dX ← (dZ·W) ⊙ g′(X) / keep_prob.
/// dZ: (rows, n_out), X: (rows, n_in), W and dW: (n_out, n_in) stored by their layout, db: (n_out),
/// dX: (rows, n_in). Overwrites dX, dW and db. A W in panels has no dX.
///
/// dZ holds the factor 1/m already. X is the layer before's output after dropout, from which g′ and
/// the mask are recovered, so that dX is at once the dZ of that layer. No dX for the first layer.
/// Source: the notebook's formulas for dW, db, dA_prev and section 7.3.
#[allow(clippy::too_many_arguments)]
pub fn dense_backward<T: Element>(
    dx: Option<(ArrayViewMut2<T>, Previous)>,
    dw: ArrayViewMut2<T>,
    db: &mut [T],
    dz: ArrayView2<T>,
    x: ArrayView2<T>,
    (w, layout): (ArrayView2<T>, Layout),
    resources: &mut Resources<T>,
    l2_over_m: f64,
) {
    let scale = T::Vector::splat(T::from_f64(l2_over_m));
    let add_l2 = backward_epilogue(w, |dw: T::Vector, w| dw.add(scale.mul(w)));
    let epilogue: &Epilogue<T> = if l2_over_m == 0.0 { &nothing } else { &add_l2 };
    let (rows, n_out) = dz.dim();
    match layout {
        Layout::Rows => {
            let shared = side_to_share((n_out, x.ncols()), ROWS, rows, resources.threads);
            let (dw, x) = (Destination::rows(dw), Factor::Plain(x));
            product(dw, dz.reversed_axes(), x, resources, shared, epilogue);
        }
        Layout::Panels => {
            let shared = side_to_share((x.ncols(), n_out), COLUMNS, rows, resources.threads);
            let (dw, dz) = (Destination::panels(dw), Factor::Plain(dz)); // it is dWᵀ ← Xᵀ·dZ
            product(dw, x.reversed_axes(), dz, resources, shared, epilogue);
        }
    }
    column_sums(db, dz, 0);
    if let Some((dx, previous)) = dx {
        assert!(layout == Layout::Rows, "a W in panels has no dX");
        input_gradient(dx, previous, dz, x, w, resources);
    }
}

/// dX ← (dZ·W) ⊙ g′(X) / keep_prob.
fn input_gradient<T: Element>(
    dx: ArrayViewMut2<T>,
    previous: Previous,
    dz: ArrayView2<T>,
    x: ArrayView2<T>,
    w: ArrayView2<T>,
    resources: &mut Resources<T>,
) {
    let keep = T::Vector::splat(T::from_f64(previous.keep_prob));
    let relu = backward_epilogue(x, |dx: T::Vector, x| relu_backward::<T>(dx.div(keep), x));
    let sigmoid =
        backward_epilogue(x, |dx: T::Vector, x| sigmoid_backward::<T>(dx.div(keep), x.mul(keep)));
    let epilogue: &Epilogue<T> = match previous.activation {
        Activation::Linear => {
            // A 0 from a linear unit does not tell whether it was dropped.
            assert!(previous.keep_prob == 1.0, "keepProb of a linear layer: expected 1");
            &nothing
        }
        Activation::Relu => &relu,
        Activation::Sigmoid => &sigmoid,
        Activation::Softmax => panic!("softmax: expected as an output activation only"),
    };
    let shared = longer_side(dx.dim());
    product(Destination::rows(dx), dz, Factor::Plain(w), resources, shared, epilogue);
}

/// block ← f(block, the same block of `other`).
fn backward_epilogue<'a, T: Element>(
    other: ArrayView2<'a, T>,
    f: impl Fn(T::Vector, T::Vector) -> T::Vector + Sync + 'a,
) -> impl Fn(ArrayViewMut2<T>, usize, usize) + Sync + 'a {
    move |mut block, first_row, first_column| {
        let other = block_of(other, block.dim(), first_row, first_column);
        if let (Some(block), Some(other)) = (block.as_slice_mut(), other.as_slice()) {
            return sweep([block], [other], |[x], [y]| [f(x, y)]); // a narrow layer's whole width
        }
        for (mut row, other) in block.rows_mut().into_iter().zip(other.rows()) {
            let row = row.as_slice_mut().expect("rows are contiguous");
            let other = other.to_slice().expect("rows are contiguous");
            sweep([row], [other], |[x], [y]| [f(x, y)]);
        }
    }
}
