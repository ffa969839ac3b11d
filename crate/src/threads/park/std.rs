//! Parking of the operating system's threads, by the standard library.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

pub const WORKERS_CAN_BE_KILLED: bool = false;
pub const SURVIVES_PANICS: bool = true;
pub const CLOSES: bool = true;

/// Whether `piece` came to its end and not to a panic.
pub fn ended_well(piece: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(piece)).is_ok()
}

/// A place where threads sleep until a word changes.
struct Lot {
    lock: Mutex<()>,
    changed: Condvar,
}

/// Words share lots by their addresses: who is woken for another's looks at its own word and sleeps on.
static LOTS: [Lot; 64] = [const { Lot { lock: Mutex::new(()), changed: Condvar::new() } }; 64];

fn lot(word: &AtomicU32) -> &'static Lot {
    let address = std::ptr::from_ref(word) as usize;
    &LOTS[address / size_of::<AtomicU32>() % LOTS.len()]
}

/// Sleeps while `word` is `seen`, until it is notified or `patience` nanoseconds are over, if there are any: whether it
/// was not the latter.
pub fn sleep(word: &AtomicU32, seen: u32, patience: Option<i64>) -> bool {
    let lot = lot(word);
    let patience = patience.map(|nanoseconds| Duration::from_nanos(nanoseconds.unsigned_abs()));
    let end = patience.map(|patience| Instant::now() + patience);
    let mut guard = lot.lock.lock().unwrap_or_else(PoisonError::into_inner);
    while word.load(SeqCst) == seen {
        guard = match end.map(|end| end.saturating_duration_since(Instant::now())) {
            None => lot.changed.wait(guard).unwrap_or_else(PoisonError::into_inner),
            Some(Duration::ZERO) => return false,
            Some(left) => {
                lot.changed.wait_timeout(guard, left).unwrap_or_else(PoisonError::into_inner).0
            }
        };
    }
    true
}

/// Wakes who sleeps on `word`, whose value was changed before.
pub fn notify(word: &AtomicU32) {
    let lot = lot(word);
    // Who has seen the old value holds the lock until it sleeps.
    drop(lot.lock.lock().unwrap_or_else(PoisonError::into_inner));
    lot.changed.notify_all();
}

/// Of interest where memory grows.
pub fn memory_size() -> usize {
    0
}

pub fn see_memory(_pages: usize) {}
