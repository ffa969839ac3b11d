//! X in the orders in which a narrow layer's products read it.

use crate::calls::operation::{Bind, Flow, Moment, Operation, Portion, Report, portions};
use crate::facts::{Facts, Words, facts};
use crate::gemm::{into_panels, padded_columns, panel_width};
use crate::memory::{count, matrix, slice_mut};
use crate::number::element::Element;
use crate::part::part;
use std::marker::PhantomData;

facts! {
    /// Once in a program, which has the same X in all its steps: `by_examples` ← Xᵀ in panels of examples, the last one padded;
    /// `by_inputs` ← X in panels of inputs, as many as are whole. X: (rows, inputs).
    pub struct PackInputs {
        by_examples: usize,
        by_inputs: usize,
        x: usize,
        inputs: usize,
    }
}

struct Once<T> {
    facts: PackInputs,
    done: bool,
    of: PhantomData<T>,
}

impl Bind for PackInputs {
    fn bind<T: Element>(words: &mut Words) -> Box<dyn Operation> {
        Box::new(Once::<T> { facts: Self::take(words), done: false, of: PhantomData })
    }
}

/// Multiply-adds that take as long as to move a number.
const WORK_OF_A_MOVE: usize = 64;

impl<T: Element> Operation for Once<T> {
    fn portions(&self, rows: usize) -> usize {
        let Self { facts, done, .. } = self;
        let work = rows.saturating_mul(facts.inputs).saturating_mul(WORK_OF_A_MOVE);
        if *done { 1 } else { portions(work) }
    }

    unsafe fn run(&mut self, portion: Portion, moment: Moment, _report: &mut Report) -> Flow {
        let Self { facts, done, .. } = self;
        let PackInputs { by_examples, by_inputs, x, inputs } = *facts;
        if *done {
            return Flow::On;
        }
        let (rows, width) = (moment.rows, panel_width::<T>());
        let some_rows = portion.of(rows, width);
        let some_inputs = portion.of(inputs - inputs % width, width);
        // SAFETY: the caller's contract.
        unsafe {
            let x = matrix::<T>(x, rows, inputs);
            let len = count(padded_columns::<T>(some_rows.len()), inputs);
            let to = slice_mut(by_examples + some_rows.start * inputs * size_of::<T>(), len);
            into_panels(to, part(x, some_rows, 0..inputs).reversed_axes());
            let len = count(some_inputs.len(), rows);
            let to = slice_mut(by_inputs + some_inputs.start * rows * size_of::<T>(), len);
            into_panels(to, part(x, 0..rows, some_inputs));
        }
        *done = portion.index + 1 == portion.count;
        Flow::On
    }
}
