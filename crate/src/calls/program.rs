//! A program: operations one after the other, as TypeScript laid them out.

use super::operation::{Flow, LOSSES, Moment, Operation, Portion, Report};
use super::operations::{NAMES, operation};
use crate::facts::Words;

/// The operation with which a step begins to change what lasts.
const LASTING: &str = "update";

/// A list of operations and the loop over it.
#[repr(C)]
pub struct Program {
    /// First, so that a program's address is the report's.
    pub report: Report,
    operations: Vec<Box<dyn Operation>>,
    double: bool,
    /// Examples of a batch and of the data set.
    size: usize,
    m: usize,
    /// Where a run in portions stands: its moment, the operation and the portion that are next.
    moment: Moment,
    next: (usize, usize),
    /// The operation that is the first to change what lasts: from it on a run in portions isn't divided, so that nobody
    /// sees half a step.
    lasting: usize,
}

impl Program {
    pub fn new(double: bool, count: usize, size: usize, m: usize) -> Self {
        let (operations, moment, next) = (Vec::with_capacity(count), Moment::default(), (0, 0));
        Self { report: Report::NEW, operations, double, size, m, moment, next, lasting: count }
    }

    /// Binds an operation and puts it at the end. Panics for a number that isn't in the table, for one more than the
    /// program was made for, and unless it takes up all words.
    pub fn add(&mut self, number: usize, words: &[f64]) {
        let words = &mut Words(words);
        let bound = if self.double {
            operation::<f64>(number, words)
        } else {
            operation::<f32>(number, words)
        };
        assert!(words.0.is_empty(), "facts: expected fewer");
        assert!(self.operations.len() < self.operations.capacity(), "program: expected fewer");
        if NAMES[number].0 == LASTING && self.lasting == self.operations.capacity() {
            self.lasting = self.operations.len();
        }
        self.operations.push(bound);
    }

    /// Whether every operation ran.
    ///
    /// # Safety
    /// The blocks that its operations name live, and nothing else uses them meanwhile.
    pub unsafe fn run(&mut self, rows: usize, epoch: u64, step: u64) -> bool {
        let first = self.size.wrapping_mul(step as usize);
        self.run_at(Moment { rows, epoch, step, first })
    }

    fn run_at(&mut self, moment: Moment) -> bool {
        self.forget();
        let report = &mut self.report;
        self.operations.iter_mut().all(|operation| {
            // SAFETY: the contract of `run` and `run_steps`, which call this.
            unsafe { operation.run(Portion::WHOLE, moment, report) == Flow::On }
        })
    }

    /// How many of up to `steps` steps, from `step` of its epoch on, ran to their end.
    ///
    /// # Safety
    /// As for `run`.
    pub unsafe fn run_steps(&mut self, steps: usize, epoch: u64, step: u64) -> usize {
        for done in 0..steps.min(LOSSES) {
            let step = step + done as u64;
            let first = self.size.saturating_mul(step as usize);
            let rows = self.size.min(self.m.saturating_sub(first));
            if rows == 0 || !self.run_at(Moment { rows, epoch, step, first }) {
                return done;
            }
            self.report.losses[done] = self.report.loss;
        }
        steps.min(LOSSES)
    }

    /// # Safety
    /// As for `run`, until `advance` has come to the end.
    pub unsafe fn start(&mut self, rows: usize, epoch: u64, step: u64) {
        let first = self.size.wrapping_mul(step as usize);
        self.moment = Moment { rows, epoch, step, first };
        self.next = (0, 0);
        self.forget();
    }

    /// 0 where portions are left, 1 at the end, 2 where an operation ended it.
    ///
    /// # Safety
    /// As for `run`.
    pub unsafe fn advance(&mut self) -> u32 {
        loop {
            let (at, index) = self.next;
            let Some(operation) = self.operations.get_mut(at) else { return 1 };
            let count = operation.portions(self.moment.rows);
            // SAFETY: the caller's contract.
            let flow =
                unsafe { operation.run(Portion { index, count }, self.moment, &mut self.report) };
            if flow == Flow::End {
                return 2;
            }
            self.next = if index + 1 < count { (at, index + 1) } else { (at + 1, 0) };
            if self.next.0 == self.operations.len() {
                return 1;
            }
            if at < self.lasting {
                return 0;
            }
        }
    }

    /// What the run before left for its own operations.
    fn forget(&mut self) {
        (self.report.bound, self.report.bounded) = (0.0, 0);
    }
}
