//! Sums and searches over whole blocks, in an order that depends on sizes alone.

use crate::element::Element;
use crate::simd::Vector;
use crate::threads::{share_range, worth_while};
use ndarray::ArrayView2;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// Terms that are added one after the other before sums are paired.
const LEAF: usize = 32;

/// The sum over `range` by a fixed pairwise tree: leaves of LEAF terms, then halves. Its error grows
/// with LEAF + log2(terms) instead of with terms.
fn pairwise<S>(
    range: Range<usize>,
    leaf: &impl Fn(Range<usize>) -> S,
    add: &impl Fn(S, S) -> S,
) -> S {
    if range.len() <= LEAF {
        return leaf(range);
    }
    let leaves = range.len().div_ceil(LEAF);
    let middle = range.start + leaves / 2 * LEAF;
    add(pairwise(range.start..middle, leaf, add), pairwise(middle..range.end, leaf, add))
}

/// db\[j\] ← Σᵢ dz\[i, first_column + j\]. dz: (rows, n), with contiguous storage. Overwrites db.
pub fn column_sums<T: Element>(db: &mut [T], dz: ArrayView2<T>, first_column: usize) {
    const WIDE: usize = 4; // vectors side by side: one cache line of each row
    let (rows, n) = dz.dim();
    let dz = dz.to_slice().expect("dz is contiguous");
    let lanes = T::Vector::LANES;
    assert!(first_column + db.len() <= n);

    let (wide, narrow) = db.split_at_mut(db.len() - db.len() % (WIDE * lanes));
    let mut column = first_column;
    for out in wide.chunks_exact_mut(WIDE * lanes) {
        let at = |i: usize| {
            let row = &dz[i * n + column..][..WIDE * lanes];
            std::array::from_fn::<_, WIDE, _>(|k| T::Vector::load(&row[k * lanes..]))
        };
        for (out, sum) in out.chunks_exact_mut(lanes).zip(sum_of_rows::<T, WIDE>(rows, at)) {
            sum.store(out);
        }
        column += WIDE * lanes;
    }
    for out in narrow.chunks_mut(lanes) {
        let at =
            |i: usize| [T::Vector::load_partial(&dz[i * n + column..][..out.len()], T::zero())];
        let [sum] = sum_of_rows::<T, 1>(rows, at);
        sum.store_partial(out, T::zero());
        column += lanes;
    }
}

fn sum_of_rows<T: Element, const WIDE: usize>(
    rows: usize,
    at: impl Fn(usize) -> [T::Vector; WIDE],
) -> [T::Vector; WIDE] {
    let add = |a: [T::Vector; WIDE], b: [T::Vector; WIDE]| std::array::from_fn(|k| a[k].add(b[k]));
    let leaf = |range: Range<usize>| {
        range.fold([T::Vector::splat(T::zero()); WIDE], |sum, i| add(sum, at(i)))
    };
    pairwise(0..rows, &leaf, &add)
}

/// Σ w², in f64.
pub fn sum_of_squares<T: Element>(w: &[T]) -> f64 {
    const WIDE: usize = 8; // independent sums, so that additions need not wait for one another
    let leaf = |chunks: Range<usize>| {
        let mut sums = [0.0; WIDE];
        for chunk in w[(chunks.start * WIDE)..(chunks.end * WIDE)].chunks_exact(WIDE) {
            for (sum, x) in sums.iter_mut().zip(chunk) {
                *sum += x.to_f64() * x.to_f64();
            }
        }
        sums
    };
    let add = |a: [f64; WIDE], b: [f64; WIDE]| std::array::from_fn(|k| a[k] + b[k]);
    let sums = pairwise(0..w.len() / WIDE, &leaf, &add);
    let rest = w.chunks_exact(WIDE).remainder();
    let rest: f64 = rest.iter().map(|x| x.to_f64() * x.to_f64()).sum();
    ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7])) + rest
}

/// Multiply-adds of a product that take as long as one element in a step on several threads, where it often lies in
/// another core's cache (measured: a step of mnist loses 10 µs where one thread looks at all).
const WORK_OF_AN_ELEMENT: usize = 5;

/// Pieces begin at a multiple of so many elements, whole turns of the loop.
const UNIT: usize = 64;

/// max |x|; NaN if any element is NaN, else ∞ if any is ±∞. 0 for an empty block.
pub fn largest_magnitude<T: Element>(block: &[T], threads: usize) -> f64 {
    let work = block.len().saturating_mul(WORK_OF_AN_ELEMENT);
    // Bits of non-negative numbers are ordered as the numbers are, ∞ and then NaN behind them.
    let largest = AtomicU64::new(0);
    share_range(worth_while(threads, work), block.len(), UNIT, work, &|pieces, _| {
        for piece in pieces {
            largest.fetch_max(magnitude(&block[piece]).to_bits(), Ordering::Relaxed);
        }
    });
    f64::from_bits(largest.into_inner())
}

#[inline(never)]
fn magnitude<T: Element>(block: &[T]) -> f64 {
    const WIDE: usize = 4; // independent maxima, so that one need not wait for another
    let lanes = T::Vector::LANES;
    let zero = T::Vector::splat(T::zero());
    let (mut largest, mut sums) = ([zero; WIDE], [zero; WIDE]);
    let mut chunks = block.chunks_exact(WIDE * lanes);
    for chunk in &mut chunks {
        for k in 0..WIDE {
            let x = T::Vector::load(&chunk[k * lanes..]);
            largest[k] = largest[k].max(x.abs());
            sums[k] = sums[k].add(x); // not finite where x is not, and stays so
        }
    }
    for chunk in chunks.remainder().chunks(lanes) {
        let x = T::Vector::load_partial(chunk, T::zero());
        largest[0] = largest[0].max(x.abs());
        sums[0] = sums[0].add(x);
    }
    let sum = sums.into_iter().fold(zero, Vector::add);
    if lanes_of::<T>(sum).all(f64::is_finite) {
        let largest = largest.into_iter().fold(zero, Vector::max);
        return lanes_of::<T>(largest).fold(0.0, f64::max);
    }
    let or_larger = |a: f64, b: f64| if a >= b || a.is_nan() { a } else { b }; // f64::max passes over NaN
    block.iter().map(|x| x.to_f64().abs()).fold(0.0, or_larger)
}

fn lanes_of<T: Element>(vector: T::Vector) -> impl Iterator<Item = f64> {
    let mut lanes = [T::zero(); crate::simd::MAX_LANES];
    vector.store(&mut lanes);
    lanes.into_iter().map(T::to_f64)
}

/// The index of the first NaN or infinity.
pub fn first_non_finite<T: Element>(block: &[T]) -> Option<usize> {
    block.iter().position(|x| !x.to_f64().is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{EDGES, assert_near, epsilon, numbers};

    fn column_sums_are_near_the_truth<T: Element>() {
        for rows in EDGES.into_iter().chain([31, 32, 64, 65, 97, 257, 1000]) {
            for n in EDGES {
                let dz: Vec<T> = numbers(rows * n, 1);
                let mut db = vec![T::from_f64(f64::NAN); n];
                column_sums(&mut db, ArrayView2::from_shape((rows, n), &dz).expect("rows · n"), 0);
                for j in 0..n {
                    let column = || (0..rows).map(|i| dz[i * n + j].to_f64());
                    let magnitude: f64 = column().map(f64::abs).sum();
                    let additions = (rows.min(LEAF) + rows.div_ceil(LEAF)) as f64;
                    let bound = additions * epsilon::<T>() / 2.0 * magnitude;
                    assert_near(db[j].to_f64(), column().sum(), bound);
                }
            }
        }
    }

    #[test]
    fn column_sums_are_near_those_of_plain_loops() {
        column_sums_are_near_the_truth::<f32>();
        column_sums_are_near_the_truth::<f64>();
    }

    #[test]
    fn column_sums_do_not_depend_on_which_columns_are_summed_together() {
        let (rows, n) = (257, 33);
        let dz: Vec<f32> = numbers(rows * n, 2);
        let view = ArrayView2::from_shape((rows, n), &dz).expect("rows · n");
        let mut whole = vec![0.0; n];
        column_sums(&mut whole, view, 0);
        for from in 0..n {
            let mut part = vec![0.0; n - from];
            column_sums(&mut part, view, from);
            assert_eq!(part, whole[from..]);
        }
    }

    #[test]
    fn a_million_small_numbers_keep_their_sum() {
        // One after the other in f32 they come to 100,958.
        let dz = vec![0.1f32; 1_000_000];
        let mut db = [0.0];
        column_sums(&mut db, ArrayView2::from_shape((1_000_000, 1), &dz).expect("a column"), 0);
        assert_near(db[0].into(), 100_000.0, 0.5);
    }

    #[test]
    fn nan_and_infinity_stay_in_their_column() {
        let mut dz = vec![1.0f64; 40 * 5];
        (dz[7 * 5 + 1], dz[39 * 5 + 3]) = (f64::NAN, f64::INFINITY);
        let mut db = [0.0; 5];
        column_sums(&mut db, ArrayView2::from_shape((40, 5), &dz).expect("40 · 5"), 0);
        assert!(db[1].is_nan());
        assert_eq!((db[0], db[2], db[3], db[4]), (40.0, 40.0, f64::INFINITY, 40.0));
    }

    #[test]
    fn sum_of_squares_is_near_the_truth() {
        for len in EDGES.into_iter().chain([255, 256, 257, 10_007]) {
            let w: Vec<f32> = numbers(len, 3);
            let truth: f64 = w.iter().map(|&w| f64::from(w) * f64::from(w)).sum();
            assert_near(sum_of_squares(&w), truth, len as f64 * f64::EPSILON * truth);
        }
        assert_eq!(sum_of_squares(&[3e30f32, 4e30]).sqrt() as f32, 5e30);
        assert!(sum_of_squares(&[1.0, f64::NAN]).is_nan());
    }

    #[test]
    fn largest_magnitude_finds_it_wherever_it_is() {
        for len in EDGES.into_iter().chain([257]) {
            for at in 0..len {
                let mut block: Vec<f32> = numbers(len, 4);
                block[at] = -2.5;
                assert_eq!(largest_magnitude(&block, 1), 2.5);
                let rest = if at == 0 { len - 1 } else { 0 };
                block[at] = f32::NEG_INFINITY;
                assert_eq!(largest_magnitude(&block, 1), f64::INFINITY);
                block[rest] = f32::NAN;
                assert!(largest_magnitude(&block, 1).is_nan());
            }
        }
        assert_eq!(largest_magnitude::<f64>(&[], 1), 0.0);
        assert_eq!(largest_magnitude(&[f64::MIN_POSITIVE / 4.0, -0.0], 1), f64::MIN_POSITIVE / 4.0);
    }

    #[test]
    fn largest_magnitude_is_not_misled_by_a_sum_that_overflows() {
        let mut block = [f32::MAX; 64];
        assert_eq!(largest_magnitude(&block, 1), f32::MAX.into());
        (block[3], block[60]) = (f32::INFINITY, f32::NEG_INFINITY);
        assert_eq!(largest_magnitude(&block, 1), f64::INFINITY);
    }

    #[test]
    fn largest_magnitude_is_the_same_on_several_threads() {
        let mut block: Vec<f32> = numbers(1 << 20, 5);
        for special in [0.5, -7.5, f32::INFINITY, f32::NAN] {
            block[777_777] = special;
            let bits = |threads| largest_magnitude(&block, threads).to_bits();
            assert_eq!(bits(3), bits(1));
        }
    }

    #[test]
    fn first_non_finite_is_the_first() {
        assert_eq!(first_non_finite(&[1.0, f32::MAX, -f32::MAX]), None);
        assert_eq!(first_non_finite(&[1.0, f64::INFINITY, f64::NAN]), Some(1));
        assert_eq!(first_non_finite(&[f32::NAN]), Some(0));
        assert_eq!(first_non_finite::<f32>(&[]), None);
    }
}
