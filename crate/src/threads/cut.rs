//! How a range is cut into pieces that belong to seats.

use std::ops::Range;

/// Each seat's part of a range is cut into ROUNDS pieces, each half of what is left and the last as large as the one
/// before it: few are small, and what a thread that is held up (by another program, by its core's clock) leaves, the
/// others take. With fewer rounds threads wait longer for each other.
pub const ROUNDS: usize = 5;

/// The last pieces that would fill a seat's part.
const SHARES: usize = 1 << (ROUNDS - 1);

/// The range of a piece when `len` is cut for `threads` threads at multiples of `unit`: pieces seat, threads + seat,
/// 2·threads + seat are side by side, and so are those of seat and seat + 1.
#[inline(never)]
pub fn cut(len: usize, unit: usize, piece: usize, threads: usize) -> Range<usize> {
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

/// The length of the largest of these pieces, for no more threads than `cut` knows: half of a seat's part.
pub fn largest_piece(len: usize, unit: usize, threads: usize) -> usize {
    len.div_ceil(2 * threads).next_multiple_of(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_of_a_cut_cover_everything_once() {
        for len in [0, 1, 7, 8, 9, 16, 17, 100, 1023] {
            for threads in 1..=9 {
                let mut next = 0;
                let largest = largest_piece(len, 8, threads);
                for seat in 0..threads {
                    for round in 0..ROUNDS {
                        let piece = cut(len, 8, round * threads + seat, threads);
                        assert!(piece.start == next && piece.len() <= largest);
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
}
