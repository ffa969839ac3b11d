//! Layer normalisation: each row of X is brought to mean 0 and variance 1, then scaled and shifted by unit.
//!
//! Source: Ba, Kiros & Hinton 2016, eq. 4; the variance is the biased one, as PyTorch and Keras have it.

use super::batch_norm::Gradients;
use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::passes::{by_rows, column_sums_of, load, one_row, row_sums};
use crate::sweep::sweep;
use std::ops::Range;

/// Of a row: 1/n · Σⱼ xⱼ, and √(1/n · Σⱼ (xⱼ − mean)² + ε).
#[inline(always)]
fn row_statistics<T: Element>(x: &[T], epsilon: f64) -> [T; 2] {
    let (n, count) = (x.len(), T::from_f64(x.len() as f64));
    let [sum] = row_sums::<T, 1>(n, |columns| [load(x, columns)]);
    let mean = sum / count;
    let centre = T::Vector::splat(mean);
    let [squares] = row_sums::<T, 1>(n, |columns| {
        let off = load(x, columns).sub(centre);
        [off.mul(off)]
    });
    let mut deviation = [squares / count + T::from_f64(epsilon)];
    sweep([&mut deviation], [], |[variance], []| [variance.sqrt()]);
    [mean, deviation[0]]
}

/// Y ← (X − mean)/√(variance + ε) ⊙ scale + shift, mean and variance being each row's; they are kept, the latter as
/// `deviation`, its root with ε. X and Y: (rows, n), mean and deviation: (rows).
pub fn layer_norm<T: Element>(
    y: &mut [T],
    [mean, deviation]: [&mut [T]; 2],
    x: &[T],
    [scale, shift]: [&[T]; 2],
    epsilon: f64,
    threads: usize,
) {
    let n = scale.len();
    by_rows(threads, [y, mean, deviation], n, |i, [y, mean, deviation]| {
        let x = &x[i * n..][..n];
        [mean[0], deviation[0]] = row_statistics(x, epsilon);
        let [mean, deviation] = [mean[0], deviation[0]].map(T::Vector::splat);
        one_row(y, |columns| {
            let at = || columns.clone();
            let normal = load(x, at()).sub(mean).div(deviation);
            normal.mul(load(scale, at())).add(load(shift, at()))
        });
    });
}

/// With x̂ = (x − mean)/deviation and g = dy·scale: d shift ← Σᵢ dy, d scale ← Σᵢ dy·x̂,
/// dx ← (g − 1/n·Σⱼ g − x̂·1/n·Σⱼ g·x̂)/deviation. X, dX and dY: (rows, n).
pub fn layer_norm_gradient<T: Element>(
    gradients: Gradients<T>,
    dy: &[T],
    x: &[T],
    scale: &[T],
    [mean, deviation]: [&[T]; 2],
    threads: usize,
) {
    let Gradients { dx, scale: d_scale, shift: d_shift } = gradients;
    let n = scale.len();
    let normal = |i: usize, columns: Range<usize>| {
        let off = load(&x[i * n..][..n], columns).sub(T::Vector::splat(mean[i]));
        off.div(T::Vector::splat(deviation[i]))
    };
    column_sums_of(threads, [d_shift, d_scale], mean.len(), |i, columns| {
        let dy = load(&dy[i * n..][..n], columns.clone());
        [dy, dy.mul(normal(i, columns))]
    });
    let count = T::from_f64(n as f64);
    by_rows(threads, [dx], n, |i, [dx]| {
        let g = |columns: Range<usize>| {
            load(&dy[i * n..][..n], columns.clone()).mul(load(scale, columns))
        };
        let sums = row_sums::<T, 2>(n, |columns| {
            let g = g(columns.clone());
            [g, g.mul(normal(i, columns))]
        });
        let [of_mean, slope] = sums.map(|sum| T::Vector::splat(sum / count));
        one_row(dx, |columns| {
            let of_slope = normal(i, columns.clone()).mul(slope);
            g(columns).sub(of_mean).sub(of_slope).div(T::Vector::splat(deviation[i]))
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{EDGES, assert_near, epsilon, numbers};

    fn follows_its_formulas<T: Element>() {
        const EPSILON: f64 = 1e-3;
        let rows = 5;
        for n in EDGES.into_iter().skip(1).chain([63, 64, 65, 257, 1100]) {
            let [x, dy] = [1, 2].map(|seed| numbers::<T>(rows * n, seed));
            let [scale, shift] = [3, 4].map(|seed| numbers::<T>(n, seed));
            let new = |len: usize| vec![T::from_f64(f64::NAN); len];
            let (mut mean, mut deviation) = (new(rows), new(rows));
            let (mut y, mut dx, mut d_scale, mut d_shift) =
                (new(rows * n), new(rows * n), new(n), new(n));
            layer_norm(&mut y, [&mut mean, &mut deviation], &x, [&scale, &shift], EPSILON, 1);
            let gradients = Gradients { dx: &mut dx, scale: &mut d_scale, shift: &mut d_shift };
            layer_norm_gradient(gradients, &dy, &x, &scale, [&mean, &deviation], 1);

            let tolerance = 200.0 * epsilon::<T>();
            let wide = |x: &[T]| x.iter().map(|x| x.to_f64()).collect::<Vec<f64>>();
            let (scale, shift) = (wide(&scale), wide(&shift));
            let (mut of_scale, mut of_shift) = (vec![0.0; n], vec![0.0; n]);
            for i in 0..rows {
                let row = |x: &[T]| wide(&x[i * n..][..n]);
                let (x, dy, y, dx) = (row(&x), row(&dy), row(&y), row(&dx));
                let centre = x.iter().sum::<f64>() / n as f64;
                let spread = x.iter().map(|x| (x - centre).powi(2)).sum::<f64>() / n as f64;
                let root = (spread + EPSILON).sqrt();
                let normal: Vec<f64> = x.iter().map(|x| (x - centre) / root).collect();
                let g: Vec<f64> = dy.iter().zip(&scale).map(|(dy, scale)| dy * scale).collect();
                let of_mean = g.iter().sum::<f64>() / n as f64;
                let slope = g.iter().zip(&normal).map(|(g, x)| g * x).sum::<f64>() / n as f64;
                for j in 0..n {
                    assert_near(y[j], normal[j] * scale[j] + shift[j], tolerance);
                    let expected = (g[j] - of_mean - normal[j] * slope) / root;
                    assert_near(dx[j], expected, 40.0 * tolerance);
                    of_scale[j] += dy[j] * normal[j];
                    of_shift[j] += dy[j];
                }
            }
            for j in 0..n {
                assert_near(d_scale[j].to_f64(), of_scale[j], 8.0 * tolerance);
                assert_near(d_shift[j].to_f64(), of_shift[j], 8.0 * tolerance);
            }
        }
    }

    #[test]
    fn it_follows_its_formulas() {
        follows_its_formulas::<f32>();
        follows_its_formulas::<f64>();
    }
}
