//! Fork and join: one job cut into pieces that the calling thread and its workers take one by one.
//!
//! A piece never depends on who computes it, and no sum is cut, so the number of threads changes no bit.
//! In the build without threads (and natively) the caller computes all pieces itself.

use std::iter;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// Multiply-adds that a thread must get to make waking it worth while: about 10 µs of work, where a fork and join
/// takes 0.4 µs with workers awake and some 20 µs with workers asleep (measured: bench, suite threads, and after pauses
/// of more than 70 µs).
pub const LEAST_WORK: usize = 1 << 18;

/// How many of `threads` are worth using for `work` multiply-adds. Always 1 in the .wasm without threads, which
/// keeps what is for several threads out of it.
pub fn worth_while(threads: usize, work: usize) -> usize {
    if cfg!(all(target_family = "wasm", not(target_feature = "atomics"))) {
        return 1;
    }
    threads.min(work / LEAST_WORK).max(1)
}

/// A pointer that the pieces of a job share; each works on elements of its own.
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

/// Each seat's part of a range is cut into so many pieces, each half of what is left and the last as large as the one
/// before it: few are small, and what a thread that is held up (by another program, by its core's clock) leaves, the
/// others take. With 3 rounds two threads wait longer for each other: \[1024,1024,1024,1\] is 2 % slower.
const ROUNDS: usize = 5;

/// The last pieces that would fill a seat's part.
const SHARES: usize = 1 << (ROUNDS - 1);

/// The range of a piece when `len` is cut for so many threads at multiples of `unit`: pieces seat, threads + seat,
/// 2·threads + seat are side by side, and so are those of seat and seat + 1.
#[inline(never)]
fn cut(len: usize, unit: usize, piece: usize, threads: usize) -> Range<usize> {
    // Shares of a seat's part that are done when a round begins: 0, 8, 12, 14, 15 and then all.
    let done = |round: usize| SHARES - (1 << (ROUNDS - round) >> 1);
    let (round, seat) = (piece / threads, piece % threads);
    let units = len.div_ceil(unit);
    let whole = threads * SHARES;
    let edge = |round: usize| {
        let shares = seat * SHARES + done(round);
        let units = units / whole * shares + units % whole * shares / whole; // no overflow
        (units * unit).min(len)
    };
    edge(round)..edge(round + 1)
}

/// More threads than this do not share a job (their seats are bits of a word); nor can more be asked for
/// (ts/wasm/runtime.ts).
const MOST_SEATS: usize = 64;

/// A part of a job: what a thread does with its pieces, given its seat.
pub type Job<'a, Piece> = dyn Fn(&mut dyn Iterator<Item = Piece>, usize) + Sync + 'a;

/// Calls `job(pieces, seat)` on up to `threads` threads, each with its own pieces of 0 … pieces−1, and returns when
/// all are done. `seat` is 0 … threads−1, by which a thread finds workspace of its own; the caller's is always 0.
///
/// Pieces belong to seats in turn, and a seat to one worker. A thread gets the pieces of its own seat and then what is
/// left of the others', so that the same numbers stay in the same core's cache from one job to the next. `work`
/// multiply-adds in all bound how long the slowest is waited for.
///
/// Panics (and so ends the instance) when a worker doesn't finish its piece in time: it was killed.
/// `worker_lost` tells that from any other panic.
#[inline(never)]
pub fn share(threads: usize, pieces: usize, work: usize, job: &Job<usize>) {
    let seats = threads.min(pieces).min(MOST_SEATS);
    let taken = [const { AtomicUsize::new(0) }; MOST_SEATS];
    let take_a_seat = |seat: usize| {
        let mut owners = (seat..seats).chain(0..seat).peekable();
        let mut own_pieces = iter::from_fn(|| {
            while let Some(&owner) = owners.peek() {
                let piece = taken[owner].fetch_add(1, SeqCst) * seats + owner;
                if piece < pieces {
                    return Some(piece);
                }
                owners.next();
            }
            None
        });
        job(&mut own_pieces, seat);
    };
    if seats <= 1 {
        take_a_seat(0);
    } else {
        pool::fork_join(seats, work, &take_a_seat);
    }
}

/// `share` of the range 0 … len, cut at multiples of `unit` into pieces none of which is empty.
#[inline(never)]
pub fn share_range(threads: usize, len: usize, unit: usize, work: usize, job: &Job<Range<usize>>) {
    if threads == 1 {
        return job(&mut iter::once(0..len), 0);
    }
    let seats = threads.min(MOST_SEATS);
    share(seats, ROUNDS * seats, work, &|pieces, seat| {
        let ranges = pieces.map(|piece| cut(len, unit, piece, seats));
        job(&mut ranges.filter(|range| !range.is_empty()), seat);
    });
}

/// Forks and joins a job so many times whose parts wait for each other, so that each needs a thread of its own:
/// what a fork and join costs when all threads take part. For the benchmark.
///
/// Panics where fewer threads serve.
pub fn rendezvous(turns: usize, threads: usize) {
    for _ in 0..turns {
        let arrived = AtomicUsize::new(0);
        share(threads, threads, 0, &|pieces, _| {
            for _ in pieces {
                arrived.fetch_add(1, SeqCst);
                let all_there = (0..MOST_LOOKS).any(|_| arrived.load(SeqCst) == threads);
                assert!(all_there, "rendezvous: expected more threads to serve");
            }
        });
    }
}

/// Some seconds.
const MOST_LOOKS: u32 = 1 << 31;

pub use pool::{rouse, worker_lost};

#[cfg(target_feature = "atomics")]
pub use pool::{enter, serve};

#[cfg(not(target_feature = "atomics"))]
mod pool {
    pub fn fork_join(_seats: usize, _work: usize, job: &(dyn Fn(usize) + Sync)) {
        job(0); // all pieces, since nobody else takes any
    }

    pub fn rouse(_threads: usize) {}

    pub fn worker_lost() -> bool {
        false
    }
}

#[cfg(target_feature = "atomics")]
mod pool {
    use super::MOST_SEATS;
    use core::arch::wasm32::{
        memory_atomic_notify, memory_atomic_wait32, memory_grow, memory_size,
    };
    use std::cell::UnsafeCell;
    use std::hint::black_box;
    use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering::SeqCst};

    /// How often a thread looks before it sleeps: for some 65 µs, longer than the pauses within a step.
    const LOOKS: u32 = 8_000;

    /// Whether `found` comes true within so many looks. Between two of them is a division, which takes 10 to 15
    /// cycles wherever this runs: a look alone takes 2 or 20, as it is compiled.
    fn look(mut found: impl FnMut() -> bool) -> bool {
        let mut x = 1.5;
        (0..LOOKS).any(|_| {
            x = black_box(1.0 / x);
            found()
        })
    }

    /// Nanoseconds of one wait for a worker, besides one for each multiply-add; and how many such waits
    /// end without an answer before the worker counts as lost. (One alone may just be a machine that slept.)
    const PATIENCE: i64 = 1_000_000_000;
    const WAITS: u32 = 3;

    /// What the thread on each seat does.
    type Seated<'a> = dyn Fn(usize) + Sync + 'a;

    /// The present job and which of its seats are taken. There is one for all threads of an instance.
    struct Board {
        /// Bit s: seat s of the present job is free. No job, no free seat.
        free: AtomicU64,
        /// Seats of the present job that are not left again.
        left: AtomicU32,
        /// 1 while the worker of that seat sleeps, until it is woken.
        asleep: [AtomicU32; MOST_SEATS],
        /// 1 once a worker was waited for in vain.
        lost: AtomicU32,
        /// Pages of memory when the present job was put up: it reaches no further.
        pages: AtomicUsize,
        job: UnsafeCell<Option<*const Seated<'static>>>,
    }

    // SAFETY: `job` is written by the caller only while no seat is taken, and read only by a thread that
    // has taken one, which the caller waits for.
    unsafe impl Sync for Board {}

    static BOARD: Board = Board {
        free: AtomicU64::new(0),
        left: AtomicU32::new(0),
        asleep: [const { AtomicU32::new(0) }; MOST_SEATS],
        lost: AtomicU32::new(0),
        pages: AtomicUsize::new(0),
        job: UnsafeCell::new(None),
    };

    /// Whether a worker was waited for in vain, which ended this instance.
    pub fn worker_lost() -> bool {
        BOARD.lost.load(SeqCst) == 1
    }

    /// Calls `job` once for each of at least 2 seats, on this thread (seat 0 and those that no worker takes) and on
    /// the workers whose seats they are, and returns when all calls have ended.
    pub fn fork_join(seats: usize, work: usize, job: &Seated) {
        // SAFETY: only the lifetime changes, and this function returns only when every call has ended.
        let job: *const Seated<'static> = unsafe { std::mem::transmute(job) };
        // SAFETY: every call of the job before has ended, and no seat is free, so nobody reads this.
        unsafe { *BOARD.job.get() = Some(job) };
        BOARD.pages.store(memory_size(0), SeqCst);
        BOARD.left.store(seats as u32, SeqCst);
        BOARD.free.store(u64::MAX >> (u64::BITS as usize - seats), SeqCst);
        rouse(seats);
        for seat in 0..seats {
            take(seat);
        }
        wait(PATIENCE.saturating_add(work as i64));
    }

    /// Wakes the workers of so many threads, for a job or for one that is about to come: waking takes some 20 µs,
    /// which the caller can use.
    pub fn rouse(threads: usize) {
        for asleep in &BOARD.asleep[1..threads] {
            if asleep.load(SeqCst) == 1 {
                asleep.store(0, SeqCst);
                // SAFETY: the address of a living atomic.
                unsafe { memory_atomic_notify(asleep.as_ptr().cast(), 1) };
            }
        }
    }

    /// Takes this seat of the job on the board, if it is free, and does what there is to do.
    fn take(seat: usize) -> bool {
        let bit = 1 << seat;
        if BOARD.free.load(SeqCst) & bit == 0 || BOARD.free.fetch_and(!bit, SeqCst) & bit == 0 {
            return false;
        }
        see_memory();
        // SAFETY: this thread has a seat of this job, and so the caller keeps it alive.
        let job = unsafe { (*BOARD.job.get()).map(|job| &*job) };
        if let Some(job) = job {
            job(seat);
        }
        if BOARD.left.fetch_sub(1, SeqCst) == 1 {
            // SAFETY: the address of a living atomic.
            unsafe { memory_atomic_notify(BOARD.left.as_ptr().cast(), 1) };
        }
        true
    }

    /// Makes this thread's instance know all of memory that the present job may touch.
    ///
    /// An engine may keep the size of a shared memory in each thread and tell it of another's growth some time later
    /// (V8 does, by an interrupt); until then it traps where bulk and atomic instructions, or without guard pages all,
    /// go beyond. Growing by nothing brings the size up to date at once.
    fn see_memory() {
        while memory_size(0) < BOARD.pages.load(SeqCst) {
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

    /// Waits until all seats are left.
    fn wait(patience: i64) {
        if look(|| BOARD.left.load(SeqCst) == 0) {
            return;
        }
        let mut waits = WAITS;
        while waits > 0 {
            let left = BOARD.left.load(SeqCst);
            if left == 0 {
                return;
            }
            let woken = sleep(&BOARD.left, left, patience);
            waits -= u32::from(woken == TIMED_OUT);
        }
        BOARD.lost.store(1, SeqCst);
        panic!("a worker took a piece and did not finish it");
    }

    /// The life of the worker of a seat, 1 … MOST_SEATS−1, that has entered: takes it, looks whether it is free again for a while, sleeps
    /// until it is woken. Never returns.
    pub fn serve(seat: usize) {
        let asleep = &BOARD.asleep[seat];
        loop {
            if look(|| take(seat)) {
                continue;
            }
            asleep.store(1, SeqCst);
            // The caller frees seats and then looks who sleeps: one of the two sees the other.
            if take(seat) {
                asleep.store(0, SeqCst);
            } else {
                sleep(asleep, 1, FOREVER);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_of_a_cut_cover_everything_once() {
        for len in [0, 1, 7, 8, 9, 16, 17, 100, 1023] {
            for threads in 1..=9 {
                let mut next = 0;
                for seat in 0..threads {
                    for round in 0..ROUNDS {
                        let piece = cut(len, 8, round * threads + seat, threads);
                        assert_eq!(piece.start, next);
                        assert!(piece.end == len || piece.end.is_multiple_of(8));
                        next = piece.end;
                    }
                }
                assert_eq!(next, len);
            }
        }
        let of_seat_1 = [1, 3, 5, 7, 9].map(|piece| cut(256, 8, piece, 2));
        assert_eq!(of_seat_1, [128..192, 192..224, 224..240, 240..248, 248..256]);
    }

    #[test]
    fn every_piece_is_computed_once() {
        let runs: [AtomicUsize; 5] = Default::default();
        share(2, 5, 0, &|pieces, seat| {
            assert!(seat < 2);
            for piece in pieces {
                runs[piece].fetch_add(1, SeqCst);
            }
        });
        assert!(runs.iter().all(|count| count.load(SeqCst) == 1));
    }

    #[test]
    fn every_number_of_a_range_is_visited_once() {
        for threads in 1..=4 {
            let visits: [AtomicUsize; 17] = Default::default();
            share_range(threads, visits.len(), 8, 0, &|ranges, _| {
                for range in ranges {
                    assert!(!range.is_empty());
                    for visit in &visits[range] {
                        visit.fetch_add(1, SeqCst);
                    }
                }
            });
            assert!(visits.iter().all(|count| count.load(SeqCst) == 1));
        }
    }

    #[test]
    fn little_work_stays_on_one_thread() {
        assert_eq!(worth_while(8, LEAST_WORK - 1), 1);
        assert_eq!(worth_while(8, 3 * LEAST_WORK), 3);
        assert_eq!(worth_while(2, usize::MAX), 2);
    }
}
