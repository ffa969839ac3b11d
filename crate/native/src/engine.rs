//! The threads of one thread of JavaScript's, and the programs that it has bound.

use crate::bound::Bound;
use crate::crew::SharedCrew;
use crate::guarded;
use layerwise_kernels::{calls, threads};
use napi::bindgen_prelude::{Error, Result};
use napi_derive::napi;
use std::collections::HashSet;

/// It lives as long as JavaScript holds it, or its environment (a worker's, say) does. Programs end with it.
#[napi]
#[derive(Default)]
pub struct Engine {
    crew: SharedCrew,
    programs: HashSet<usize>,
}

/// A program that is to be bound.
#[napi(object, object_to_js = false)]
pub struct ProgramFacts {
    pub double: bool,
    /// How many operations it will have.
    pub count: f64,
    /// Examples of a batch and of the data set.
    pub size: f64,
    pub m: f64,
    /// The address of what `Bound` keeps for JavaScript to read.
    pub report: f64,
    /// How many threads compute it.
    pub threads: u32,
    /// Whether its products are fused.
    pub fused: bool,
}

#[napi]
impl Engine {
    #[napi(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts the workers that `threads` threads need and that are missing.
    #[napi]
    pub fn ensure(&mut self, threads: u32) -> Result<()> {
        let started = self.crew.ensure(threads as usize);
        started.map_err(|error| Error::from_reason(error.to_string()))
    }

    /// As `calls::program`, with how it is computed.
    #[napi]
    pub fn program(&mut self, facts: ProgramFacts) -> f64 {
        let ProgramFacts { double, count, size, m, report, threads, fused } = facts;
        let program = calls::program(double, count as usize, size as usize, m as usize);
        let crew = (threads > 1).then(|| self.crew.clone());
        let bound = Bound::new(program, crew, fused, report as usize);
        let handle = Box::into_raw(Box::new(bound)) as usize;
        self.programs.insert(handle);
        handle as f64
    }

    /// As `calls::add`.
    #[napi]
    pub fn add(&mut self, handle: f64, operation: u32, facts: f64, count: f64) -> Result<()> {
        let (facts, count) = (facts as usize, count as usize);
        // SAFETY: the contract of this crate's exports.
        guarded(|| unsafe { Bound::at(handle).core.add(operation as usize, facts, count) })
    }

    /// As `calls::release_program`; one that was released is passed over.
    #[napi]
    pub fn release_program(&mut self, handle: f64) {
        if self.programs.remove(&(handle as usize)) {
            // SAFETY: of `program`, and released once.
            drop(unsafe { Box::from_raw(handle as usize as *mut Bound) });
        }
    }

    /// As `calls::magnitude_bound`.
    #[napi]
    pub fn magnitude_bound(
        &mut self,
        double: bool,
        block: f64,
        len: f64,
        threads: u32,
    ) -> Result<f64> {
        let (block, len, threads) = (block as usize, len as usize, threads as usize);
        guarded(|| {
            self.crew.compute(|| {
                // SAFETY: the contract of this crate's exports.
                unsafe { calls::magnitude_bound(double, block, len, threads) }
            })
        })
    }

    /// As `calls::rouse`.
    #[napi]
    pub fn rouse(&mut self, threads: u32) {
        self.crew.compute(|| threads::rouse(threads as usize));
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        for handle in self.programs.drain() {
            // SAFETY: of `program`, and not released.
            drop(unsafe { Box::from_raw(handle as *mut Bound) });
        }
    }
}
