//! Passes over matrices that are no products: element by element with something of each column, and sums along columns or
//! rows. Threads and vectors divide outputs, and sums have a tree of sizes alone.

use crate::number::element::Element;
use crate::number::simd::{MAX_LANES, Vector, load_partial, store_partial};
use crate::reduction::pairwise;
use crate::threads::{Shared, share_range, worth_while};
use std::ops::Range;

/// Multiply-adds of a product that take as long as one element.
const WORK_OF_AN_ELEMENT: usize = 16;

/// Columns that a thread gets begin at a multiple of a cache line of f32.
const LINE: usize = 16;

/// Vectors side by side: one cache line of each row.
const WIDE: usize = 4;

/// The elements of a vector, or as many as there are, and zeros in the other lanes.
#[inline(always)]
pub fn load<T: Element>(from: &[T], at: Range<usize>) -> T::Vector {
    let from = &from[at];
    if from.len() == T::Vector::LANES {
        T::Vector::load(from)
    } else {
        load_partial(from, T::zero())
    }
}

/// to\[i, j\] ← f(i, j …), of a matrix with rows of n. `f` gets a row and up to LANES columns.
pub fn element_by_element<T: Element>(
    threads: usize,
    to: &mut [T],
    n: usize,
    f: impl Fn(usize, Range<usize>) -> T::Vector + Sync,
) {
    by_rows(threads, [to], n, |i, [row]| one_row(row, |columns| f(i, columns)));
}

/// row\[j\] ← f(j …), of up to LANES columns each.
#[inline(always)]
pub fn one_row<T: Element>(row: &mut [T], f: impl Fn(Range<usize>) -> T::Vector) {
    let (n, lanes) = (row.len(), T::Vector::LANES);
    let whole = n - n % lanes;
    for j in (0..whole).step_by(lanes) {
        f(j..j + lanes).store(&mut row[j..]);
    }
    if whole < n {
        store_partial(f(whole..n), &mut row[whole..], T::zero());
    }
}

/// Calls f with each row of matrices that have as many, the first of them with rows of n.
pub fn by_rows<T: Element, const OUT: usize>(
    threads: usize,
    matrices: [&mut [T]; OUT],
    n: usize,
    f: impl Fn(usize, [&mut [T]; OUT]) + Sync,
) {
    let rows = matrices[0].len() / n;
    let work = matrices[0].len().saturating_mul(WORK_OF_AN_ELEMENT);
    let widths = matrices.each_ref().map(|matrix| matrix.len() / rows.max(1));
    let matrices = matrices.map(|matrix| Shared(matrix.as_mut_ptr()));
    share_range(worth_while(threads, work), rows, 1, work, &|next_rows, _| {
        while let Some(rows) = next_rows() {
            for i in rows {
                // SAFETY: rows are disjoint and within their matrices, which outlive `share_range`.
                f(
                    i,
                    std::array::from_fn(|k| unsafe { matrices[k].slice(i * widths[k], widths[k]) }),
                );
            }
        }
    });
}

/// out\[·\]\[j\] ← Σᵢ term(i, j …)\[·\], over the rows of a matrix. `term` gets a row and up to LANES columns.
pub fn column_sums_of<T: Element, const OUT: usize>(
    threads: usize,
    out: [&mut [T]; OUT],
    rows: usize,
    term: impl Fn(usize, Range<usize>) -> [T::Vector; OUT] + Sync,
) {
    let n = out[0].len();
    assert!(out.iter().all(|out| out.len() == n));
    let work = rows.saturating_mul(n).saturating_mul(WORK_OF_AN_ELEMENT);
    let out = out.map(|out| Shared(out.as_mut_ptr()));
    share_range(worth_while(threads, work), n, LINE, work, &|next_columns, _| {
        while let Some(columns) = next_columns() {
            let wide = WIDE * T::Vector::LANES;
            let (first, last) = (columns.start, columns.end - columns.len() % wide);
            for start in (first..last).step_by(wide) {
                // SAFETY: columns are disjoint and within the outputs, which outlive `share_range`.
                let out = unsafe { out.map(|out| out.slice(start, wide)) };
                sum_columns::<T, OUT, WIDE>(out, start, rows, &term);
            }
            for start in (last..columns.end).step_by(T::Vector::LANES) {
                let len = T::Vector::LANES.min(columns.end - start);
                // SAFETY: as above.
                let out = unsafe { out.map(|out| out.slice(start, len)) };
                sum_columns::<T, OUT, 1>(out, start, rows, &term);
            }
        }
    });
}

/// The same of up to WIDE · LANES columns from `start` on.
#[inline(always)]
fn sum_columns<T: Element, const OUT: usize, const VECTORS: usize>(
    out: [&mut [T]; OUT],
    start: usize,
    rows: usize,
    term: &impl Fn(usize, Range<usize>) -> [T::Vector; OUT],
) {
    let lanes = T::Vector::LANES;
    let end = start + out[0].len();
    let columns = |k: usize| start + k * lanes..end.min(start + (k + 1) * lanes);
    let zero = T::Vector::splat(T::zero());
    let add = |a: [[T::Vector; OUT]; VECTORS], b: [[T::Vector; OUT]; VECTORS]| {
        std::array::from_fn(|k| std::array::from_fn(|o| a[k][o].add(b[k][o])))
    };
    let leaf = |rows: Range<usize>| {
        rows.fold([[zero; OUT]; VECTORS], |sums, i| {
            add(sums, std::array::from_fn(|k| term(i, columns(k))))
        })
    };
    let sums = pairwise(0..rows, &leaf, &add);
    for (o, out) in out.into_iter().enumerate() {
        for (out, sum) in out.chunks_mut(lanes).zip(&sums) {
            store_partial(sum[o], out, T::zero());
        }
    }
}

/// Bytes of the sums of a row that are kept side by side, whatever a vector's width.
const SIDE_BY_SIDE: usize = 128;

/// The most vectors that these are.
const MOST_VECTORS: usize = SIDE_BY_SIDE / 16;

/// Σⱼ term(j …)\[·\], over n columns of a row. `term` gets up to LANES columns.
#[inline(always)]
pub fn row_sums<T: Element, const OUT: usize>(
    n: usize,
    term: impl Fn(Range<usize>) -> [T::Vector; OUT],
) -> [T; OUT] {
    let lanes = T::Vector::LANES;
    let count = SIDE_BY_SIDE / (lanes * size_of::<T>());
    let block = count * lanes;
    let zero = T::Vector::splat(T::zero());
    let add = |a: [[T::Vector; OUT]; MOST_VECTORS], b: [[T::Vector; OUT]; MOST_VECTORS]| {
        std::array::from_fn(|k| std::array::from_fn(|o| a[k][o].add(b[k][o])))
    };
    let leaf = |blocks: Range<usize>| {
        let mut sums = [[zero; OUT]; MOST_VECTORS];
        for start in blocks.map(|index| index * block) {
            for (k, sum) in sums[..count].iter_mut().enumerate() {
                let first = start + k * lanes;
                let columns = first.min(n)..(first + lanes).min(n);
                if columns.is_empty() {
                    break;
                }
                let len = columns.len();
                for (sum, term) in sum.iter_mut().zip(term(columns)) {
                    *sum = sum.add(if len == lanes { term } else { first_lanes::<T>(term, len) });
                }
            }
        }
        sums
    };
    let sums = pairwise(0..n.div_ceil(block), &leaf, &add);
    std::array::from_fn(|o| {
        let mut all = [T::zero(); SIDE_BY_SIDE / 4];
        for (k, sum) in sums[..count].iter().enumerate() {
            sum[o].store(&mut all[k * lanes..]);
        }
        let mut half = block / 2;
        while half > 0 {
            for i in 0..half {
                all[i] = all[i] + all[half + i];
            }
            half /= 2;
        }
        all[0]
    })
}

/// Zeros behind the first `len` lanes.
fn first_lanes<T: Element>(vector: T::Vector, len: usize) -> T::Vector {
    let mut lanes = [T::zero(); MAX_LANES];
    store_partial(vector, &mut lanes[..len], T::zero());
    T::Vector::load(&lanes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{EDGES, assert_near, digest, epsilon, numbers};

    fn sums_are_near_the_truth<T: Element>() {
        for rows in [1, 2, 17, 33, 70] {
            for n in EDGES.into_iter().skip(1).chain([63, 64, 65, 257, 1100]) {
                let x: Vec<T> = numbers(rows * n, 1);
                let (mut sums, mut squares) = (vec![T::zero(); n], vec![T::zero(); n]);
                column_sums_of(1, [&mut sums, &mut squares], rows, |i, columns| {
                    let x = load(&x[i * n..], columns);
                    [x, x.mul(x)]
                });
                let bound = 70.0 * epsilon::<T>() * (1.0 + (rows as f64).sqrt());
                let wide = |i: usize, j: usize| x[i * n + j].to_f64();
                for j in 0..n {
                    assert_near(sums[j].to_f64(), (0..rows).map(|i| wide(i, j)).sum(), bound);
                    let squared = (0..rows).map(|i| wide(i, j) * wide(i, j));
                    assert_near(squares[j].to_f64(), squared.sum(), bound);
                }
                let one = T::Vector::splat(T::one());
                let [sum, count] = row_sums::<T, 2>(n, |columns| [load(&x, columns), one]);
                let expected: f64 = (0..n).map(|j| wide(0, j)).sum();
                assert_near(sum.to_f64(), expected, 40.0 * epsilon::<T>() * (n as f64).sqrt());
                assert_eq!(count.to_f64(), n as f64);
            }
        }
    }

    #[test]
    fn sums_are_near_those_of_plain_loops() {
        sums_are_near_the_truth::<f32>();
        sums_are_near_the_truth::<f64>();
    }

    fn digests<T: Element>() -> [u64; 2] {
        let (rows, n) = (257, 1045);
        let x: Vec<T> = numbers(rows * n, 2);
        let mut columns = vec![T::zero(); n];
        column_sums_of(1, [&mut columns], rows, |i, columns| [load(&x[i * n..], columns)]);
        let rows: Vec<T> =
            x.chunks(n).map(|row| row_sums::<T, 1>(n, |columns| [load(row, columns)])[0]).collect();
        [digest(&columns), digest(&rows)]
    }

    #[test]
    fn sums_have_the_same_bits_whatever_the_lanes() {
        assert_eq!(digests::<f32>(), [18_208_700_159_072_392_023, 4_803_037_083_895_027_275]);
        assert_eq!(digests::<f64>(), [18_235_252_204_813_102_072, 8_677_603_195_381_536_677]);
    }

    #[test]
    fn every_element_is_computed_once() {
        for n in EDGES.into_iter().skip(1) {
            let mut x: Vec<f32> = (0..3 * n).map(|i| i as f32).collect();
            let from = x.clone();
            let one = <f32 as Element>::Vector::splat(1.0);
            element_by_element(1, &mut x, n, |i, columns| load(&from[i * n..], columns).add(one));
            assert!(x.iter().zip(&from).all(|(x, from)| *x == from + 1.0));
        }
    }
}
