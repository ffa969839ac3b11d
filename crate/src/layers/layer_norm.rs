//! Layer normalisation: each row of X is brought to mean 0 and variance 1, then scaled and shifted by unit.
//!
//! Source: Ba, Kiros & Hinton 2016, eq. 4; the variance is the biased one, as PyTorch and Keras have it.

use super::norm::each_row;
use crate::number::element::Element;
use crate::number::simd::{Vector, store_partial};
use crate::reduction::{row_product, row_sum};
use crate::sweep::sweep;
use crate::threads::Shared;

/// normal ← (X − mean)/√(variance + ε), mean and variance being each row's; the root is kept in `deviation`, (rows).
/// Matrices: (rows, n).
pub fn standardize_rows<T: Element>(
    normal: &mut [T],
    deviation: &mut [T],
    x: &[T],
    epsilon: f64,
    threads: usize,
) {
    let n = x.len() / deviation.len();
    let (count, epsilon) = (T::from_f64(n as f64), T::Vector::splat(T::from_f64(epsilon)));
    let deviation = Shared(deviation.as_mut_ptr());
    each_row(threads, normal, n, &|(i, normal): (usize, &mut [T])| {
        let x = &x[i * n..][..n];
        let mean = T::Vector::splat(row_sum(x) / count);
        sweep([&mut *normal], [x], |_, [x]| [x.sub(mean)]);
        let variance = T::Vector::splat(row_product(normal, normal) / count);
        let root = variance.add(epsilon).sqrt();
        sweep([normal], [], |[off], []| [off.div(root)]);
        // SAFETY: a place for each row, in a slice that outlives the rows.
        store_partial(root, unsafe { deviation.slice(i, 1) }, T::zero());
    });
}

/// With g = dY ⊙ scale: dX ← (g − 1/n·Σⱼ g − normal·1/n·Σⱼ g·normal)/deviation. Matrices: (rows, n), deviation: (rows).
pub fn layer_norm_gradient<T: Element>(
    dx: &mut [T],
    [dy, normal]: [&[T]; 2],
    [scale, deviation]: [&[T]; 2],
    threads: usize,
) {
    let n = scale.len();
    let count = T::from_f64(n as f64);
    each_row(threads, dx, n, &|(i, dx): (usize, &mut [T])| {
        let [dy, normal] = [dy, normal].map(|matrix| &matrix[i * n..][..n]);
        sweep([&mut *dx], [dy, scale], |_, [dy, scale]| [dy.mul(scale)]);
        let of_mean = T::Vector::splat(row_sum(dx) / count);
        let of_slope = T::Vector::splat(row_product(dx, normal) / count);
        let deviation = T::Vector::splat(deviation[i]);
        sweep([dx], [normal], |[g], [normal]| {
            [g.sub(of_mean).sub(normal.mul(of_slope)).div(deviation)]
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::norm::{scale_and_shift, scale_and_shift_gradient};
    use crate::testing::{EDGES, assert_near, epsilon, numbers};
    use ndarray::ArrayView2;

    fn follows_its_formulas<T: Element>() {
        const EPSILON: f64 = 1e-3;
        let rows = 5;
        for n in EDGES.into_iter().skip(1).chain([63, 64, 65, 257, 1100]) {
            let [x, dy] = [1, 2].map(|seed| numbers::<T>(rows * n, seed));
            let [scale, shift] = [3, 4].map(|seed| numbers::<T>(n, seed));
            let new = |len: usize| vec![T::from_f64(f64::NAN); len];
            let mut deviation = new(rows);
            let (mut y, mut normal, mut dx) = (new(rows * n), new(rows * n), new(rows * n));
            let (mut d_scale, mut d_shift) = (new(n), new(n));
            let matrix = |x| ArrayView2::from_shape((rows, n), x).expect("rows · n");
            standardize_rows(&mut normal, &mut deviation, &x, EPSILON, 1);
            scale_and_shift(&mut y, &normal, [&scale, &shift], 1);
            let sums = [&mut d_scale[..], &mut d_shift[..]];
            scale_and_shift_gradient(sums, matrix(&dy), matrix(&normal), 1);
            layer_norm_gradient(&mut dx, [&dy, &normal], [&scale, &deviation], 1);

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
