//! An operation of a program: some kernel with its facts bound.

use crate::facts::{Facts, Words};
use crate::number::element::Element;
use std::ops::Range;

/// The most steps that one call runs, since it reports the loss of each.
pub const LOSSES: usize = 256;

/// What a program's operations can't know beforehand.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moment {
    /// Examples in the batch.
    pub rows: usize,
    pub epoch: u64,
    pub step: u64,
    /// The first of these examples in the epoch's order.
    pub first: usize,
    /// How many examples of the step come before these, and how many it has: a step may be taken in parts.
    pub before: usize,
    pub whole: usize,
}

impl Moment {
    /// Whether these are the first examples of their step.
    pub const fn begins(self) -> bool {
        self.before == 0
    }

    /// Whether these are the last ones.
    pub const fn ends(self) -> bool {
        self.before + self.rows == self.whole
    }
}

/// What operations tell each other and whoever runs the program, who knows where by the names of the schema.
#[repr(C)]
pub struct Report {
    /// Of the last step, as far as it was taken: Σ ℓ divided by all its examples, and what penalties add.
    pub loss: f64,
    /// The same: Σ ℓ.
    pub sum: f64,
    /// How many answers of the last batch are right.
    pub correct: f64,
    /// The layer whose gradient ended the program, and that gradient's magnitude.
    pub layer: f64,
    pub magnitude: f64,
    /// α of the last update.
    pub rate: f64,
    /// The loss of each step of the last `run_steps`.
    pub losses: [f64; LOSSES],
    /// A bound on the gradients of the layers in `bounded`, of which bit l stands for layer l.
    pub bound: f64,
    pub bounded: u64,
}

impl Report {
    /// The names of the words that a caller reads, each behind a space.
    pub const NAMES: &'static str = " loss sum correct layer magnitude rate losses";

    pub const NEW: Self = Self {
        loss: 0.0,
        sum: 0.0,
        correct: 0.0,
        layer: 0.0,
        magnitude: 0.0,
        rate: 0.0,
        losses: [0.0; LOSSES],
        bound: 0.0,
        bounded: 0,
    };
}

/// One of `count` portions of an operation: so a caller who has other things to do can come back to them.
#[derive(Clone, Copy, Debug)]
pub struct Portion {
    pub index: usize,
    pub count: usize,
}

impl Portion {
    /// All of it.
    pub const WHOLE: Self = Self { index: 0, count: 1 };

    /// Its part of 0 … len, cut at multiples of `unit`.
    pub fn of(self, len: usize, unit: usize) -> Range<usize> {
        let units = len.div_ceil(unit);
        let (each, more) = (units / self.count, units % self.count);
        let edge = |index: usize| ((each * index + more.min(index)) * unit).min(len);
        edge(self.index)..edge(self.index + 1)
    }
}

/// Multiply-adds in a portion: some ten milliseconds on one thread. Each packs its second factor anew.
const PORTION: usize = 1 << 28;

/// Into how many portions so much work is cut.
pub fn portions(work: usize) -> usize {
    work.div_ceil(PORTION).max(1)
}

/// Whether a program goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    On,
    /// Something isn't as it must be.
    End,
    /// All is done that this part of a step does.
    Done,
}

/// What a program runs.
pub trait Operation: Send {
    /// Into how many portions it can be cut, for such a number of examples.
    fn portions(&self, _rows: usize) -> usize {
        1
    }

    /// # Safety
    /// The blocks of its facts live and are as long as `moment` asks, and nothing else uses them meanwhile.
    unsafe fn run(&mut self, portion: Portion, moment: Moment, report: &mut Report) -> Flow;
}

/// An operation in one portion is a closure. What it does with blocks is under the contract of `run`.
impl<F: FnMut(Moment, &mut Report) -> Flow + Send> Operation for F {
    unsafe fn run(&mut self, _portion: Portion, moment: Moment, report: &mut Report) -> Flow {
        self(moment, report)
    }
}

/// Facts that become an operation on numbers of type T.
pub trait Bind {
    /// Takes the facts, and what stands behind them.
    fn bind<T: Element>(words: &mut Words) -> Box<dyn Operation>;
}

/// Facts that are an operation in one portion as they are.
pub trait Run: Facts + Send + 'static {
    /// # Safety
    /// As for `Operation::run`.
    unsafe fn run<T: Element>(&self, moment: Moment, report: &mut Report) -> Flow;
}

impl<F: Run> Bind for F {
    fn bind<T: Element>(words: &mut Words) -> Box<dyn Operation> {
        bound(words, F::run::<T>)
    }
}

/// The operation that `run` is of the facts that come next. Compiled once for both number types.
#[inline(never)]
pub fn bound<F: Facts + Send + 'static>(
    words: &mut Words,
    run: unsafe fn(&F, Moment, &mut Report) -> Flow,
) -> Box<dyn Operation> {
    Box::new(Bound { facts: F::take(words), run })
}

struct Bound<F> {
    facts: F,
    run: unsafe fn(&F, Moment, &mut Report) -> Flow,
}

impl<F: Send> Operation for Bound<F> {
    unsafe fn run(&mut self, _portion: Portion, moment: Moment, report: &mut Report) -> Flow {
        // SAFETY: the caller's contract.
        unsafe { (self.run)(&self.facts, moment, report) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::mem::offset_of;

    #[test]
    fn the_report_lies_as_its_names_say() {
        let places = [
            offset_of!(Report, loss),
            offset_of!(Report, sum),
            offset_of!(Report, correct),
            offset_of!(Report, layer),
            offset_of!(Report, magnitude),
            offset_of!(Report, rate),
            offset_of!(Report, losses),
        ];
        assert_eq!(Report::NAMES.split(' ').count() - 1, places.len());
        assert!(places.iter().enumerate().all(|(word, &place)| place == 8 * word));
    }

    #[test]
    fn portions_cover_everything_once() {
        for len in [0, 1, 7, 8, 64, 1000] {
            for count in [1, 2, 3, 10] {
                for unit in [1, 8] {
                    let mut next = 0;
                    for index in 0..count {
                        let range = Portion { index, count }.of(len, unit);
                        assert!(range.start == next && (next == len || next % unit == 0));
                        next = range.end;
                    }
                    assert_eq!(next, len);
                }
            }
        }
    }
}
