//! What batch and layer normalisation share: from normalised numbers on, and sums of which threads have parts.

use crate::call::Call;
use crate::memory::CACHE_LINE;
use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::reduction::{column_products, column_sums};
use crate::sweep::sweep;
use crate::threads::{Seat, Shared, share_range, worth_while};
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
    job: &(dyn Call<Range<usize>> + Sync),
) {
    let work = elements.saturating_mul(WORK_OF_AN_ELEMENT);
    share_range(worth_while(threads, work), len, unit, work, &|(next_range, _): Seat<
        Range<usize>,
    >| {
        while let Some(range) = next_range() {
            job.call(range);
        }
    });
}

/// Calls f with each row of a matrix with rows of n, and its number, on some threads. Compiled once.
#[inline(never)]
pub fn each_row<T: Element>(
    threads: usize,
    matrix: &mut [T],
    n: usize,
    f: &(dyn for<'a> Call<(usize, &'a mut [T])> + Sync),
) {
    let len = matrix.len();
    let matrix = Shared(matrix.as_mut_ptr());
    share_parts(threads, (len / n, 1), len, &|rows: Range<usize>| {
        for i in rows {
            // SAFETY: rows are disjoint and within the matrix, which outlives the job.
            f.call((i, unsafe { matrix.slice(i * n, n) }));
        }
    });
}

/// sums\[j\] ← Σᵢ xᵢⱼ, or Σᵢ xᵢⱼ·byᵢⱼ, on some threads. X and `by`: (rows, n). Compiled once.
#[inline(never)]
pub fn shared_column_sums<T: Element>(
    sums: &mut [T],
    x: ArrayView2<T>,
    by: Option<ArrayView2<T>>,
    threads: usize,
) {
    let len = sums.len();
    let sums = Shared(sums.as_mut_ptr());
    share_parts(threads, (len, LINE), x.len(), &|columns: Range<usize>| {
        // SAFETY: columns are disjoint and within the sums, which outlive the job.
        let sums = unsafe { sums.slice(columns.start, columns.len()) };
        match by {
            None => column_sums(sums, x, columns.start),
            Some(by) => column_products(sums, [x, by], columns.start),
        }
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
    each_row(threads, y, n, &|(i, y): (usize, &mut [T])| {
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
    shared_column_sums(d_scale, dy, Some(normal), threads);
    shared_column_sums(d_shift, dy, None, threads);
}
