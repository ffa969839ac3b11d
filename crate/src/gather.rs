//! A mini-batch: some rows of a data set, side by side.

use crate::threads::{Shared, share_range, worth_while};

/// Multiply-adds of a product that take as long as one byte of a row (measured: bench, suite kernels).
const WORK_OF_A_BYTE: usize = 3;

/// to\[i\] ← from\[order\[i\]\] for every i, where a row of either is `width` bytes.
///
/// # Panics
/// Where `to` hasn't a row for each of `order`, or `from` lacks one of those.
pub fn gather(to: &mut [u8], from: &[u8], width: usize, order: &[u32], threads: usize) {
    assert!(to.len() == order.len() * width, "gather: a row for each of order");
    let work = to.len().saturating_mul(WORK_OF_A_BYTE);
    let to = Shared(to.as_mut_ptr());
    share_range(worth_while(threads, work), order.len(), 1, work, &|piece, _| {
        for i in piece {
            let row = &from[order[i] as usize * width..][..width];
            // SAFETY: the pieces are disjoint, `to` has a row for each i (asserted above), and it outlives
            // `share_range`.
            unsafe { to.slice(i * width, width) }.copy_from_slice(row);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_in_the_given_order() {
        let from: Vec<u8> = (0..21).collect();
        for threads in [1, 2, 8] {
            let mut to = [255; 12];
            gather(&mut to, &from, 3, &[6, 0, 6, 2], threads);
            assert_eq!(to, [18, 19, 20, 0, 1, 2, 18, 19, 20, 6, 7, 8]);
        }
    }

    #[test]
    fn all_of_many_rows_are_gathered() {
        let (rows, width) = (1000, 999);
        let from: Vec<u8> = (0..rows * width).map(|i| (i / width * 7 + i % width) as u8).collect();
        let order: Vec<u32> = (0..rows as u32).rev().collect();
        let mut to = vec![0; from.len()];
        gather(&mut to, &from, width, &order, 4);
        for (i, &source) in order.iter().enumerate() {
            assert!(to[i * width..][..width] == from[source as usize * width..][..width]);
        }
    }

    #[test]
    #[should_panic]
    fn a_row_that_is_not_there_is_refused() {
        gather(&mut [0; 2], &[0; 8], 2, &[4], 1);
    }
}
