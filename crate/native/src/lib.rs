//! The calls of `layerwise_kernels` as exports of a Node addon. Nothing else is done here.
//!
//! The contract of every call is that of its namesake in `calls`: what TypeScript passes are addresses and sizes of
//! blocks that live, and handles that were not released. Numbers cross as f64, which holds every address.
//! A panic is caught here and becomes an error of JavaScript's.

mod aside;
mod bound;
mod crew;
mod engine;

pub use engine::Engine;

use aside::Aside;
use bound::{Bound, Core};
use layerwise_kernels::{calls, number::simd::INSTRUCTION_SET};
use napi::bindgen_prelude::{ArrayBuffer, AsyncTask, Error, Result};
use napi_derive::napi;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

/// The number of the kernels' sources that this was compiled from; 0 outside the project's own build.
#[napi]
pub fn build() -> u32 {
    const BUILD: u32 = match option_env!("LAYERWISE_BUILD") {
        None => 0,
        Some(number) => match u32::from_str_radix(number, 10) {
            Ok(number) => number,
            Err(_) => panic!("LAYERWISE_BUILD: expected a number of 32 bits"),
        },
    };
    BUILD
}

#[napi]
pub fn instruction_set() -> &'static str {
    INSTRUCTION_SET
}

#[napi]
pub fn schema() -> &'static str {
    calls::schema()
}

/// Where the bytes of a block are, which stay there until it is collected or detached.
#[napi]
pub fn address(block: ArrayBuffer) -> f64 {
    block.as_ptr() as usize as f64
}

/// Gives a block's bytes back at once, not when it is collected.
#[napi]
pub fn detach(block: ArrayBuffer) -> Result<()> {
    block.detach()
}

/// As `calls::run`.
#[napi]
pub fn run(handle: f64, rows: f64, epoch: f64, step: f64) -> Result<bool> {
    // SAFETY: this file's contract.
    guarded(|| unsafe { Bound::at(handle).core.run(rows as usize, epoch, step) })
}

/// As `calls::run_steps`.
#[napi]
pub fn run_steps(handle: f64, steps: f64, epoch: f64, step: f64) -> Result<f64> {
    // SAFETY: this file's contract.
    guarded(|| unsafe { Bound::at(handle).core.run_steps(steps as usize, epoch, step) } as f64)
}

/// As `calls::take_part`.
#[napi]
pub fn take_part(handle: f64, before: f64, whole: f64) -> Result<()> {
    // SAFETY: this file's contract.
    guarded(|| unsafe { Bound::at(handle).core.take_part(before as usize, whole as usize) })
}

/// As `calls::start`.
#[napi]
pub fn start(handle: f64, rows: f64, epoch: f64, step: f64) -> Result<()> {
    // SAFETY: this file's contract.
    guarded(|| unsafe { Bound::at(handle).core.start(rows as usize, epoch, step) })
}

/// As `calls::advance`.
#[napi]
pub fn advance(handle: f64) -> Result<u32> {
    // SAFETY: this file's contract.
    guarded(|| unsafe { Bound::at(handle).core.advance() })
}

/// Where portions run together, no more begin after so much time: the caller may have to wait for them.
const LONGEST: Duration = Duration::from_millis(8);

/// As `calls::run_steps`, on a thread of libuv's: `settle` says what it came to. Until the promise is resolved, or
/// `settle` has returned, nothing else uses the program or its blocks.
#[napi]
pub fn run_steps_aside(handle: f64, steps: f64, epoch: f64, step: f64) -> AsyncTask<Aside> {
    // SAFETY: this file's contract.
    let bound = unsafe { Bound::at(handle) };
    // SAFETY: as above.
    let work = move |core: &Core| unsafe { core.run_steps(steps as usize, epoch, step) } as f64;
    AsyncTask::new(Aside(bound.begin(work)))
}

/// As `calls::advance`, as many portions as fill some milliseconds, and else as `run_steps_aside`.
#[napi]
pub fn advance_aside(handle: f64) -> AsyncTask<Aside> {
    // SAFETY: this file's contract.
    let bound = unsafe { Bound::at(handle) };
    // SAFETY: as above.
    let work = |core: &Core| f64::from(unsafe { core.advance_for(LONGEST) });
    AsyncTask::new(Aside(bound.begin(work)))
}

/// What the program's last run aside came to. Waits for its end; where no thread has begun it, it runs here.
#[napi]
pub fn settle(handle: f64) -> Result<f64> {
    // SAFETY: this file's contract.
    unsafe { Bound::at(handle) }.settle().map_err(Error::from_reason)
}

/// As `calls::first_non_finite`.
#[napi]
pub fn first_non_finite(double: bool, block: f64, len: f64) -> Result<f64> {
    // SAFETY: this file's contract.
    guarded(|| unsafe { calls::first_non_finite(double, block as usize, len as usize) })
}

/// As `calls::units_of_a_panel`.
#[napi]
pub fn units_of_a_panel(double: bool) -> u32 {
    calls::units_of_a_panel(double) as u32
}

/// As `calls::workspace_len`.
#[napi]
pub fn workspace_len(double: bool, rows: f64, inputs: f64, outputs: f64, threads: u32) -> f64 {
    let sizes = (inputs as usize, outputs as usize);
    calls::workspace_len(double, rows as usize, sizes, threads as usize) as f64
}

/// As `calls::sha256_start`.
#[napi]
pub fn sha256_start() -> f64 {
    calls::sha256_start() as f64
}

/// As `calls::sha256_update`.
#[napi]
pub fn sha256_update(hash: f64, bytes: f64, len: f64) -> Result<()> {
    // SAFETY: this file's contract.
    guarded(|| unsafe { calls::sha256_update(hash as usize, bytes as usize, len as usize) })
}

/// As `calls::sha256_finish`.
#[napi]
pub fn sha256_finish(hash: f64, digest: f64) -> Result<()> {
    // SAFETY: this file's contract.
    guarded(|| unsafe { calls::sha256_finish(hash as usize, digest as usize) })
}

/// What `call` returns; its panic as an error.
fn guarded<Value>(call: impl FnOnce() -> Value) -> Result<Value> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|panic| Error::from_reason(words(&*panic)))
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without words").to_owned()
}
