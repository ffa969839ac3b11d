//! The loss and what belongs to it.

use crate::calls::operation::{Bind, Flow, Moment, Operation, Report};
use crate::facts::{Words, facts};
use crate::losses::{Targets, loss};
use crate::memory::{matrix, matrix_mut, slice};
use crate::number::element::Element;
use crate::reduction::sum_of_squares;

facts! {
    /// report.sum ← Σ ℓ; report.loss ← Σ ℓ / rows; dZ ← ∂(Σ ℓ)/∂Z / rows, unless dz is 0.
    /// Z: (rows, outputs); targets: as many numbers, or a class index for each row, as the loss has it. Behind the facts:
    /// the loss's parameters.
    pub struct Loss {
        loss: usize,
        dz: usize,
        z: usize,
        targets: usize,
        outputs: usize,
    }
}

impl<T: Element> Bind<T> for Loss {
    fn bind(self, rest: &mut Words) -> Box<dyn Operation> {
        let Self { dz, z, targets, outputs, .. } = self;
        let loss = loss::<T>(self.loss, rest);
        Box::new(move |Moment { rows, .. }: Moment, report: &mut Report| {
            // SAFETY: the contract of `run`.
            report.sum = unsafe {
                let dz = (dz != 0).then(|| matrix_mut(dz, rows, outputs));
                let targets = if loss.takes_classes() {
                    Targets::Classes(slice(targets, rows))
                } else {
                    Targets::Numbers(matrix(targets, rows, outputs))
                };
                loss.sum(dz, matrix(z, rows, outputs), targets, rows)
            };
            report.loss = report.sum / rows as f64;
            Flow::On
        })
    }
}

facts! {
    /// report.loss ← report.loss + l2/(2·rows)·Σ‖W‖². Behind its facts: offset and length of each W.
    pub struct L2Penalty {
        l2: f64,
    }
}

impl<T: Element> Bind<T> for L2Penalty {
    fn bind(self, rest: &mut Words) -> Box<dyn Operation> {
        let weights = rest.pairs();
        Box::new(move |Moment { rows, .. }: Moment, report: &mut Report| {
            let squares = weights.iter().fold(0.0, |sum, &(w, len)| {
                // SAFETY: the contract of `run`.
                sum + sum_of_squares::<T>(unsafe { slice(w, len) })
            });
            report.loss += self.l2 / (2.0 * rows as f64) * squares;
            Flow::On
        })
    }
}

facts! {
    /// Ends the program where report.loss is larger than `limit`, or NaN.
    pub struct LossGuard {
        limit: f64,
    }
}

impl<T> Bind<T> for LossGuard {
    fn bind(self, _rest: &mut Words) -> Box<dyn Operation> {
        Box::new(
            move |_: Moment, report: &mut Report| {
                if report.loss <= self.limit { Flow::On } else { Flow::End }
            },
        )
    }
}
