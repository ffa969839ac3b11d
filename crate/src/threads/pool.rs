//! The board that one job is put on, and the workers that take its seats. Without workers the caller computes everything.

use super::park::{self, ended_well, memory_size, notify, see_memory, sleep};
use crate::call::Call;
use std::cell::UnsafeCell;
use std::hint::black_box;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering::SeqCst};

/// More threads than this do not share a job: their seats are bits of a word. Nor can more be asked for
/// (ts/engine/threads.ts).
pub const MOST_SEATS: usize = 64;

/// How often a thread looks before it sleeps: for some 65 µs, longer than the pauses within a step.
const LOOKS: u32 = 8_000;

/// Whether `found` comes true within LOOKS looks. Between two of them is a division, which takes 10 to 15
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
pub type Seated<'a> = dyn Call<usize> + Sync + 'a;

/// The present job and which of its seats are taken. There is one for all threads of an engine.
pub struct Board {
    /// Bit s: seat s of the present job is free. No job, no free seat.
    free: AtomicU64,
    /// Seats of the present job that are not left again.
    left: AtomicU32,
    /// 1 while the worker of that seat sleeps, until it is woken.
    asleep: [AtomicU32; MOST_SEATS],
    /// 1 once a worker was waited for in vain.
    lost: AtomicU32,
    /// 1 once the present job panicked on some seat, where a panic isn't the end.
    panicked: AtomicU32,
    /// 1 where workers are to end.
    closed: AtomicU32,
    /// Pages of memory when the present job was put up: it reaches no further.
    pages: AtomicUsize,
    job: UnsafeCell<Option<*const Seated<'static>>>,
}

// SAFETY: `job` is written by the caller only while no seat is taken, and read only by a thread that
// has taken one, which the caller waits for.
unsafe impl Sync for Board {}

// SAFETY: as above; which thread owns the board plays no part.
unsafe impl Send for Board {}

impl Default for Board {
    fn default() -> Self {
        Self::new()
    }
}

impl Board {
    pub const fn new() -> Self {
        Self {
            free: AtomicU64::new(0),
            left: AtomicU32::new(0),
            asleep: [const { AtomicU32::new(0) }; MOST_SEATS],
            lost: AtomicU32::new(0),
            panicked: AtomicU32::new(0),
            closed: AtomicU32::new(0),
            pages: AtomicUsize::new(0),
            job: UnsafeCell::new(None),
        }
    }

    /// Whether a worker was waited for in vain, which ended this instance.
    pub fn worker_lost(&self) -> bool {
        self.lost.load(SeqCst) == 1
    }

    /// Calls `job` once for each of at least 2 seats, on this thread (seat 0 and those that no worker takes) and on
    /// the workers whose seats they are, and returns when all calls have ended.
    pub fn fork_join(&self, seats: usize, work: usize, job: &Seated) {
        // SAFETY: only the lifetime changes, and this function returns only when every call has ended.
        let job: *const Seated<'static> = unsafe { std::mem::transmute(job) };
        // SAFETY: every call of the job before has ended, and no seat is free, so nobody reads this.
        unsafe { *self.job.get() = Some(job) };
        self.pages.store(memory_size(), SeqCst);
        self.left.store(seats as u32, SeqCst);
        self.free.store(u64::MAX >> (u64::BITS as usize - seats), SeqCst);
        self.rouse(seats);
        for seat in 0..seats {
            self.take(seat);
        }
        self.wait(PATIENCE.saturating_add(work as i64));
        if park::SURVIVES_PANICS && self.panicked.swap(0, SeqCst) == 1 {
            panic!("a part of a kernel panicked");
        }
    }

    /// Wakes the workers of `threads` threads (at least 1), for a job or for one that is about to come: waking takes
    /// some 20 µs, which the caller can use.
    pub fn rouse(&self, threads: usize) {
        for asleep in &self.asleep[1..threads] {
            if asleep.load(SeqCst) == 1 {
                asleep.store(0, SeqCst);
                notify(asleep);
            }
        }
    }

    /// Takes this seat of the job on the board, if it is free, and does what there is to do.
    fn take(&self, seat: usize) -> bool {
        let bit = 1 << seat;
        if self.free.load(SeqCst) & bit == 0 || self.free.fetch_and(!bit, SeqCst) & bit == 0 {
            return false;
        }
        see_memory(self.pages.load(SeqCst));
        // SAFETY: this thread has a seat of this job, and so the caller keeps it alive.
        let job = unsafe { (*self.job.get()).map(|job| &*job) };
        if let Some(job) = job
            && !ended_well(|| job.call(seat))
        {
            self.panicked.store(1, SeqCst);
        }
        if self.left.fetch_sub(1, SeqCst) == 1 {
            notify(&self.left);
        }
        true
    }

    /// Waits until all seats are left.
    fn wait(&self, patience: i64) {
        if look(|| self.left.load(SeqCst) == 0) {
            return;
        }
        let patience = park::WORKERS_CAN_BE_KILLED.then_some(patience);
        let mut waits = WAITS;
        while waits > 0 {
            let left = self.left.load(SeqCst);
            if left == 0 {
                return;
            }
            waits -= u32::from(!sleep(&self.left, left, patience));
        }
        self.lost.store(1, SeqCst);
        panic!("a worker took a piece and did not finish it");
    }

    /// The life of the worker of a seat, 1 … MOST_SEATS−1, that has entered: takes it, looks whether it is free again
    /// for a while, sleeps until it is woken. Returns only where the board is closed.
    #[cfg(any(target_feature = "atomics", not(target_family = "wasm")))]
    pub fn serve(&self, seat: usize) {
        let asleep = &self.asleep[seat];
        loop {
            if look(|| self.take(seat)) {
                continue;
            }
            asleep.store(1, SeqCst);
            // The caller frees seats and then looks who sleeps: one of the two sees the other.
            if self.take(seat) {
                asleep.store(0, SeqCst);
            } else if park::CLOSES && self.closed.load(SeqCst) == 1 {
                return;
            } else {
                sleep(asleep, 1, None);
            }
        }
    }

    /// Ends the workers that serve it, each as soon as it finds no work.
    #[cfg(not(target_family = "wasm"))]
    pub fn close(&self) {
        self.closed.store(1, SeqCst);
        self.rouse(MOST_SEATS);
    }
}
