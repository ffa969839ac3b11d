//! What an engine exports: programs, which are bound once from named facts and run often, and the few calls that stand
//! alone. Offsets count bytes, sizes count elements; an offset of 0 means that something is absent.
//!
//! Of the blocks of one operation no output overlaps another block, and a block outlives the programs that name it:
//! the TypeScript side of the seam sees to it.

mod number_types;
mod operation;
mod operations;
mod program;
mod schema;
#[cfg(test)]
mod tests;

pub use operation::{LOSSES, Report};
pub use program::Program;
pub use schema::schema;

use crate::gemm::panel_width;
use crate::layers::dense;
use crate::memory::{self, slice, slice_mut};
use crate::number::element::Element;
use crate::{reduction, sha256, threads};
use number_types::by_type;

/// The offset of new memory, of any value and aligned to 64 bytes, or 0 where memory cannot grow so far.
pub fn allocate(bytes: usize) -> usize {
    memory::allocate(bytes)
}

/// Gives back what `allocate(bytes)` returned.
///
/// # Safety
/// A block of `allocate`, released once; no view of it is left.
pub unsafe fn release(offset: usize, bytes: usize) {
    // SAFETY: the caller's contract.
    unsafe { memory::release(offset, bytes) }
}

/// A new program of f64 (`double`) or f32, with room for `count` operations. `size` and `m` are the examples of a batch and of the data
/// set, for `run_steps`; else 0. Its handle is the offset of its `Report`.
pub fn program(double: bool, count: usize, size: usize, m: usize) -> usize {
    Box::into_raw(Box::new(Program::new(double, count, size, m))) as usize
}

/// Adds an operation at a program's end: its number in the schema, and the `count` words of its facts.
///
/// # Safety
/// `handle` is of `program` and not released; the words lie at `facts`.
pub unsafe fn add(handle: usize, operation: usize, facts: usize, count: usize) {
    // SAFETY: the caller's contract.
    unsafe { (*(handle as *mut Program)).add(operation, slice(facts, count)) }
}

/// What a program runs next is a part of a step of `whole` examples, `before` of which come before it; 0 and 0: all of a
/// step.
///
/// # Safety
/// `handle` is of `program` and not released.
pub unsafe fn take_part(handle: usize, before: usize, whole: usize) {
    // SAFETY: the caller's contract.
    unsafe { (*(handle as *mut Program)).take_part(before, whole) }
}

/// Runs a program on the `rows` examples at hand, at this epoch and step. Returns whether it ran to its end; an
/// operation that finds something not finite ends it.
///
/// # Safety
/// `handle` is of `program` and not released; the blocks of its operations live, and nothing else uses them.
pub unsafe fn run(handle: usize, rows: usize, epoch: f64, step: f64) -> bool {
    // SAFETY: the caller's contract.
    unsafe { (*(handle as *mut Program)).run(rows, epoch as u64, step as u64) }
}

/// Runs up to `steps` (at most [`LOSSES`]) steps of an epoch, from `step` on, each on the next batch. Returns how many
/// ran to their end: fewer where one did not.
///
/// # Safety
/// As for `run`.
pub unsafe fn run_steps(handle: usize, steps: usize, epoch: f64, step: f64) -> usize {
    // SAFETY: the caller's contract.
    unsafe { (*(handle as *mut Program)).run_steps(steps, epoch as u64, step as u64) }
}

/// Begins a run that `advance` goes on with, a portion at a time.
///
/// # Safety
/// As for `run`.
pub unsafe fn start(handle: usize, rows: usize, epoch: f64, step: f64) {
    // SAFETY: the caller's contract.
    unsafe { (*(handle as *mut Program)).start(rows, epoch as u64, step as u64) }
}

/// Runs the next portion: 0 where more are left, 1 at the program's end, 2 where an operation ended it.
///
/// # Safety
/// As for `run`; `start` came before.
pub unsafe fn advance(handle: usize) -> u32 {
    // SAFETY: the caller's contract.
    unsafe { (*(handle as *mut Program)).advance() }
}

/// Ends a program.
///
/// # Safety
/// `handle` is of `program`, and is not used afterwards.
pub unsafe fn release_program(handle: usize) {
    // SAFETY: the caller's contract.
    drop(unsafe { Box::from_raw(handle as *mut Program) });
}

/// The units of a panel of W.
pub fn units_of_a_panel(double: bool) -> usize {
    by_type!(double, panel_width())
}

/// Elements of workspace for the products of a dense layer.
pub fn workspace_len(
    double: bool,
    rows: usize,
    (n_in, n_out): (usize, usize),
    threads: usize,
) -> usize {
    use dense::workspace_len;
    by_type!(double, workspace_len(rows, n_in, n_out, threads))
}

/// A bound on max |x| of a block: a sum of some magnitudes, the largest among them; not finite if an element is not.
///
/// # Safety
/// `len` elements lie at `block`.
pub unsafe fn magnitude_bound(double: bool, block: usize, len: usize, threads: usize) -> f64 {
    unsafe fn of<T: Element>(block: usize, len: usize, threads: usize) -> f64 {
        // SAFETY: the caller's contract.
        reduction::magnitude_bound::<T>(unsafe { slice(block, len) }, threads)
    }
    // SAFETY: the caller's contract.
    unsafe { by_type!(double, of(block, len, threads)) }
}

/// The index of the first NaN or infinity of a block, or −1.
///
/// # Safety
/// `len` elements lie at `block`.
pub unsafe fn first_non_finite(double: bool, block: usize, len: usize) -> f64 {
    unsafe fn of<T: Element>(block: usize, len: usize) -> Option<usize> {
        // SAFETY: the caller's contract.
        reduction::first_non_finite::<T>(unsafe { slice(block, len) })
    }
    // SAFETY: the caller's contract.
    unsafe { by_type!(double, of(block, len)) }.map_or(-1.0, |index| index as f64)
}

/// A new SHA-256 hash.
pub fn sha256_start() -> usize {
    sha256::start()
}

/// Takes up `len` bytes.
///
/// # Safety
/// `hash` is of `sha256_start` and not finished; `len` bytes lie at `bytes`.
pub unsafe fn sha256_update(hash: usize, bytes: usize, len: usize) {
    // SAFETY: the caller's contract.
    unsafe { sha256::update(hash, slice(bytes, len)) }
}

/// digest ← 32 bytes; the hash is gone.
///
/// # Safety
/// `hash` is of `sha256_start` and not finished; there is room for 32 bytes at `digest`.
pub unsafe fn sha256_finish(hash: usize, digest: usize) {
    // SAFETY: the caller's contract.
    unsafe { slice_mut(digest, 32).copy_from_slice(&sha256::finish(hash)) }
}

/// Wakes the workers of `threads` threads (at least 1) for a program that is about to run.
pub fn rouse(threads: usize) {
    threads::rouse(threads);
}

/// Whether the multiply-add of this build of fast math rounds once here.
#[cfg(target_feature = "relaxed-simd")]
pub fn rounds_once() -> bool {
    crate::number::fusing::rounds_once()
}

/// Whether the panic that ended this engine came from a worker that was killed.
pub fn worker_lost() -> bool {
    threads::worker_lost()
}
