//! What is made of a network's last layer outside training.

use crate::activations::activation;
use crate::calls::operation::{Bind, Flow, Moment, Operation, Report, Run};
use crate::facts::{Facts, Words, facts};
use crate::losses::rates;
use crate::memory::{count, matrix, slice, slice_mut};
use crate::metrics::accuracy::{binary_correct, categorical_correct, distribution_correct};
use crate::number::element::Element;

facts! {
    /// A ← g(A) in place, row by row. A: (rows, outputs).
    pub struct OutputActivation {
        a: usize,
        outputs: usize,
        activation: usize,
        parameter: f64,
    }
}

impl Bind for OutputActivation {
    fn bind<T: Element>(words: &mut Words) -> Box<dyn Operation> {
        let facts = Self::take(words);
        let Self { a, outputs, .. } = facts;
        let activation = activation::<T>(facts.activation, facts.parameter);
        Box::new(move |Moment { rows, .. }: Moment, _: &mut Report| {
            // SAFETY: the contract of `run`.
            let a = unsafe { slice_mut::<T>(a, count(rows, outputs)) };
            a.chunks_exact_mut(outputs).for_each(|row| activation.apply(row));
            Flow::On
        })
    }
}

facts! {
    /// A ← e^A in place: of the logarithms of rates the rates. A: (rows, outputs).
    pub struct Rates {
        a: usize,
        outputs: usize,
    }
}

impl Run for Rates {
    unsafe fn run<T: Element>(&self, Moment { rows, .. }: Moment, _: &mut Report) -> Flow {
        // SAFETY: the contract of `run`.
        rates(unsafe { slice_mut::<T>(self.a, count(rows, self.outputs)) });
        Flow::On
    }
}

facts! {
    /// report.correct ← how many of rows · outputs units answer right. Z and targets: (rows, outputs).
    pub struct CorrectUnits {
        z: usize,
        targets: usize,
        outputs: usize,
    }
}

impl Run for CorrectUnits {
    unsafe fn run<T: Element>(&self, Moment { rows, .. }: Moment, report: &mut Report) -> Flow {
        let Self { z, targets, outputs } = *self;
        let len = count(rows, outputs);
        // SAFETY: the contract of `run`.
        let (z, targets) = unsafe { (slice::<T>(z, len), slice(targets, len)) };
        report.correct = binary_correct(z, targets) as f64;
        Flow::On
    }
}

facts! {
    /// report.correct ← how many rows answer right. Z: (rows, outputs), targets: (rows) class indices.
    pub struct CorrectClasses {
        z: usize,
        targets: usize,
        outputs: usize,
    }
}

impl Run for CorrectClasses {
    unsafe fn run<T: Element>(&self, Moment { rows, .. }: Moment, report: &mut Report) -> Flow {
        let Self { z, targets, outputs } = *self;
        // SAFETY: the contract of `run`.
        let (z, targets) = unsafe { (matrix::<T>(z, rows, outputs), slice(targets, rows)) };
        report.correct = categorical_correct(z, targets) as f64;
        Flow::On
    }
}

facts! {
    /// report.correct ← how many rows answer right. Z and targets, shares of each class: (rows, outputs).
    pub struct CorrectDistributions {
        z: usize,
        targets: usize,
        outputs: usize,
    }
}

impl Run for CorrectDistributions {
    unsafe fn run<T: Element>(&self, Moment { rows, .. }: Moment, report: &mut Report) -> Flow {
        let Self { z, targets, outputs } = *self;
        // SAFETY: the contract of `run`.
        let [z, targets] = [z, targets].map(|at| unsafe { matrix::<T>(at, rows, outputs) });
        report.correct = distribution_correct(z, targets) as f64;
        Flow::On
    }
}
