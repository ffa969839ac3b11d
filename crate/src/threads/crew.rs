//! Workers of the operating system's, who serve one board.

use super::pool::{Board, MOST_SEATS};
use super::present::with_board;
use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

/// An engine's workers, on seats 1, 2, … of its board: at first none, so that the caller computes everything. They end
/// with it.
#[derive(Default)]
pub struct Crew {
    board: Arc<Board>,
    workers: Vec<JoinHandle<()>>,
}

impl Crew {
    /// Starts the workers that `threads` threads need and that are missing. Fails where the system gives no more.
    pub fn ensure(&mut self, threads: usize) -> io::Result<()> {
        for seat in self.workers.len() + 1..threads.min(MOST_SEATS) {
            let board = Arc::clone(&self.board);
            let worker = thread::Builder::new().name(format!("layerwise {seat}"));
            self.workers.push(worker.spawn(move || board.serve(seat))?);
        }
        Ok(())
    }

    /// Calls `work`, whose kernels may use these workers: one call at a time, which `&mut` sees to.
    pub fn compute<Result>(&mut self, work: impl FnOnce() -> Result) -> Result {
        // SAFETY: the board lives in this crew, and all that puts jobs on it comes by here.
        unsafe { with_board(&self.board, work) }
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.board.close();
        for worker in self.workers.drain(..) {
            let _ = worker.join(); // A worker that panicked has ended too.
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threads::{Seat, Shared, rendezvous, share, share_range};
    use std::panic::{AssertUnwindSafe, catch_unwind};

    fn crew(threads: usize) -> Crew {
        let mut crew = Crew::default();
        crew.ensure(threads).expect("threads");
        crew
    }

    #[test]
    fn every_thread_takes_its_part() {
        for threads in [1, 2, 3, 8] {
            crew(threads).compute(|| rendezvous(20, threads));
        }
    }

    #[test]
    fn every_number_of_a_range_is_written_once() {
        let mut crew = crew(4);
        for len in [1, 7, 100, 4096] {
            let mut numbers = vec![0u32; len];
            let shared = Shared(numbers.as_mut_ptr());
            crew.compute(|| {
                share_range(4, len, 1, 0, &|(next_range, _): Seat<std::ops::Range<usize>>| {
                    while let Some(range) = next_range() {
                        // SAFETY: ranges of a job are apart, and the numbers live.
                        for number in unsafe { shared.slice(range.start, range.len()) } {
                            *number += 1;
                        }
                    }
                });
            });
            assert!(numbers.iter().all(|&number| number == 1));
        }
    }

    #[test]
    fn a_panic_on_any_seat_comes_to_the_caller_and_the_crew_goes_on() {
        let mut crew = crew(3);
        for piece_that_panics in 0..3 {
            let panicked = catch_unwind(AssertUnwindSafe(|| {
                crew.compute(|| {
                    share(3, 3, 0, &|(next_piece, _): Seat<usize>| {
                        while let Some(piece) = next_piece() {
                            assert!(piece != piece_that_panics, "on purpose");
                        }
                    });
                });
            }));
            assert!(panicked.is_err());
            crew.compute(|| rendezvous(3, 3));
        }
    }

    #[test]
    fn crews_side_by_side_do_not_meet() {
        let threads: Vec<_> = (0..4)
            .map(|_| thread::spawn(|| (0..5).for_each(|_| crew(2).compute(|| rendezvous(20, 2)))))
            .collect();
        for thread in threads {
            thread.join().expect("a crew of its own");
        }
    }

    #[test]
    fn sleepers_are_woken() {
        let mut crew = crew(2);
        for _ in 0..3 {
            thread::sleep(std::time::Duration::from_millis(5)); // long enough to fall asleep
            crew.compute(|| rendezvous(2, 2));
        }
    }
}
