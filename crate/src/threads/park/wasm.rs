//! Parking in WebAssembly with threads: wait and notify on a word of shared memory.

use core::arch::wasm32::{self, memory_atomic_notify, memory_atomic_wait32, memory_grow};
use std::sync::atomic::AtomicU32;

/// A worker is JavaScript's to end, in the middle of a piece too.
pub const WORKERS_CAN_BE_KILLED: bool = true;
pub const SURVIVES_PANICS: bool = false;
pub const CLOSES: bool = false;

/// Calls `piece`, in which a panic is the instance's end.
#[inline(always)]
pub fn ended_well(piece: impl FnOnce()) -> bool {
    piece();
    true
}

const TIMED_OUT: i32 = 2;
const FOREVER: i64 = -1;

/// Sleeps while `word` is `seen`, until it is notified or `patience` nanoseconds are over, if there are any: whether it
/// was not the latter.
#[inline(always)]
pub fn sleep(word: &AtomicU32, seen: u32, patience: Option<i64>) -> bool {
    wait(word, seen, patience.unwrap_or(FOREVER)) != TIMED_OUT
}

/// Never inlined: V8 11's baseline compiler (Node 20) loses locals that live across the instruction, so
/// none may (observed: a loop's counter read as 0 afterwards).
#[inline(never)]
fn wait(word: &AtomicU32, seen: u32, patience: i64) -> i32 {
    // SAFETY: the address of a living atomic.
    unsafe { memory_atomic_wait32(word.as_ptr().cast(), seen as i32, patience) }
}

/// Wakes a thread that sleeps on `word`.
#[inline(always)]
pub fn notify(word: &AtomicU32) {
    // SAFETY: the address of a living atomic.
    unsafe { memory_atomic_notify(word.as_ptr().cast(), 1) };
}

/// Pages of memory, as this thread knows it.
#[inline(always)]
pub fn memory_size() -> usize {
    wasm32::memory_size(0)
}

/// Makes this thread's instance know all of memory up to `pages`.
///
/// An engine may keep the size of a shared memory in each thread and tell it of another's growth some time later
/// (V8 does, by an interrupt); until then it traps where bulk and atomic instructions, or without guard pages all,
/// go beyond. Growing by nothing brings the size up to date at once.
pub fn see_memory(pages: usize) {
    while memory_size() < pages {
        memory_grow(0, 0);
    }
}

unsafe extern "C" {
    /// The linker's: makes `block` this thread's thread-local storage and fills it.
    fn __wasm_init_tls(block: *mut u8);
}

/// The first thing that a worker does: its thread-local storage is at `block`.
///
/// # Safety
/// The storage fits, and nobody else uses the block while the worker lives.
pub unsafe fn enter(block: usize) {
    // SAFETY: the caller's contract.
    unsafe { __wasm_init_tls(block as *mut u8) }
}
