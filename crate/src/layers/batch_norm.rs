//! Batch normalisation: each column of X is brought to mean 0 and variance 1 over the batch, then scaled and shifted.
//!
//! Source: Ioffe & Szegedy 2015, algorithms 1 and 2; the running variance is the unbiased one, as PyTorch has it.

use super::norm::{each_row, shared_column_sums};
use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::sweep::sweep;
use ndarray::ArrayView2;

/// What a column is normalised by.
#[derive(Clone, Copy)]
pub struct Statistics<'a, T> {
    pub mean: &'a [T],
    pub variance: &'a [T],
    pub epsilon: f64,
}

/// mean\[j\] ← 1/m · Σᵢ xᵢⱼ, variance\[j\] ← 1/m · Σᵢ (xᵢⱼ − mean\[j\])². X: (rows, n); `room` is as large.
/// A variance so large that running statistics could overflow by it is NaN, and so is what it normalises: 1/√∞ would
/// be 0, and the step would go on.
pub fn batch_statistics<T: Element>(
    [mean, variance]: [&mut [T]; 2],
    x: ArrayView2<T>,
    room: &mut [T],
    threads: usize,
) {
    let n = mean.len();
    let m = splat::<T>(x.nrows() as f64);
    shared_column_sums(mean, x, None, threads);
    sweep([&mut *mean], [], |[sum], []| [sum.div(m)]);
    let (mean, numbers) = (&*mean, x.to_slice().expect("x is contiguous"));
    each_row(threads, room, n, &|(i, off): (usize, &mut [T])| {
        sweep([off], [&numbers[i * n..][..n], mean], |_, [x, mean]| [x.sub(mean)]);
    });
    let off = ArrayView2::from_shape(x.dim(), room).expect("the shape of x");
    shared_column_sums(&mut *variance, off, Some(off), threads);
    let m = splat::<T>(x.nrows() as f64);
    let four = splat::<T>(4.0);
    sweep([variance], [], |[sum], []| {
        let variance = sum.div(m);
        let probe = variance.mul(four);
        [variance.add(probe.sub(probe))]
    });
}

/// running ← decay·running + (1 − decay)·(this batch's), of the mean, and of the variance times m/(m − 1).
pub fn running_statistics<T: Element>(
    [running_mean, running_variance]: [&mut [T]; 2],
    [mean, variance]: [&[T]; 2],
    decay: f64,
    rows: usize,
) {
    let unbiased = (1.0 - decay) * (rows as f64 / (rows as f64 - 1.0));
    for (running, new, weight) in
        [(running_mean, mean, 1.0 - decay), (running_variance, variance, unbiased)]
    {
        let (kept, weight) = (splat::<T>(decay), splat::<T>(weight));
        sweep([running], [new], |[old], [new]| [kept.mul(old).add(weight.mul(new))]);
    }
}

/// normal ← (X − mean)/√(variance + ε). `room`: (n).
pub fn standardize<T: Element>(
    normal: &mut [T],
    x: &[T],
    statistics: Statistics<T>,
    room: &mut [T],
    threads: usize,
) {
    let Statistics { mean, variance, epsilon } = statistics;
    let n = mean.len();
    let (one, epsilon) = (splat::<T>(1.0), splat::<T>(epsilon));
    sweep([&mut *room], [variance], |_, [v]| [one.div(v.add(epsilon).sqrt())]);
    let factor = &*room;
    each_row(threads, normal, n, &|(i, normal): (usize, &mut [T])| {
        sweep([normal], [&x[i * n..][..n], mean, factor], |_, [x, mean, factor]| {
            [x.sub(mean).mul(factor)]
        });
    });
}

/// dX ← scale/√(variance + ε) ⊙ (dY − 1/m·d shift − normal ⊙ 1/m·d scale). Matrices: (rows, n), `room`: (n).
pub fn batch_norm_gradient<T: Element>(
    dx: &mut [T],
    [dy, normal]: [&[T]; 2],
    [scale, variance, d_scale, d_shift]: [&[T]; 4],
    epsilon: f64,
    room: &mut [T],
    threads: usize,
) {
    let n = scale.len();
    let (epsilon, m) = (splat::<T>(epsilon), splat::<T>((dx.len() / n) as f64));
    sweep([&mut *room], [scale, variance], |_, [scale, v]| [scale.div(v.add(epsilon).sqrt())]);
    let factor = &*room;
    each_row(threads, dx, n, &|(i, dx): (usize, &mut [T])| {
        let (dy, normal) = (&dy[i * n..][..n], &normal[i * n..][..n]);
        sweep([&mut *dx], [normal, d_scale, d_shift], |_, [normal, d_scale, d_shift]| {
            [d_shift.add(normal.mul(d_scale)).div(m)]
        });
        sweep([dx], [dy, factor], |[means], [dy, factor]| [dy.sub(means).mul(factor)]);
    });
}

fn splat<T: Element>(x: f64) -> T::Vector {
    T::Vector::splat(T::from_f64(x))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::norm::{scale_and_shift, scale_and_shift_gradient};
    use crate::testing::{EDGES, assert_near, epsilon, numbers};

    fn follows_its_formulas<T: Element>() {
        const EPSILON: f64 = 1e-3;
        for (rows, n) in EDGES.into_iter().skip(1).flat_map(|n| [(2, n), (7, n), (70, n)]) {
            let [x, dy] = [1, 2].map(|seed| numbers::<T>(rows * n, seed));
            let [scale, shift] = [3, 4].map(|seed| numbers::<T>(n, seed));
            let new = |len: usize| vec![T::from_f64(f64::NAN); len];
            let (mut mean, mut variance, mut room) = (new(n), new(n), new(n));
            let (mut y, mut normal, mut dx) = (new(rows * n), new(rows * n), new(rows * n));
            let (mut d_scale, mut d_shift) = (new(n), new(n));
            let matrix = |x| ArrayView2::from_shape((rows, n), x).expect("rows · n");
            batch_statistics([&mut mean, &mut variance], matrix(&x), &mut normal, 1);
            let statistics = Statistics { mean: &mean, variance: &variance, epsilon: EPSILON };
            standardize(&mut normal, &x, statistics, &mut room, 1);
            scale_and_shift(&mut y, &normal, [&scale, &shift], 1);
            let sums = [&mut d_scale[..], &mut d_shift[..]];
            scale_and_shift_gradient(sums, matrix(&dy), matrix(&normal), 1);
            let columns = [&scale[..], &variance, &d_scale, &d_shift];
            batch_norm_gradient(&mut dx, [&dy, &normal], columns, EPSILON, &mut room, 1);

            let tolerance = 200.0 * epsilon::<T>() * rows as f64;
            let m = rows as f64;
            for j in 0..n {
                let column = |x: &[T]| (0..rows).map(|i| x[i * n + j].to_f64()).collect::<Vec<_>>();
                let (x, dy) = (column(&x), column(&dy));
                let centre = x.iter().sum::<f64>() / m;
                let spread = x.iter().map(|x| (x - centre).powi(2)).sum::<f64>() / m;
                let deviation = (spread + EPSILON).sqrt();
                let normal: Vec<f64> = x.iter().map(|x| (x - centre) / deviation).collect();
                let sum = dy.iter().sum::<f64>();
                let product: f64 = dy.iter().zip(&normal).map(|(dy, x)| dy * x).sum();
                assert_near(mean[j].to_f64(), centre, tolerance);
                assert_near(variance[j].to_f64(), spread, tolerance);
                assert_near(d_shift[j].to_f64(), sum, tolerance);
                assert_near(d_scale[j].to_f64(), product, 4.0 * tolerance);
                let (scale, shift) = (scale[j].to_f64(), shift[j].to_f64());
                for i in 0..rows {
                    assert_near(y[i * n + j].to_f64(), normal[i] * scale + shift, tolerance);
                    let slope = scale / deviation * (dy[i] - sum / m - normal[i] * product / m);
                    assert_near(dx[i * n + j].to_f64(), slope, 40.0 * tolerance);
                }
            }
        }
    }

    #[test]
    fn it_follows_its_formulas() {
        follows_its_formulas::<f32>();
        follows_its_formulas::<f64>();
    }

    #[test]
    fn a_variance_that_overflows_is_not_a_number() {
        for x in [1e19f32, 1e30, 3e38] {
            let (mut mean, mut variance, mut room) = ([0.0f32; 2], [0.0; 2], [0.0; 4]);
            let numbers = [x, 1.0, -x, 3.0];
            let matrix = ArrayView2::from_shape((2, 2), &numbers).expect("2 · 2");
            batch_statistics([&mut mean, &mut variance], matrix, &mut room, 1);
            assert!(variance[0].is_nan());
            assert_eq!(variance[1], 1.0);
        }
    }

    #[test]
    fn the_running_variance_is_unbiased() {
        let (mut mean, mut variance) = ([1.0f64], [1.0]);
        running_statistics([&mut mean, &mut variance], [&[2.0], &[3.0]], 0.9, 4);
        assert_near(mean[0], 0.9 + 0.2, 1e-15);
        assert_near(variance[0], 0.9 + 0.1 * 4.0, 1e-15);
    }
}
