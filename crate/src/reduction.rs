//! Sums and searches over whole blocks, in an order that depends on sizes alone.

use crate::call::Call;
use crate::in_order::InOrder;
use crate::number::element::Element;
use crate::number::simd::{MAX_LANES, Vector, load_partial, store_partial};
use crate::threads::{Seat, share_range, worth_while};
use ndarray::ArrayView2;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// Terms that are added one after the other before sums are paired.
const LEAF: usize = 32;

/// The sum over `range` by a fixed pairwise tree: leaves of LEAF terms, then halves. Its error grows
/// with LEAF + log2(terms) instead of with terms. Compiled once for all sums of a type.
#[inline(never)]
pub fn pairwise<S>(range: Range<usize>, leaf: &dyn Call<Range<usize>, S>, add: fn(S, S) -> S) -> S {
    if range.len() <= LEAF {
        return leaf.call(range);
    }
    let leaves = range.len().div_ceil(LEAF);
    let middle = range.start + leaves / 2 * LEAF;
    add(pairwise(range.start..middle, leaf, add), pairwise(middle..range.end, leaf, add))
}

/// db\[j\] ← Σᵢ dz\[i, first_column + j\]. dz: (rows, n), with contiguous storage. Overwrites db.
#[inline(never)]
pub fn column_sums<T: Element>(db: &mut [T], dz: ArrayView2<T>, first_column: usize) {
    column_totals(db, [dz], first_column, |[dz]| dz);
}

/// out\[j\] ← Σᵢ a\[i, first_column + j\]·b\[i, first_column + j\]. a, b: (rows, n), with contiguous storage.
#[inline(never)]
pub fn column_products<T: Element>(out: &mut [T], ab: [ArrayView2<T>; 2], first_column: usize) {
    column_totals(out, ab, first_column, |[a, b]| a.mul(b));
}

/// The totals over rows of term(inputs), which is 0 of zeros.
#[inline(always)]
fn column_totals<T: Element, const IN: usize>(
    out: &mut [T],
    inputs: [ArrayView2<T>; IN],
    first_column: usize,
    term: impl Fn([T::Vector; IN]) -> T::Vector + Copy,
) {
    const WIDE: usize = 4; // vectors side by side: one cache line of each row
    let (rows, n) = inputs[0].dim();
    let inputs = inputs.map(|x| x.to_slice().expect("inputs are contiguous"));
    assert!(inputs.iter().all(|x| x.len() == rows * n));
    let lanes = T::Vector::LANES;
    assert!(first_column + out.len() <= n);

    let (wide, narrow) = out.split_at_mut(out.len() - out.len() % (WIDE * lanes));
    let mut column = first_column;
    for out in wide.chunks_exact_mut(WIDE * lanes) {
        let at = |i: usize| {
            let rows = inputs.map(|x| &x[i * n + column..][..WIDE * lanes]);
            std::array::from_fn::<_, WIDE, _>(|k| {
                term(rows.map(|row| T::Vector::load(&row[k * lanes..])))
            })
        };
        for (out, sum) in out.chunks_exact_mut(lanes).zip(sum_of_rows::<T, WIDE>(rows, at)) {
            sum.store(out);
        }
        column += WIDE * lanes;
    }
    for out in narrow.chunks_mut(lanes) {
        let at = |i: usize| {
            [term(inputs.map(|x| {
                let x = &x[i * n + column..][..out.len()];
                match *x {
                    [one] => T::Vector::splat(one), // in the lane that counts, as fast as a whole vector
                    _ if x.len() == lanes => T::Vector::load(x),
                    _ => load_partial(x, T::zero()),
                }
            }))]
        };
        let [sum] = sum_of_rows::<T, 1>(rows, at);
        store_partial(sum, out, T::zero());
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
    pairwise(0..rows, &leaf, add)
}

/// Σ w², in f64. Compiled once.
#[inline(never)]
pub fn sum_of_squares<T: Element>(w: InOrder<T>) -> f64 {
    const WIDE: usize = 8; // independent sums, so that additions need not wait for one another
    let leaf = |chunks: Range<usize>| {
        let mut sums = [0.0; WIDE];
        let mut room = [T::zero(); LEAF * WIDE];
        let leaf = w.read((chunks.start * WIDE)..(chunks.end * WIDE), &mut room);
        for chunk in leaf.chunks_exact(WIDE) {
            for (sum, x) in sums.iter_mut().zip(chunk) {
                *sum += x.to_f64() * x.to_f64();
            }
        }
        sums
    };
    let add = |a: [f64; WIDE], b: [f64; WIDE]| std::array::from_fn(|k| a[k] + b[k]);
    let sums = pairwise(0..w.count() / WIDE, &leaf, add);
    let mut room = [T::zero(); WIDE];
    let rest = w.read(w.count() - w.count() % WIDE..w.count(), &mut room);
    let rest: f64 = rest.iter().map(|x| x.to_f64() * x.to_f64()).sum();
    ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7])) + rest
}

/// Σ x, in lanes that are as many whatever a vector's width.
#[inline(never)]
pub fn row_sum<T: Element>(x: &[T]) -> T {
    row_total([x], |[x]| x)
}

/// Σ a·b, likewise.
#[inline(never)]
pub fn row_product<T: Element>(a: &[T], b: &[T]) -> T {
    row_total([a, b], |[a, b]| a.mul(b))
}

/// Bytes of the sums that are kept side by side.
const SIDE_BY_SIDE: usize = 128;

/// The most vectors and the most numbers that these are.
const MOST_VECTORS: usize = SIDE_BY_SIDE / 16;
const MOST_SUMS: usize = SIDE_BY_SIDE / size_of::<f32>();

/// Σ term(inputs), which is 0 of zeros: lane by lane in leaves of LEAF rounds, then leaf by leaf, then the lanes in halves.
#[inline(always)]
fn row_total<T: Element, const IN: usize>(
    inputs: [&[T]; IN],
    term: impl Fn([T::Vector; IN]) -> T::Vector,
) -> T {
    let (n, lanes) = (inputs[0].len(), T::Vector::LANES);
    assert!(inputs.iter().all(|x| x.len() == n));
    let round = SIDE_BY_SIDE / size_of::<T>();
    let zeros = [T::Vector::splat(T::zero()); MOST_VECTORS];
    let mut totals = zeros;
    for leaf in (0..n).step_by(LEAF * round) {
        let mut sums = zeros;
        for start in (leaf..n.min(leaf + LEAF * round)).step_by(round) {
            if start + round <= n {
                let whole = inputs.map(|x| &x[start..start + round]);
                for (k, sum) in sums[..round / lanes].iter_mut().enumerate() {
                    *sum = sum.add(term(whole.map(|x| T::Vector::load(&x[k * lanes..]))));
                }
                continue;
            }
            for (k, sum) in sums[..round / lanes].iter_mut().enumerate() {
                let first = start + k * lanes;
                if first + lanes <= n {
                    *sum = sum.add(term(inputs.map(|x| T::Vector::load(&x[first..]))));
                } else if first < n {
                    *sum = sum.add(term(inputs.map(|x| last_of(&x[first..]))));
                }
            }
        }
        totals.iter_mut().zip(sums).for_each(|(total, sum)| *total = total.add(sum));
    }
    let mut all = [T::zero(); MOST_SUMS];
    for (all, total) in all.chunks_exact_mut(lanes).zip(&totals[..round / lanes]) {
        total.store(all);
    }
    let mut half = round / 2;
    while half > 0 {
        for i in 0..half {
            all[i] = all[i] + all[half + i];
        }
        half /= 2;
    }
    all[0]
}

#[inline(never)]
fn last_of<T: Element>(x: &[T]) -> T::Vector {
    load_partial(x, T::zero())
}

/// Σ (by·x)², in f64, of `count` numbers of `numbers`, each `step` behind the one before, from the first on.
pub fn sum_of_squares_at<T: Element>(numbers: &[T], count: usize, step: usize, by: f64) -> f64 {
    const WIDE: usize = 8; // independent sums, so that additions need not wait for one another
    let numbers = &numbers[..count.saturating_sub(1) * step + count.min(1)];
    let leaf = |chunks: Range<usize>| {
        let mut sums = [0.0; WIDE];
        for chunk in numbers[chunks.start * WIDE * step..].chunks(WIDE * step).take(chunks.len()) {
            for (sum, x) in sums.iter_mut().zip(chunk.iter().step_by(step)) {
                let x = by * x.to_f64();
                *sum += x * x;
            }
        }
        sums
    };
    let add = |a: [f64; WIDE], b: [f64; WIDE]| std::array::from_fn(|k| a[k] + b[k]);
    let [a, b, c, d, e, f, g, h] = pairwise(0..count.div_ceil(WIDE), &leaf, add);
    ((a + e) + (b + f)) + ((c + g) + (d + h))
}

/// Multiply-adds of a product that take as long as one element in a step on several threads. (Where one
/// thread looks at all gradients, dW's product and the update lose time by the lines that it has read.)
const WORK_OF_AN_ELEMENT: usize = 5;

/// Pieces begin at a multiple of UNIT elements, whole cache lines.
const UNIT: usize = 64;

/// A bound on max |x|, in two instructions per vector: the largest of Σ |x| over the threads' pieces. NaN or ∞ if any
/// element is. 0 for an empty block.
///
/// Which numbers are added to which depends on the lanes, so no result may depend on it, but on its being a bound. It
/// is one as computed, too: no rounded sum of magnitudes is smaller than one of them.
pub fn magnitude_bound<T: Element>(block: &[T], threads: usize) -> f64 {
    let work = block.len().saturating_mul(WORK_OF_AN_ELEMENT);
    // Bits of non-negative numbers are ordered as the numbers are, ∞ and then NaN behind them.
    let largest = AtomicU64::new(0);
    share_range(worth_while(threads, work), block.len(), UNIT, work, &|(next_piece, _): Seat<
        _,
    >| {
        while let Some(piece) = next_piece() {
            largest.fetch_max(sum_of_magnitudes(&block[piece]).to_bits(), Ordering::Relaxed);
        }
    });
    f64::from_bits(largest.into_inner())
}

#[inline(never)]
fn sum_of_magnitudes<T: Element>(block: &[T]) -> f64 {
    const WIDE: usize = 6; // independent sums, so that additions need not wait; V8 11 spills 8
    let lanes = T::Vector::LANES;
    let sign = T::Vector::sign();
    let mut sums = [T::Vector::splat(T::zero()); WIDE];
    let mut chunks = block.chunks_exact(WIDE * lanes);
    for chunk in &mut chunks {
        for (sum, x) in sums.iter_mut().zip(chunk.chunks_exact(lanes)) {
            *sum = sum.add(T::Vector::load(x).drop_where(sign));
        }
    }
    for chunk in chunks.remainder().chunks(lanes) {
        sums[0] = sums[0].add(load_partial::<T, T::Vector>(chunk, T::zero()).drop_where(sign));
    }
    let sum = sums.into_iter().reduce(Vector::add).expect("WIDE sums");
    let mut lanes = [T::zero(); MAX_LANES];
    sum.store(&mut lanes);
    lanes.into_iter().map(T::to_f64).sum()
}

/// max |x|; NaN if any element is NaN, else ∞ if any is ±∞. 0 for an empty block.
pub fn largest_magnitude<T: Element>(block: &[T]) -> f64 {
    let or_larger = |a: f64, b: f64| if a >= b || a.is_nan() { a } else { b }; // f64::max passes over NaN
    block.iter().map(|x| x.to_f64().abs()).fold(0.0, or_larger)
}

/// The index of the first NaN or infinity.
pub fn first_non_finite<T: Element>(block: &[T]) -> Option<usize> {
    block.iter().position(|x| !x.to_f64().is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::in_order::Layout;
    use crate::testing::{EDGES, assert_near, digest, epsilon, numbers};

    fn in_a_row<T>(w: &[T]) -> InOrder<'_, T> {
        InOrder { w, layout: Layout { outputs: 1, inputs: w.len(), panel: 1 } }
    }

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

    fn rows_and_products_are_near_the_truth<T: Element>() {
        for n in EDGES.into_iter().chain([31, 32, 33, 63, 64, 65, 257, 1100, 3000]) {
            let [a, b]: [Vec<T>; 2] = [1, 2].map(|seed| numbers(3 * n, seed));
            let bound = 60.0 * epsilon::<T>() * (n as f64).sqrt();
            let wide = |x: &[T]| x.iter().map(|x| x.to_f64()).collect::<Vec<f64>>();
            let (x, y) = (wide(&a), wide(&b));
            assert_near(row_sum(&a[..n]).to_f64(), x[..n].iter().sum(), bound);
            let product = x.iter().zip(&y).take(n).map(|(x, y)| x * y);
            assert_near(row_product(&a[..n], &b[..n]).to_f64(), product.sum(), bound);
            let [a, b] = [&a, &b].map(|x| ArrayView2::from_shape((3, n), x).expect("3 · n"));
            let mut products = vec![T::from_f64(f64::NAN); n];
            column_products(&mut products, [a, b], 0);
            for j in 0..n {
                let product = (0..3).map(|i| x[i * n + j] * y[i * n + j]);
                assert_near(products[j].to_f64(), product.sum(), 4.0 * epsilon::<T>());
            }
        }
    }

    #[test]
    fn sums_of_rows_and_products_are_near_those_of_plain_loops() {
        rows_and_products_are_near_the_truth::<f32>();
        rows_and_products_are_near_the_truth::<f64>();
    }

    #[test]
    fn sums_of_rows_have_the_same_bits_whatever_the_lanes() {
        fn digests<T: Element>() -> u64 {
            let x: Vec<T> = numbers(3001, 2);
            digest(&[row_sum(&x), row_product(&x, &x)])
        }
        let expected = (11_923_430_800_699_333_349, 7_915_909_588_841_023_296);
        assert_eq!((digests::<f32>(), digests::<f64>()), expected);
    }

    /// The digests of the column sums of a matrix and of its sum of squares.
    fn digests<T: Element>() -> [u64; 2] {
        let (rows, n) = (257, 45);
        let dz: Vec<T> = numbers(rows * n, 2);
        let mut db = vec![T::zero(); n];
        column_sums(&mut db, ArrayView2::from_shape((rows, n), &dz).expect("rows · n"), 0);
        [digest(&db), digest(&[sum_of_squares(in_a_row(&dz))])]
    }

    #[test]
    fn sums_have_the_same_bits_whatever_the_lanes() {
        assert_eq!(digests::<f32>(), [12_279_014_092_063_318_970, 10_182_894_318_243_471_667]);
        assert_eq!(digests::<f64>(), [9_675_690_594_107_877_936, 9_309_086_099_478_832_288]);
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

    fn sum_of_squares_is_near<T: Element>() {
        for len in EDGES.into_iter().chain([255, 256, 257, 10_007]) {
            let w: Vec<T> = numbers(len, 3);
            let truth: f64 = w.iter().map(|w| w.to_f64() * w.to_f64()).sum();
            assert_near(sum_of_squares(in_a_row(&w)), truth, len as f64 * f64::EPSILON * truth);
        }
    }

    #[test]
    fn sum_of_squares_is_near_the_truth() {
        sum_of_squares_is_near::<f32>();
        sum_of_squares_is_near::<f64>();
        assert_eq!(sum_of_squares(in_a_row(&[3e30f32, 4e30])).sqrt() as f32, 5e30);
        assert!(sum_of_squares(in_a_row(&[1.0, f64::NAN])).is_nan());
    }

    fn the_largest_magnitude_is_found_wherever_it_is<T: Element>() {
        for len in EDGES.into_iter().chain([257]) {
            for at in 0..len {
                let mut block: Vec<T> = numbers(len, 4);
                block[at] = T::from_f64(-2.5);
                assert_eq!(largest_magnitude(&block), 2.5);
                let sum: f64 = block.iter().map(|x| x.to_f64().abs()).sum();
                assert_near(magnitude_bound(&block, 1), sum, 1e-5 * sum);
                let rest = if at == 0 { len - 1 } else { 0 };
                block[at] = T::from_f64(f64::NEG_INFINITY);
                assert_eq!(largest_magnitude(&block), f64::INFINITY);
                assert_eq!(magnitude_bound(&block, 1), f64::INFINITY);
                block[rest] = T::from_f64(f64::NAN);
                assert!(largest_magnitude(&block).is_nan());
                assert!(magnitude_bound(&block, 1).is_nan());
            }
        }
        assert_eq!((largest_magnitude::<T>(&[]), magnitude_bound::<T>(&[], 1)), (0.0, 0.0));
    }

    #[test]
    fn the_largest_magnitude_is_found_and_bounded() {
        the_largest_magnitude_is_found_wherever_it_is::<f32>();
        the_largest_magnitude_is_found_wherever_it_is::<f64>();
        assert_eq!(largest_magnitude(&[f64::MIN_POSITIVE / 4.0, -0.0]), f64::MIN_POSITIVE / 4.0);
    }

    #[test]
    fn a_bound_is_never_below_a_magnitude() {
        // Each 0.3 is rounded away beside 2²⁴, and all of them together would not be.
        let mut block = [0.3f32; 4096];
        block[100] = -16_777_216.0;
        for threads in 1..=3 {
            assert!(magnitude_bound(&block, threads) >= 16_777_216.0);
        }
        assert!(magnitude_bound(&[f32::MAX; 64], 1) >= f32::MAX.into());
    }

    #[test]
    fn several_threads_overlook_nothing() {
        let mut block: Vec<f32> = numbers(1 << 20, 5);
        for special in [f32::INFINITY, f32::NAN] {
            block[777_777] = special;
            assert_eq!(magnitude_bound(&block, 3).is_nan(), special.is_nan());
            assert!(!magnitude_bound(&block, 3).is_finite());
        }
    }

    fn the_first_is_found<T: Element>(largest: T) {
        let [one, infinity, nan] = [1.0, f64::INFINITY, f64::NAN].map(T::from_f64);
        assert_eq!(first_non_finite(&[one, largest, T::zero() - largest]), None);
        assert_eq!(first_non_finite(&[one, infinity, nan]), Some(1));
        assert_eq!(first_non_finite(&[nan]), Some(0));
        assert_eq!(first_non_finite::<T>(&[]), None);
    }

    #[test]
    fn first_non_finite_is_the_first() {
        the_first_is_found(f32::MAX);
        the_first_is_found(f64::MAX);
    }
}
