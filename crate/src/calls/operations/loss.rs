//! The loss and what belongs to it.

use crate::calls::operation::{Bind, Flow, Moment, Operation, Report, bound};
use crate::clipping::scale;
use crate::facts::{Facts, Words, facts};
use crate::in_order::{InOrder, Layout};
use crate::losses::{Targets, loss};
use crate::memory::{matrix, matrix_mut, slice, slice_mut};
use crate::number::element::Element;
use crate::penalty::sum_of_magnitudes;
use crate::reduction::sum_of_squares;

facts! {
    /// report.sum ← Σ wᵢ·ℓᵢ of the step so far; report.loss ← Σ wᵢ·ℓᵢ / whole; dZ ← ∂(Σ wᵢ·ℓᵢ)/∂Z / whole, unless dz is
    /// 0; `whole` being the examples of the step.
    /// Z: (rows, outputs); targets: as many numbers, or a class index for each row, as the loss has it; weights: (rows) of
    /// f64, all 1 where it is 0. Behind the facts: the loss's parameters.
    pub struct Loss {
        loss: usize,
        dz: usize,
        z: usize,
        targets: usize,
        weights: usize,
        outputs: usize,
    }
}

impl Bind for Loss {
    fn bind<T: Element>(words: &mut Words) -> Box<dyn Operation> {
        let facts = Self::take(words);
        let loss = loss::<T>(facts.loss, words);
        Box::new(move |moment: Moment, report: &mut Report| {
            let Moment { rows, whole, .. } = moment;
            // SAFETY: the contract of `run`.
            let sum = unsafe {
                match facts.weights {
                    0 => facts.sum(&*loss, 0, rows, whole),
                    _ => facts.weighted_sum(&*loss, rows, whole),
                }
            };
            report.sum = if moment.begins() { sum } else { report.sum + sum };
            report.loss = report.sum / whole as f64;
            Flow::On
        })
    }
}

impl Loss {
    /// Σ ℓ over `count` rows from the one at `first` on, in a batch of m; dZ ← that of these rows. Compiled once.
    ///
    /// # Safety
    /// The contract of `run`.
    #[inline(never)]
    unsafe fn sum<T: Element>(
        &self,
        loss: &dyn crate::losses::Loss<T>,
        first: usize,
        count: usize,
        m: usize,
    ) -> f64 {
        let &Self { dz, z, targets, outputs, .. } = self;
        let at = first * outputs * size_of::<T>();
        // SAFETY: the rows of blocks that are under the contract.
        unsafe {
            let dz = (dz != 0).then(|| matrix_mut(dz + at, count, outputs));
            let targets = if loss.takes_classes() {
                Targets::Classes(slice(targets + first * size_of::<u32>(), count))
            } else {
                Targets::Numbers(matrix(targets + at, count, outputs))
            };
            loss.sum(dz, matrix(z + at, count, outputs), targets, m)
        }
    }

    /// Σ wᵢ·ℓᵢ over some rows of a step of m, in f64 from first to last, of any loss; dZ ← its gradient. A row of weight 0 isn't looked at:
    /// whatever its ℓ may be, the sum has none of it, and its dZ is 0.
    ///
    /// # Safety
    /// The contract of `run`.
    unsafe fn weighted_sum<T: Element>(
        &self,
        loss: &dyn crate::losses::Loss<T>,
        rows: usize,
        m: usize,
    ) -> f64 {
        let &Self { dz, weights, outputs, .. } = self;
        let mut sum = 0.0;
        // SAFETY: the contract.
        let weights = unsafe { slice::<f64>(weights, rows) };
        for (i, &weight) in weights.iter().enumerate() {
            if weight > 0.0 {
                // SAFETY: the contract.
                sum += weight * unsafe { self.sum(loss, i, 1, m) };
            }
            if dz != 0 {
                let at = dz + i * outputs * size_of::<T>();
                // SAFETY: the contract.
                let dz = unsafe { slice_mut::<T>(at, outputs) };
                if weight > 0.0 { scale(dz, [1.0, 1.0, weight], 1) } else { dz.fill(T::zero()) }
            }
        }
        sum
    }
}

facts! {
    /// report.loss ← report.loss + l2/(2·whole)·Σ‖W‖² + l1/whole·Σ|w|, `whole` being the examples of the step, at its end.
    /// Behind its facts, of each W: offset and outputs, then inputs and the units of a panel. One that lies in panels on no engine
    /// is a single row.
    pub struct Penalty {
        l1: f64,
        l2: f64,
    }
}

impl Bind for Penalty {
    fn bind<T: Element>(words: &mut Words) -> Box<dyn Operation> {
        Self::take(words).by_sums(weights(&words.pairs()), Self::sums::<T>)
    }
}

impl Penalty {
    /// `sums`: `Self::sums` of one number type.
    fn by_sums(
        self,
        weights: Vec<(usize, Layout)>,
        sums: unsafe fn(&Self, usize, Layout) -> [f64; 2],
    ) -> Box<dyn Operation> {
        Box::new(move |moment: Moment, report: &mut Report| {
            if !moment.ends() {
                return Flow::On;
            }
            let whole = moment.whole as f64;
            let (mut squares, mut magnitudes) = (0.0, 0.0);
            for &(w, layout) in &weights {
                // SAFETY: the contract of `run`.
                let [of_squares, of_magnitudes] = unsafe { sums(&self, w, layout) };
                squares += of_squares;
                magnitudes += of_magnitudes;
            }
            report.loss += self.l2 / (2.0 * whole) * squares;
            report.loss += self.l1 / whole * magnitudes;
            Flow::On
        })
    }

    /// Σ w² and Σ |w| of one W, each where it counts.
    ///
    /// # Safety
    /// As for `slice`.
    unsafe fn sums<T: Element>(&self, w: usize, layout: Layout) -> [f64; 2] {
        // SAFETY: the caller's contract.
        let w = InOrder { w: unsafe { slice::<T>(w, layout.count()) }, layout };
        let squares = if self.l2 > 0.0 { sum_of_squares(w) } else { 0.0 };
        [squares, if self.l1 > 0.0 { sum_of_magnitudes(w) } else { 0.0 }]
    }
}

/// Compiled once for both number types.
#[inline(never)]
fn weights(pairs: &[(usize, usize)]) -> Vec<(usize, Layout)> {
    let one = |pairs: &[(usize, usize)]| {
        let [(w, outputs), (inputs, panel)] = *pairs else { unreachable!("two pairs") };
        (w, Layout { outputs, inputs, panel })
    };
    pairs.chunks_exact(2).map(one).collect()
}

facts! {
    /// Ends the program where report.loss is larger than `limit`, or NaN.
    pub struct LossGuard {
        limit: f64,
    }
}

impl Bind for LossGuard {
    fn bind<T: Element>(words: &mut Words) -> Box<dyn Operation> {
        bound(words, Self::run)
    }
}

impl LossGuard {
    unsafe fn run(&self, _: Moment, report: &mut Report) -> Flow {
        if report.loss <= self.limit { Flow::On } else { Flow::End }
    }
}
