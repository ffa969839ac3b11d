//! What batch and layer normalisation share: from normalised numbers on, and sums of which threads have parts.

use crate::memory::CACHE_LINE;
use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::reduction::{column_products, column_sums};
use crate::sweep::sweep;
use crate::threads::{Shared, share_range, worth_while};
use ndarray::ArrayView2;
use std::ops::Range;

/// Multiply-adds of a product that take as long as one element.
const WORK_OF_AN_ELEMENT: usize = 16;

/// Columns that a thread gets begin at a multiple of a cache line of f32.
const LINE: usize = CACHE_LINE / size_of::<f32>();

/// Calls `job` with ranges of 0 … len, on threads that are worth it for so many elements.
#[inline(never)]
pub fn share_parts(
    threads: usize,
    (len, unit): (usize, usize),
    elements: usize,
    job: &(dyn Fn(Range<usize>) + Sync),
) {
    let work = elements.saturating_mul(WORK_OF_AN_ELEMENT);
    share_range(worth_while(threads, work), len, unit, work, &|next_range, _| {
        while let Some(range) = next_range() {
            job(range);
        }
    });
}

/// Calls f with each row of matrices with rows of n, on some threads.
pub fn each_row<T: Element, const OUT: usize>(
    threads: usize,
    matrices: [&mut [T]; OUT],
    n: usize,
    f: impl Fn(usize, [&mut [T]; OUT]) + Sync,
) {
    let len = matrices[0].len();
    assert!(matrices.iter().all(|matrix| matrix.len() == len));
    let matrices = matrices.map(|matrix| Shared(matrix.as_mut_ptr()));
    share_parts(threads, (len / n, 1), len, &|rows| {
        for i in rows {
            // SAFETY: rows are disjoint and within their matrices, which outlive the job.
            f(i, matrices.map(|matrix| unsafe { matrix.slice(i * n, n) }));
        }
    });
}

/// The mean of each column of X: (rows, n).
pub fn column_means<T: Element>(mean: &mut [T], x: ArrayView2<T>, threads: usize) {
    let m = T::Vector::splat(T::from_f64(x.nrows() as f64));
    let sums = Shared(mean.as_mut_ptr());
    share_parts(threads, (mean.len(), LINE), x.len(), &|columns| {
        // SAFETY: columns are disjoint and within the means, which outlive the job.
        let mean = unsafe { sums.slice(columns.start, columns.len()) };
        column_sums(mean, x, columns.start);
        sweep([mean], [], |[sum], []| [sum.div(m)]);
    });
}

/// out\[j\] ← Σᵢ aᵢⱼ·bᵢⱼ. A, B: (rows, n).
pub fn shared_column_products<T: Element>(
    out: &mut [T],
    a: ArrayView2<T>,
    b: ArrayView2<T>,
    threads: usize,
) {
    let sums = Shared(out.as_mut_ptr());
    share_parts(threads, (out.len(), LINE), a.len(), &|columns| {
        // SAFETY: columns are disjoint and within the sums, which outlive the job.
        let out = unsafe { sums.slice(columns.start, columns.len()) };
        column_products(out, [a, b], columns.start);
    });
}

/// Y ← normal ⊙ scale + shift, by column.
pub fn scale_and_shift<T: Element>(
    y: &mut [T],
    normal: &[T],
    [scale, shift]: [&[T]; 2],
    threads: usize,
) {
    let n = scale.len();
    each_row(threads, [y], n, |i, [y]| {
        let normal = &normal[i * n..][..n];
        sweep([y], [normal, scale, shift], |_, [x, scale, shift]| [x.mul(scale).add(shift)]);
    });
}

/// d shift ← Σᵢ dy, d scale ← Σᵢ dy·normal.
pub fn scale_and_shift_gradient<T: Element>(
    [d_scale, d_shift]: [&mut [T]; 2],
    dy: ArrayView2<T>,
    normal: ArrayView2<T>,
    threads: usize,
) {
    shared_column_products(d_scale, dy, normal, threads);
    let sums = Shared(d_shift.as_mut_ptr());
    share_parts(threads, (d_shift.len(), LINE), dy.len(), &|columns| {
        // SAFETY: columns are disjoint and within the sums, which outlive the job.
        let d_shift = unsafe { sums.slice(columns.start, columns.len()) };
        column_sums(d_shift, dy, columns.start);
    });
}
