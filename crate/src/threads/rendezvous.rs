//! What a fork and join costs, for the benchmark.

use super::share::{Seat, share};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// Forks and joins a job `turns` times whose parts wait for each other, so that each needs a thread of its own:
/// what a fork and join costs when all threads take part.
///
/// Panics where fewer threads serve.
pub fn rendezvous(turns: usize, threads: usize) {
    for _ in 0..turns {
        let arrived = AtomicUsize::new(0);
        share(threads, threads, 0, &|(next_piece, _): Seat<usize>| {
            while next_piece().is_some() {
                arrived.fetch_add(1, SeqCst);
                let all_there = (0..MOST_LOOKS).any(|_| arrived.load(SeqCst) == threads);
                assert!(all_there, "rendezvous: expected more threads to serve");
            }
        });
    }
}

/// Some seconds.
const MOST_LOOKS: u32 = 1 << 31;
