//! A program, the threads that it runs on, and the part of JavaScript's memory where it reports.

use layerwise_kernels::calls::{self, LOSSES, Report};
use layerwise_kernels::threads::Crew;
use std::cell::RefCell;
use std::rc::Rc;

/// A program of `calls`. Behind every run the words of its report are copied to where JavaScript reads them without
/// another call, which would take as long as a small network's forward pass.
pub struct Bound {
    /// The handle of `calls::program`.
    program: usize,
    crew: Rc<RefCell<Crew>>,
    /// Where the report goes: room for its words and the losses.
    report: usize,
}

impl Bound {
    pub fn new(program: usize, crew: Rc<RefCell<Crew>>, report: usize) -> Self {
        Self { program, crew, report }
    }

    /// # Safety
    /// `handle` is of `Engine::program` and not released, and nothing else uses it.
    pub unsafe fn at<'a>(handle: f64) -> &'a mut Self {
        // SAFETY: the caller's contract.
        unsafe { &mut *(handle as usize as *mut Self) }
    }

    /// # Safety
    /// As `calls::add`.
    pub unsafe fn add(&mut self, operation: usize, facts: usize, count: usize) {
        // SAFETY: the caller's contract.
        unsafe { calls::add(self.program, operation, facts, count) }
    }

    /// # Safety
    /// As `calls::run`, and the report's room is there.
    pub unsafe fn run(&mut self, rows: usize, epoch: f64, step: f64) -> bool {
        // SAFETY: the caller's contract.
        unsafe { self.hear() }
        let program = self.program;
        // SAFETY: the caller's contract.
        let ended = self.compute(|| unsafe { calls::run(program, rows, epoch, step) });
        // SAFETY: the caller's contract.
        unsafe { self.tell(0) };
        ended
    }

    /// # Safety
    /// As `run`.
    pub unsafe fn run_steps(&mut self, steps: usize, epoch: f64, step: f64) -> usize {
        let program = self.program;
        // SAFETY: the caller's contract.
        let done = self.compute(|| unsafe { calls::run_steps(program, steps, epoch, step) });
        // SAFETY: the caller's contract.
        unsafe { self.tell(done) };
        done
    }

    /// # Safety
    /// As `calls::take_part`.
    pub unsafe fn take_part(&mut self, before: usize, whole: usize) {
        // SAFETY: the caller's contract.
        unsafe { calls::take_part(self.program, before, whole) }
    }

    /// # Safety
    /// As `calls::start`, and the report's room is there.
    pub unsafe fn start(&mut self, rows: usize, epoch: f64, step: f64) {
        // SAFETY: the caller's contract.
        unsafe { self.hear() }
        // SAFETY: the caller's contract.
        unsafe { calls::start(self.program, rows, epoch, step) }
    }

    /// # Safety
    /// As `calls::advance`, and the report's room is there.
    pub unsafe fn advance(&mut self) -> u32 {
        let program = self.program;
        // SAFETY: the caller's contract.
        let state = self.compute(|| unsafe { calls::advance(program) });
        // SAFETY: the caller's contract.
        unsafe { self.tell(0) };
        state
    }

    fn compute<Value>(&self, work: impl FnOnce() -> Value) -> Value {
        self.crew.borrow_mut().compute(work)
    }

    /// The report's loss ← what JavaScript has there: what the run before left, or a loss that was computed outside.
    ///
    /// # Safety
    /// As of `tell`.
    unsafe fn hear(&self) {
        const LOSS_AT: usize = std::mem::offset_of!(Report, loss);
        let (from, to) =
            ((self.report + LOSS_AT) as *const f64, (self.program + LOSS_AT) as *mut f64);
        // SAFETY: as of `tell`.
        unsafe { *to = *from }
    }

    /// Copies the report's words that have names, and of the losses the first `losses`.
    ///
    /// # Safety
    /// The report's room is there.
    unsafe fn tell(&self, losses: usize) {
        const LOSSES_AT: usize = std::mem::offset_of!(Report, losses) / size_of::<f64>();
        const { assert!(size_of::<Report>() >= (LOSSES_AT + LOSSES) * size_of::<f64>()) }
        let (from, to) = (self.program as *const f64, self.report as *mut f64);
        // SAFETY: a program's handle is the address of its report, of whose beginning these are words.
        unsafe { std::ptr::copy_nonoverlapping(from, to, LOSSES_AT + losses.min(LOSSES)) }
    }
}

impl Drop for Bound {
    fn drop(&mut self) {
        // SAFETY: of `calls::program`, and released here alone.
        unsafe { calls::release_program(self.program) }
    }
}
