//! A program: operations one after the other, as TypeScript laid them out.

use super::number_types::by_type;
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
    /// Of the step of which the next run is a part: the examples before these, and all; 0 where a run is a whole step.
    part: (usize, usize),
}

impl Program {
    pub fn new(double: bool, count: usize, size: usize, m: usize) -> Self {
        let (operations, moment, next) = (Vec::with_capacity(count), Moment::default(), (0, 0));
        let part = (0, 0);
        let lasting = count;
        Self { report: Report::NEW, operations, double, size, m, moment, next, lasting, part }
    }

    /// Binds an operation and puts it at the end. Panics for a number that isn't in the table, for one more than the
    /// program was made for, and unless it takes up all words.
    pub fn add(&mut self, number: usize, words: &[f64]) {
        let words = &mut Words(words);
        let bound = by_type!(self.double, operation(number, words));
        assert!(words.0.is_empty(), "facts: expected fewer");
        assert!(self.operations.len() < self.operations.capacity(), "program: expected fewer");
        if NAMES[number].0 == LASTING && self.lasting == self.operations.capacity() {
            self.lasting = self.operations.len();
        }
        self.operations.push(bound);
    }

    /// What is run next is a part of a step of `whole` examples, `before` of which come before it; (0, 0): a whole step.
    pub fn take_part(&mut self, before: usize, whole: usize) {
        self.part = (before, whole);
    }

    /// The moment of the next run. A step's number is that of its first example in the epoch's order.
    fn moment(&self, rows: usize, epoch: u64, step: u64) -> Moment {
        let (before, whole) = self.part;
        let first = self.size.wrapping_mul(step as usize).wrapping_add(before);
        Moment { rows, epoch, step, first, before, whole: if whole == 0 { rows } else { whole } }
    }

    /// Whether no operation found anything wrong.
    ///
    /// # Safety
    /// The blocks that its operations name live, and nothing else uses them meanwhile.
    pub unsafe fn run(&mut self, rows: usize, epoch: u64, step: u64) -> bool {
        self.run_at(self.moment(rows, epoch, step))
    }

    fn run_at(&mut self, moment: Moment) -> bool {
        self.forget();
        let report = &mut self.report;
        for operation in &mut self.operations {
            // SAFETY: the contract of `run` and `run_steps`, which call this.
            let flow = unsafe { operation.run(Portion::WHOLE, moment, report) };
            if flow != Flow::On {
                return flow == Flow::Done;
            }
        }
        true
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
            if rows == 0
                || !self.run_at(Moment { rows, epoch, step, first, before: 0, whole: rows })
            {
                return done;
            }
            self.report.losses[done] = self.report.loss;
        }
        steps.min(LOSSES)
    }

    /// # Safety
    /// As for `run`, until `advance` has come to the end.
    pub unsafe fn start(&mut self, rows: usize, epoch: u64, step: u64) {
        self.moment = self.moment(rows, epoch, step);
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
            if flow != Flow::On {
                return if flow == Flow::Done { 1 } else { 2 };
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
