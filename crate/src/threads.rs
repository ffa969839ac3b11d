//! Fork and join: one job cut into parts that the calling thread and its workers take one by one.
//!
//! A part never depends on who runs it, and no sum is cut, so the number of threads changes no bit.
//! In the build without threads (and natively) the caller runs all parts itself.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// A job: called once for each part, with the part's number.
pub type Job<'a> = dyn Fn(usize) + Sync + 'a;

/// Multiply-adds that a thread must get to make waking it worth while: about 13 µs of work, where a fork
/// and join takes some 2 µs with workers awake and 10 µs with workers asleep (measured: bench, suite
/// threads).
pub const LEAST_WORK: usize = 1 << 18;

/// How many of `threads` are worth using for `work` multiply-adds.
pub fn worth_while(threads: usize, work: usize) -> usize {
    threads.min(work / LEAST_WORK).max(1)
}

/// A pointer that the parts of a job share; each works on elements of its own.
pub struct Shared<T>(pub *mut T);

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Shared<T> {}

// SAFETY: what is done with the pointer is unsafe, and its contract asks for elements of one's own.
unsafe impl<T: Send> Sync for Shared<T> {}

impl<T> Shared<T> {
    /// The elements start … start + len.
    ///
    /// # Safety
    /// They belong to one living slice, and nothing else reads or writes them while the view lives.
    pub unsafe fn slice<'a>(self, start: usize, len: usize) -> &'a mut [T] {
        // SAFETY: the caller's contract.
        unsafe { std::slice::from_raw_parts_mut(self.0.add(start), len) }
    }
}

/// The range of part `part` when `len` is cut into `parts` nearly equal pieces at multiples of `unit`.
pub fn cut(len: usize, unit: usize, part: usize, parts: usize) -> std::ops::Range<usize> {
    let units = len.div_ceil(unit);
    let edge = |part: usize| (units * part / parts * unit).min(len);
    edge(part)..edge(part + 1)
}

/// Runs `job` for the parts 0 … parts−1 and returns when all are done. `work` multiply-adds in all bound
/// how long it waits for a part that a worker has taken.
///
/// Panics (and so ends the instance) when a worker doesn't finish its part in time: it was killed.
/// `worker_lost` tells that from any other panic.
pub fn fork_join(parts: usize, work: usize, job: &Job) {
    if parts <= 1 || !pool::fork_join(parts, work, job) {
        for part in 0..parts {
            job(part);
        }
    }
}

/// Forks and joins a job so many times whose parts wait for each other, so that each needs a thread of its own:
/// what a fork and join costs when all threads take part. For the benchmark.
///
/// Panics where fewer threads serve.
pub fn rendezvous(turns: usize, threads: usize) {
    for _ in 0..turns {
        let arrived = AtomicUsize::new(0);
        fork_join(threads, 0, &|_| {
            arrived.fetch_add(1, SeqCst);
            let all_there = (0..MOST_LOOKS).any(|_| arrived.load(SeqCst) == threads);
            assert!(all_there, "rendezvous: expected {threads} threads");
        });
    }
}

/// Some seconds.
const MOST_LOOKS: u32 = 1 << 31;

pub use pool::worker_lost;

#[cfg(target_feature = "atomics")]
pub use pool::{enlist, serve};

#[cfg(not(target_feature = "atomics"))]
mod pool {
    pub fn fork_join(_parts: usize, _work: usize, _job: &super::Job) -> bool {
        false
    }

    pub fn worker_lost() -> bool {
        false
    }
}

#[cfg(target_feature = "atomics")]
mod pool {
    use super::Job;
    use core::arch::wasm32::{memory_atomic_notify, memory_atomic_wait32};
    use std::cell::UnsafeCell;
    use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::SeqCst};

    /// How often a thread looks for work before it sleeps: some 50 µs, longer than the pauses within a step.
    const LOOKS: u32 = 20_000;

    /// Nanoseconds of one wait for a worker's part, besides one for each multiply-add; and how many such waits
    /// end without an answer before the worker counts as lost. (One alone may just be a machine that slept.)
    const PATIENCE: i64 = 1_000_000_000;
    const WAITS: u32 = 3;

    /// The present job and who has taken what. There is one for all threads of an instance.
    struct Board {
        /// Number of the job (32 bits), its parts (16), the next part to be taken (16): one word, so
        /// that a part can be taken only of the job that is on the board.
        tickets: AtomicU64,
        /// Parts of the present job that are done.
        done: AtomicU32,
        /// Counts the jobs; sleeping workers wait for it to change.
        bell: AtomicU32,
        sleepers: AtomicU32,
        workers: AtomicU32,
        /// 1 once a worker was waited for in vain.
        lost: AtomicU32,
        job: UnsafeCell<Option<*const Job<'static>>>,
    }

    // SAFETY: `job` is written by the caller only while no part is out, and read only by a thread that
    // has taken a part, which the caller waits for.
    unsafe impl Sync for Board {}

    static BOARD: Board = Board {
        tickets: AtomicU64::new(0),
        done: AtomicU32::new(0),
        bell: AtomicU32::new(0),
        sleepers: AtomicU32::new(0),
        workers: AtomicU32::new(0),
        lost: AtomicU32::new(0),
        job: UnsafeCell::new(None),
    };

    /// How many workers serve.
    fn workers() -> usize {
        BOARD.workers.load(SeqCst) as usize
    }

    /// Whether a worker was waited for in vain, which ended this instance.
    pub fn worker_lost() -> bool {
        BOARD.lost.load(SeqCst) == 1
    }

    pub fn fork_join(parts: usize, work: usize, job: &Job) -> bool {
        if workers() == 0 {
            return false;
        }
        // SAFETY: only the lifetime changes, and this function returns only when every part is done.
        let job: *const Job<'static> = unsafe { std::mem::transmute(job) };
        // SAFETY: every part of the job before is done, so nobody reads this.
        unsafe { *BOARD.job.get() = Some(job) };
        BOARD.done.store(0, SeqCst);
        let number = (BOARD.tickets.load(SeqCst) >> 32).wrapping_add(1);
        BOARD.tickets.store(number << 32 | (parts as u64) << 16, SeqCst);
        BOARD.bell.fetch_add(1, SeqCst);
        if BOARD.sleepers.load(SeqCst) > 0 {
            // SAFETY: the address of a living atomic.
            unsafe { memory_atomic_notify(BOARD.bell.as_ptr().cast(), parts as u32 - 1) };
        }
        while run_one_part() {}
        wait_for(parts as u32, PATIENCE.saturating_add(work as i64));
        true
    }

    /// Takes the next part of the job on the board, if one is left, and runs it.
    fn run_one_part() -> bool {
        let tickets = BOARD.tickets.load(SeqCst);
        let (parts, next) = (tickets >> 16 & 0xffff, tickets & 0xffff);
        if next >= parts {
            return false;
        }
        if BOARD.tickets.compare_exchange(tickets, tickets + 1, SeqCst, SeqCst).is_err() {
            return true;
        }
        // SAFETY: this thread has taken a part of this job, and so the caller keeps it alive.
        let job = unsafe { (*BOARD.job.get()).map(|job| &*job) };
        if let Some(job) = job {
            job(next as usize);
        }
        if BOARD.done.fetch_add(1, SeqCst) + 1 == parts as u32 {
            // SAFETY: the address of a living atomic.
            unsafe { memory_atomic_notify(BOARD.done.as_ptr().cast(), 1) };
        }
        true
    }

    const TIMED_OUT: i32 = 2;
    const FOREVER: i64 = -1;

    /// Sleeps while `word` is `seen`, until it is notified or `patience` nanoseconds are over.
    ///
    /// Never inlined: V8 11's baseline compiler (Node 20) loses locals that live across the instruction, so
    /// none may (observed: a loop's counter read as 0 afterwards).
    #[inline(never)]
    fn sleep(word: &AtomicU32, seen: u32, patience: i64) -> i32 {
        // SAFETY: the address of a living atomic.
        unsafe { memory_atomic_wait32(word.as_ptr().cast(), seen as i32, patience) }
    }

    fn wait_for(parts: u32, patience: i64) {
        for _ in 0..LOOKS {
            if BOARD.done.load(SeqCst) == parts {
                return;
            }
        }
        let mut left = WAITS;
        while left > 0 {
            let done = BOARD.done.load(SeqCst);
            if done == parts {
                return;
            }
            let woken = sleep(&BOARD.done, done, patience);
            left -= u32::from(woken == TIMED_OUT);
        }
        BOARD.lost.store(1, SeqCst);
        panic!("a worker took a part and did not finish it");
    }

    /// From now on the caller counts on one worker more, which is about to `serve`.
    pub fn enlist() {
        BOARD.workers.fetch_add(1, SeqCst);
    }

    /// A worker's life: takes parts, looks for more for a while, sleeps until the bell rings. Never returns.
    pub fn serve() {
        loop {
            let heard = BOARD.bell.load(SeqCst);
            let busy = (0..LOOKS).any(|_| run_one_part());
            if busy {
                continue;
            }
            BOARD.sleepers.fetch_add(1, SeqCst);
            // A bell that rang since `heard` ends it at once.
            sleep(&BOARD.bell, heard, FOREVER);
            BOARD.sleepers.fetch_sub(1, SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_of_a_cut_cover_everything_once_in_order() {
        for len in [0, 1, 7, 8, 9, 16, 17, 100, 1023] {
            for parts in 1..=9 {
                let mut next = 0;
                for part in 0..parts {
                    let piece = cut(len, 8, part, parts);
                    assert_eq!(piece.start, next);
                    assert!(piece.end == len || piece.end.is_multiple_of(8));
                    next = piece.end;
                }
                assert_eq!(next, len);
            }
        }
    }

    #[test]
    fn every_part_runs_once() {
        let runs: [AtomicUsize; 5] = Default::default();
        fork_join(5, 0, &|part| {
            runs[part].fetch_add(1, SeqCst);
        });
        assert!(runs.iter().all(|count| count.load(SeqCst) == 1));
    }

    #[test]
    fn little_work_stays_on_one_thread() {
        assert_eq!(worth_while(8, LEAST_WORK - 1), 1);
        assert_eq!(worth_while(8, 3 * LEAST_WORK), 3);
        assert_eq!(worth_while(2, usize::MAX), 2);
    }
}
