//! The board that this thread's kernels share their jobs on, and the workers behind it.

use super::pool::{Board, Seated};
#[cfg(not(target_family = "wasm"))]
pub use several::with_board;

/// In the build without threads there is none.
#[cfg(all(target_family = "wasm", not(target_feature = "atomics")))]
#[inline(always)]
fn board() -> Option<&'static Board> {
    None
}

/// In WebAssembly an instance has one, its workers included.
#[cfg(all(target_family = "wasm", target_feature = "atomics"))]
#[inline(always)]
fn board() -> Option<&'static Board> {
    static BOARD: Board = Board::new();
    Some(&BOARD)
}

#[cfg(not(target_family = "wasm"))]
use several::board;

/// Several engines may be in one process, each with workers of its own.
#[cfg(not(target_family = "wasm"))]
mod several {
    use crate::threads::pool::Board;
    use std::cell::Cell;

    thread_local! {
        static PRESENT: Cell<Option<&'static Board>> = const { Cell::new(None) };
    }

    // Neither is inlined. A library's thread-local storage is reached by a call that, the first time on a thread, allocates
    // it; LLVM 22 thinks that AVX-512's registers 16 to 31 outlive that call, and keeps the caller's numbers in them
    // (observed: a step's number was 0 behind it).

    /// That of the engine which this thread computes for.
    #[inline(never)]
    pub fn board() -> Option<&'static Board> {
        PRESENT.get()
    }

    /// The one before.
    #[inline(never)]
    fn replace(board: Option<&'static Board>) -> Option<&'static Board> {
        PRESENT.replace(board)
    }

    /// Calls `work`, whose kernels share their jobs on this board.
    ///
    /// # Safety
    /// No other thread puts jobs on the board meanwhile.
    pub unsafe fn with_board<Result>(board: &Board, work: impl FnOnce() -> Result) -> Result {
        struct Restore(Option<&'static Board>);
        impl Drop for Restore {
            fn drop(&mut self) {
                replace(self.0);
            }
        }
        // SAFETY: it is taken out of PRESENT before this function ends, however it ends.
        let board = unsafe { &*std::ptr::from_ref(board) };
        let _restore = Restore(replace(Some(board)));
        work()
    }
}

/// As `Board::fork_join`; without a board the caller computes everything.
pub fn fork_join(seats: usize, work: usize, job: &Seated) {
    match board() {
        Some(board) => board.fork_join(seats, work, job),
        None => job.call(0), // all pieces, since nobody else takes any
    }
}

/// As `Board::rouse`.
pub fn rouse(threads: usize) {
    if let Some(board) = board() {
        board.rouse(threads);
    }
}

/// As `Board::worker_lost`.
pub fn worker_lost() -> bool {
    board().is_some_and(Board::worker_lost)
}

/// The life of a worker on a seat from 1 on. Never returns.
#[cfg(target_feature = "atomics")]
pub fn serve(seat: usize) {
    if let Some(board) = board() {
        board.serve(seat);
    }
}
