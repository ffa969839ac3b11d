//! A mini-batch: some rows of a data set, side by side.

use crate::memory::CACHE_LINE;
use crate::number::element::Element;
use crate::threads::{Seat, Shared, share_range, worth_while};
use std::array::from_fn;
use std::hint::black_box;
use std::ops::Range;

/// Multiply-adds of a product that take as long as one word of a row.
const WORK_OF_A_WORD: usize = 8;

/// Rows that are copied together, a cache line of each in turn: their misses overlap, where row after row
/// each begins with one that is waited for. Fewer and more
/// are slower.
const ROWS_TOGETHER: usize = 8;
/// Words of a cache line.
const LINE: usize = CACHE_LINE / size_of::<u32>();
type Line = [u32; LINE];
/// Words of a page of memory.
const PAGE: usize = 1024;
/// Words of a data set whose pages need no looking up: a core's second-level TLB holds the addresses of all.
const NEAR: usize = 1 << 20;
/// Rows whose pages are looked up before they are copied: of more, the first addresses and lines are gone again when
/// their turn comes.
const LOOKED_UP: usize = 128;

/// to\[i\] ← from\[order\[i\]\] for every i, where a row of either is `width` words of 32 bits.
///
/// # Panics
/// Where `to` hasn't a row for each of `order`, or `from` lacks one of those.
pub fn gather(to: &mut [u32], from: &[u32], width: usize, order: &[u32], threads: usize) {
    assert!(to.len() == order.len() * width, "gather: a row for each of order");
    let work = to.len().saturating_mul(WORK_OF_A_WORD);
    let to = Shared(to.as_mut_ptr());
    share_range(worth_while(threads, work), order.len(), ROWS_TOGETHER, work, &|(
        next_piece,
        _,
    ): Seat<
        Range<usize>,
    >| {
        while let Some(piece) = next_piece() {
            // SAFETY: the pieces are disjoint, `to` has a row for each of `order` (asserted above), and it
            // outlives `share_range`.
            let to = unsafe { to.slice(piece.start * width, piece.len() * width) };
            let chunks = order[piece].chunks(LOOKED_UP).zip(to.chunks_mut(LOOKED_UP * width));
            chunks.for_each(|(order, to)| copy_rows(to, from, width, order));
        }
    });
}

/// to\[i\] ← scale · from\[order\[i\]\] for every i, where a row of either is `width` numbers, those of `from` bytes:
/// each product of a byte and the scale is rounded once. On one thread: the bytes of a batch are few.
///
/// # Panics
/// Where `from` lacks one of the rows of `order`.
pub fn gather_bytes<T: Element>(to: &mut [T], from: &[u8], width: usize, order: &[u32], scale: T) {
    for (to, &i) in to.chunks_exact_mut(width).zip(order) {
        for (to, &byte) in to.iter_mut().zip(&from[i as usize * width..][..width]) {
            *to = T::from_byte(byte) * scale;
        }
    }
}

/// The lines of two rows; what is left of them is copied.
fn lines<'to, 'from>(to: &'to mut [u32], from: &'from [u32]) -> (&'to mut [Line], &'from [Line]) {
    let (to, end_of_to) = to.as_chunks_mut();
    let (from, end_of_from) = from.as_chunks();
    copy_short(end_of_to, end_of_from);
    (to, from)
}

/// Copies what is shorter than a line by vectors and words: a call of memcpy takes longer than they do.
fn copy_short(to: &mut [u32], from: &[u32]) {
    let (to, from) = copy_words::<8>(to, from);
    let (to, from) = copy_words::<4>(to, from);
    let (to, from) = copy_words::<2>(to, from);
    copy_words::<1>(to, from);
}

/// Copies the first N words, if there are as many; returns what is left.
fn copy_words<'to, 'from, const N: usize>(
    to: &'to mut [u32],
    from: &'from [u32],
) -> (&'to mut [u32], &'from [u32]) {
    let Some((words, rest_of_from)) = from.split_first_chunk::<N>() else { return (to, from) };
    let (first, rest_of_to) = to.split_at_mut(N);
    first.copy_from_slice(words);
    (rest_of_to, rest_of_from)
}

fn copy_rows(to: &mut [u32], from: &[u32], width: usize, order: &[u32]) {
    let row = |i: u32| &from[i as usize * width..][..width];
    if width == 1 {
        return order.iter().zip(to).for_each(|(&i, to)| *to = from[i as usize]);
    }
    if from.len() > NEAR {
        // The core looks up the addresses of all pages side by side, not each when its turn comes.
        for &i in order {
            let row = row(i);
            row.iter().step_by(PAGE).chain(row.last()).for_each(|&word| _ = black_box(word));
        }
    }
    if width < LINE {
        order.iter().zip(to.chunks_exact_mut(width)).for_each(|(&i, to)| copy_short(to, row(i)));
        return;
    }
    let together = order.len() - order.len() % ROWS_TOGETHER;
    let (first, rest) = to.split_at_mut(together * width);
    for (order, to) in
        order.chunks_exact(ROWS_TOGETHER).zip(first.chunks_exact_mut(ROWS_TOGETHER * width))
    {
        let mut pairs = to.chunks_exact_mut(width).zip(order).map(|(to, &i)| lines(to, row(i)));
        let mut rows: [_; ROWS_TOGETHER] = from_fn(|_| pairs.next().expect("ROWS_TOGETHER rows"));
        for line in 0..width / LINE {
            for (to, from) in &mut rows {
                to[line] = from[line];
            }
        }
    }
    for (&i, to) in order[together..].iter().zip(rest.chunks_exact_mut(width)) {
        to.copy_from_slice(row(i));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_in_the_given_order() {
        let from: Vec<u32> = (0..21).collect();
        let mut to = [99; 12];
        gather(&mut to, &from, 3, &[6, 0, 6, 2], 1);
        assert_eq!(to, [18, 19, 20, 0, 1, 2, 18, 19, 20, 6, 7, 8]);
    }

    #[test]
    fn every_word_of_rows_of_every_width_is_copied() {
        for width in [1, 2, 15, 16, 17, 31, 32, 100, 784] {
            for rows in [1, 7, 8, 9, 16, 50] {
                let from: Vec<u32> = (0..100 * width as u32).collect();
                let order: Vec<u32> = (0..rows).map(|i| (i * 37 + 5) % 100).collect();
                for threads in [1, 2, 8] {
                    let mut to = vec![u32::MAX; order.len() * width];
                    gather(&mut to, &from, width, &order, threads);
                    for (to, &i) in to.chunks(width).zip(&order) {
                        assert!(to == &from[i as usize * width..][..width]);
                    }
                }
            }
        }
    }

    #[test]
    fn bytes_are_scaled_as_by_hand() {
        for width in [1, 3, 16, 17, 784] {
            let from: Vec<u8> = (0..100 * width).map(|i| (i * 7 % 256) as u8).collect();
            let order: Vec<u32> = (0..50).map(|i| (i * 37 + 5) % 100).collect();
            let (mut to, mut to64) = (vec![-1.0f32; 50 * width], vec![-1.0f64; 50 * width]);
            gather_bytes(&mut to, &from, width, &order, 1.0 / 255.0);
            gather_bytes(&mut to64, &from, width, &order, 1.0 / 255.0);
            for (at, (&single, &double)) in to.iter().zip(&to64).enumerate() {
                let byte = from[order[at / width] as usize * width + at % width];
                assert!(single == f32::from(byte) * (1.0 / 255.0));
                assert!(double == f64::from(byte) * (1.0 / 255.0));
            }
        }
    }

    #[test]
    #[should_panic]
    fn a_row_that_is_not_there_is_refused() {
        gather(&mut [0; 2], &[0; 8], 2, &[4], 1);
    }
}
