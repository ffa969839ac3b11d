//! A program, the threads that it runs on, and the part of JavaScript's memory where it reports.

use crate::aside::Job;
use crate::crew::SharedCrew;
use layerwise_kernels::calls::{self, LOSSES, Report};
use layerwise_kernels::number::fusing::fusing;
use std::cell::RefCell;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What `calls::advance` says where portions are left.
const MORE: u32 = 0;

/// A program of `calls`. Behind every run the words of its report are copied to where JavaScript reads them without
/// another call, which would take as long as a small network's forward pass.
pub struct Bound {
    pub core: Arc<Core>,
    /// What another thread was given to do with it last.
    job: RefCell<Option<Arc<Job>>>,
}

/// What may run on another thread than JavaScript's, and goes when neither holds it.
pub struct Core {
    /// The handle of `calls::program`.
    program: usize,
    /// None where one thread computes it.
    crew: Option<SharedCrew>,
    /// Whether its products are fused.
    fused: bool,
    /// Where the report goes: room for its words, the losses and the time that it took.
    report: usize,
}

impl Bound {
    pub fn new(program: usize, crew: Option<SharedCrew>, fused: bool, report: usize) -> Self {
        Self { core: Arc::new(Core { program, crew, fused, report }), job: RefCell::default() }
    }

    /// # Safety
    /// `handle` is of `Engine::program` and not released.
    pub unsafe fn at<'a>(handle: f64) -> &'a Self {
        // SAFETY: the caller's contract.
        unsafe { &*(handle as usize as *const Self) }
    }

    /// The job that `work` is from now on, for a thread that finds the time.
    pub fn begin(&self, work: impl Fn(&Core) -> f64 + Send + Sync + 'static) -> Arc<Job> {
        let core = Arc::clone(&self.core);
        let job = Arc::new(Job::new(Box::new(move || work(&core))));
        *self.job.borrow_mut() = Some(Arc::clone(&job));
        job
    }

    /// What the last job came to, once it has ended; a panic's words.
    pub fn settle(&self) -> Result<f64, String> {
        let job = self.job.borrow().clone();
        job.map_or(Ok(0.0), |job| job.settle())
    }
}

impl Core {
    /// # Safety
    /// As `calls::add`.
    pub unsafe fn add(&self, operation: usize, facts: usize, count: usize) {
        // SAFETY: the caller's contract.
        unsafe { calls::add(self.program, operation, facts, count) }
    }

    /// # Safety
    /// As `calls::run`, and the report's room is there.
    pub unsafe fn run(&self, rows: usize, epoch: f64, step: f64) -> bool {
        // SAFETY: the caller's contract.
        unsafe { self.hear() }
        // SAFETY: the caller's contract.
        let ended = self.compute(|| unsafe { calls::run(self.program, rows, epoch, step) });
        // SAFETY: the caller's contract.
        unsafe { self.tell(0) };
        ended
    }

    /// # Safety
    /// As `run`.
    pub unsafe fn run_steps(&self, steps: usize, epoch: f64, step: f64) -> usize {
        let begun = Instant::now();
        // SAFETY: the caller's contract.
        let done = self.compute(|| unsafe { calls::run_steps(self.program, steps, epoch, step) });
        // SAFETY: the caller's contract.
        unsafe {
            self.tell(done);
            self.tell_time(begun);
        }
        done
    }

    /// # Safety
    /// As `calls::take_part`.
    pub unsafe fn take_part(&self, before: usize, whole: usize) {
        // SAFETY: the caller's contract.
        unsafe { calls::take_part(self.program, before, whole) }
    }

    /// # Safety
    /// As `calls::start`, and the report's room is there.
    pub unsafe fn start(&self, rows: usize, epoch: f64, step: f64) {
        // SAFETY: the caller's contract.
        unsafe { self.hear() }
        // SAFETY: the caller's contract.
        unsafe { calls::start(self.program, rows, epoch, step) }
    }

    /// # Safety
    /// As `calls::advance`, and the report's room is there.
    pub unsafe fn advance(&self) -> u32 {
        // SAFETY: the caller's contract.
        unsafe { self.advance_for(Duration::ZERO) }
    }

    /// As `calls::advance`, as many portions as begin in this time.
    ///
    /// # Safety
    /// As `calls::advance`, and the report's room is there.
    pub unsafe fn advance_for(&self, time: Duration) -> u32 {
        let end = Instant::now() + time;
        let state = self.compute(|| {
            loop {
                // SAFETY: the caller's contract.
                let state = unsafe { calls::advance(self.program) };
                if state != MORE || Instant::now() >= end {
                    return state;
                }
            }
        });
        // SAFETY: the caller's contract.
        unsafe { self.tell(0) };
        state
    }

    fn compute<Value>(&self, work: impl FnOnce() -> Value) -> Value {
        fusing(self.fused, || match &self.crew {
            Some(crew) => crew.compute(work),
            None => work(),
        })
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
        const { assert!(size_of::<Report>() >= (LOSSES_AT + LOSSES) * size_of::<f64>()) }
        let (from, to) = (self.program as *const f64, self.report as *mut f64);
        // SAFETY: a program's handle is the address of its report, of whose beginning these are words.
        unsafe { std::ptr::copy_nonoverlapping(from, to, LOSSES_AT + losses.min(LOSSES)) }
    }

    /// Behind the losses: milliseconds.
    ///
    /// # Safety
    /// As of `tell`.
    unsafe fn tell_time(&self, begun: Instant) {
        // SAFETY: the caller's contract.
        let time = unsafe { (self.report as *mut f64).add(LOSSES_AT + LOSSES) };
        // SAFETY: the caller's contract.
        unsafe { *time = begun.elapsed().as_secs_f64() * 1e3 }
    }
}

const LOSSES_AT: usize = std::mem::offset_of!(Report, losses) / size_of::<f64>();

impl Drop for Core {
    fn drop(&mut self) {
        // SAFETY: of `calls::program`, and released here alone.
        unsafe { calls::release_program(self.program) }
    }
}
