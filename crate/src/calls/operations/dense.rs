//! A dense layer's passes: views of its blocks, and one kernel.

use crate::activations::{Activation, activation};
use crate::calls::operation::{Bind, Flow, Moment, Operation, Portion, Report, Run, portions};
use crate::facts::{Facts, Words, facts};
use crate::gemm::{padded_columns, panel_width};
use crate::layers::dense::{self, Before, Dropout, Layout, Output, dense_forward, packed};
use crate::memory::{count, matrix, matrix_mut, slice, slice_mut};
use crate::number::element::Element;
use crate::penalty::add_signs;
use crate::product::Resources;
use ndarray::{ArrayView2, ArrayViewMut2};
use std::ops::Range;

facts! {
    /// A ← g(X·Wᵀ + b) ⊙ mask / keep_prob. `kept` is where g keeps what its backward pass sees, or 0; no mask, no
    /// dropout. `packed` is where Xᵀ lies in panels of examples, W by rows, and `products` room for the products of each
    /// unit with all of them; 0 where it doesn't.
    pub struct DenseForward {
        a: usize,
        x: usize,
        packed: usize,
        products: usize,
        w: usize,
        b: usize,
        kept: usize,
        mask: usize,
        keep_prob: f64,
        inputs: usize,
        outputs: usize,
        panel: usize,
        activation: usize,
        parameter: f64,
        workspace: usize,
        workspace_len: usize,
        threads: usize,
    }
}

struct Forward<T>(DenseForward, Box<dyn Activation<T>>);

impl Bind for DenseForward {
    fn bind<T: Element>(words: &mut Words) -> Box<dyn Operation> {
        let facts = Self::take(words);
        let g = activation::<T>(facts.activation, facts.parameter);
        assert!(g.is_elementwise(), "dense_forward: expected an elementwise activation");
        Box::new(Forward(facts, g))
    }
}

impl<T: Element> Operation for Forward<T> {
    fn portions(&self, rows: usize) -> usize {
        portions_by(rows, (rows, self.0.inputs, self.0.outputs))
    }

    unsafe fn run(&mut self, portion: Portion, moment: Moment, _report: &mut Report) -> Flow {
        let Self(facts, activation) = self;
        let DenseForward { inputs, outputs, keep_prob, threads, .. } = *facts;
        let layout = Layout::of_panel::<T>(facts.panel);
        let (w_rows, w_columns) = layout.shape::<T>(inputs, outputs);
        let unit = if facts.packed == 0 { 1 } else { panel_width::<T>() };
        let rows = portion.of(moment.rows, unit);
        // SAFETY: the caller's contract.
        unsafe {
            let output = Output {
                b: slice(facts.b, outputs),
                activation: &**activation,
                kept: (facts.kept != 0).then(|| rows_mut(facts.kept, &rows, outputs)),
                dropout: dropout(facts.mask, keep_prob, &rows, outputs),
            };
            let w = matrix(facts.w, w_rows, w_columns);
            let a = rows_mut(facts.a, &rows, outputs);
            let workspace = slice_mut(facts.workspace, facts.workspace_len);
            let resources = &mut Resources { workspace, threads };
            if facts.packed == 0 {
                let x = rows_of(facts.x, &rows, inputs);
                dense_forward::<T>(a, x, (w, layout), output, resources);
            } else {
                let padded = padded_columns::<T>(rows.len());
                let first = facts.packed + rows.start * inputs * size_of::<T>();
                let x = slice(first, count(padded, inputs));
                let products = matrix_mut(facts.products, outputs, padded);
                packed::forward(a, products, x, w, output, resources);
            }
        }
        Flow::On
    }
}

facts! {
    /// dW ← dZᵀ·X + l2/whole·W, the second term at the end of a step of so many examples; db ← column sums of dZ, unless db
    /// is 0: a layer without biases. `packed` is where X lies in panels of inputs, as many as are whole, W by rows: 0 where
    /// it doesn't.
    pub struct WeightGradient {
        dw: usize,
        db: usize,
        dz: usize,
        x: usize,
        packed: usize,
        w: usize,
        inputs: usize,
        outputs: usize,
        panel: usize,
        l2: f64,
        workspace: usize,
        workspace_len: usize,
        threads: usize,
    }
}

struct ByUnits<T>(WeightGradient, std::marker::PhantomData<T>);

impl Bind for WeightGradient {
    fn bind<T: Element>(words: &mut Words) -> Box<dyn Operation> {
        Box::new(ByUnits::<T>(Self::take(words), std::marker::PhantomData))
    }
}

impl<T: Element> Operation for ByUnits<T> {
    fn portions(&self, rows: usize) -> usize {
        portions_by(self.0.outputs / self.0.panel, (rows, self.0.inputs, self.0.outputs))
    }

    unsafe fn run(&mut self, portion: Portion, moment: Moment, _report: &mut Report) -> Flow {
        let WeightGradient { dw, db, dz, x, w, inputs, outputs, l2, .. } = self.0;
        let WeightGradient { panel, packed, workspace, workspace_len, threads, .. } = self.0;
        let layout = Layout::of_panel::<T>(panel);
        let rows = moment.rows;
        let l2 = if moment.ends() { l2 / moment.whole as f64 } else { 0.0 };
        let units = portion.of(outputs, panel);
        let stored = units.start / panel..units.end / panel;
        // SAFETY: the caller's contract.
        unsafe {
            let dw = rows_mut(dw, &stored, inputs * panel);
            let db = (db != 0).then(|| slice_mut(db + units.start * size_of::<T>(), units.len()));
            let dz = (matrix(dz, rows, outputs), units);
            let x = matrix(x, rows, inputs);
            let w = rows_of(w, &stored, inputs * panel);
            let resources =
                &mut Resources { workspace: slice_mut(workspace, workspace_len), threads };
            if packed == 0 {
                dense::weight_gradient::<T>(dw, db, dz, x, (w, layout), l2, resources);
            } else {
                let whole = inputs - inputs % panel_width::<T>();
                let panels = slice(packed, count(rows, whole));
                packed::weight_gradient(dw, db, dz, (x, panels), w, l2, resources);
            }
        }
        Flow::On
    }
}

facts! {
    /// dW ← dW + l1/whole·sign(W), at the end of a step of so many examples, both of `len` numbers, however they lie.
    pub struct L1Gradient {
        dw: usize,
        w: usize,
        len: usize,
        l1: f64,
        threads: usize,
    }
}

impl Run for L1Gradient {
    unsafe fn run<T: Element>(&self, moment: Moment, _: &mut Report) -> Flow {
        let Self { dw, w, len, l1, threads } = *self;
        if moment.ends() {
            // SAFETY: the contract of `run`.
            let (dw, w) = unsafe { (slice_mut::<T>(dw, len), slice(w, len)) };
            add_signs(dw, w, l1 / moment.whole as f64, threads);
        }
        Flow::On
    }
}

facts! {
    /// dX ← (dZ·W) ⊙ mask / keep_prob ⊙ g′: g, its mask and what its backward pass sees (its output or what
    /// it kept) are the layer before's. W by rows.
    pub struct InputGradient {
        dx: usize,
        dz: usize,
        w: usize,
        seen: usize,
        mask: usize,
        keep_prob: f64,
        inputs: usize,
        outputs: usize,
        activation: usize,
        parameter: f64,
        workspace: usize,
        workspace_len: usize,
        threads: usize,
    }
}

struct Backward<T>(InputGradient, Box<dyn Activation<T>>);

impl Bind for InputGradient {
    fn bind<T: Element>(words: &mut Words) -> Box<dyn Operation> {
        let facts = Self::take(words);
        let g = activation::<T>(facts.activation, facts.parameter);
        Box::new(Backward(facts, g))
    }
}

impl<T: Element> Operation for Backward<T> {
    fn portions(&self, rows: usize) -> usize {
        portions_by(rows, (rows, self.0.inputs, self.0.outputs))
    }

    unsafe fn run(&mut self, portion: Portion, moment: Moment, _report: &mut Report) -> Flow {
        let Self(facts, activation) = self;
        let InputGradient { inputs, outputs, keep_prob, threads, .. } = *facts;
        let rows = portion.of(moment.rows, 1);
        // SAFETY: the caller's contract.
        unsafe {
            let before = Before {
                activation: &**activation,
                seen: rows_of(facts.seen, &rows, inputs),
                dropout: dropout(facts.mask, keep_prob, &rows, inputs),
            };
            dense::input_gradient::<T>(
                rows_mut(facts.dx, &rows, inputs),
                rows_of(facts.dz, &rows, outputs),
                matrix(facts.w, outputs, inputs),
                before,
                &mut Resources {
                    workspace: slice_mut(facts.workspace, facts.workspace_len),
                    threads,
                },
            );
        }
        Flow::On
    }
}

/// Portions of a product of these sizes, none of which is empty of `most` that can be had.
fn portions_by(most: usize, (m, k, n): (usize, usize, usize)) -> usize {
    portions(m.saturating_mul(k).saturating_mul(n)).min(most.max(1))
}

/// Some rows of a matrix that begins at `offset`.
///
/// # Safety
/// As for `matrix`.
unsafe fn rows_of<'a, T>(offset: usize, rows: &Range<usize>, columns: usize) -> ArrayView2<'a, T> {
    // SAFETY: the caller's contract.
    unsafe { matrix(offset + rows.start * columns * size_of::<T>(), rows.len(), columns) }
}

/// Some rows of a matrix that begins at `offset`, to write.
///
/// # Safety
/// As for `matrix_mut`.
unsafe fn rows_mut<'a, T>(
    offset: usize,
    rows: &Range<usize>,
    columns: usize,
) -> ArrayViewMut2<'a, T> {
    // SAFETY: the caller's contract.
    unsafe { matrix_mut(offset + rows.start * columns * size_of::<T>(), rows.len(), columns) }
}

/// The dropout of some rows, where there is a mask.
///
/// # Safety
/// As for `matrix`.
unsafe fn dropout<'a, T>(
    mask: usize,
    keep_prob: f64,
    rows: &Range<usize>,
    columns: usize,
) -> Option<Dropout<'a, T>> {
    // SAFETY: the caller's contract.
    (mask != 0).then(|| Dropout { mask: unsafe { rows_of(mask, rows, columns) }, keep_prob })
}
