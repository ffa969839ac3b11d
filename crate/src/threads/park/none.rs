//! No parking, where there are no workers: `pool` gives the caller all pieces, and nobody sleeps.

use std::sync::atomic::AtomicU32;

pub const WORKERS_CAN_BE_KILLED: bool = false;
pub const SURVIVES_PANICS: bool = false;

pub fn ended_well(piece: impl FnOnce()) -> bool {
    piece();
    true
}

pub fn sleep(_word: &AtomicU32, _seen: u32, _patience: Option<i64>) -> bool {
    true
}

pub fn notify(_word: &AtomicU32) {}

pub fn memory_size() -> usize {
    0
}

pub fn see_memory(_pages: usize) {}
