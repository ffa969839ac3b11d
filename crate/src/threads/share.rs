//! Fork and join: the pieces of a job, which the calling thread and its workers take one by one.

use super::cut::{ROUNDS, cut};
use super::pool::MOST_SEATS;
use super::present::fork_join;
use crate::call::Call;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// A part of a job: what a thread does with its pieces, which it takes by calls, given its seat.
pub type Job<'a, Piece> = dyn for<'b> Call<Seat<'b, Piece>> + Sync + 'a;

/// How a thread takes its pieces, and the number of its seat.
pub type Seat<'a, Piece> = (&'a mut dyn FnMut() -> Option<Piece>, usize);

/// Calls `job(next_piece, seat)` on up to `threads` threads, each with its own pieces of 0 … pieces−1, and returns when
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
        let (mut owner, mut left) = (seat, seats);
        let mut next_piece = || {
            while left > 0 {
                let piece = taken[owner].fetch_add(1, SeqCst) * seats + owner;
                if piece < pieces {
                    return Some(piece);
                }
                left -= 1;
                owner = if owner + 1 < seats { owner + 1 } else { 0 };
            }
            None
        };
        job.call((&mut next_piece, seat));
    };
    if seats <= 1 {
        take_a_seat(0);
    } else {
        fork_join(seats, work, &take_a_seat);
    }
}

/// `share` of the range 0 … len, cut at multiples of `unit` into pieces none of which is empty.
#[inline(never)]
pub fn share_range(threads: usize, len: usize, unit: usize, work: usize, job: &Job<Range<usize>>) {
    if threads == 1 {
        let mut all = Some(0..len);
        return job.call((&mut || all.take(), 0));
    }
    let seats = threads.min(MOST_SEATS);
    share(seats, ROUNDS * seats, work, &|(next_piece, seat): Seat<usize>| {
        let mut next_range = || {
            loop {
                let range = cut(len, unit, next_piece()?, seats);
                if !range.is_empty() {
                    return Some(range);
                }
            }
        };
        job.call((&mut next_range, seat));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_is_computed_once() {
        let runs: [AtomicUsize; 5] = Default::default();
        share(2, 5, 0, &|(next_piece, seat): Seat<usize>| {
            assert!(seat < 2);
            while let Some(piece) = next_piece() {
                runs[piece].fetch_add(1, SeqCst);
            }
        });
        assert!(runs.iter().all(|count| count.load(SeqCst) == 1));
    }

    #[test]
    fn every_number_of_a_range_is_visited_once() {
        for threads in 1..=4 {
            let visits: [AtomicUsize; 17] = Default::default();
            share_range(threads, visits.len(), 8, 0, &|(next_range, _): Seat<Range<usize>>| {
                while let Some(range) = next_range() {
                    assert!(!range.is_empty());
                    for visit in &visits[range] {
                        visit.fetch_add(1, SeqCst);
                    }
                }
            });
            assert!(visits.iter().all(|count| count.load(SeqCst) == 1));
        }
    }
}
