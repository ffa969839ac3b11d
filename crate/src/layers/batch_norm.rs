//! Batch normalisation: each column of X is brought to mean 0 and variance 1 over the batch, then scaled and shifted.
//!
//! Source: Ioffe & Szegedy 2015, algorithms 1 and 2; the running variance is the unbiased one, as PyTorch has it.

use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::passes::{column_sums_of, element_by_element, load};
use crate::sweep::sweep;

/// mean\[j\] ← 1/m · Σᵢ xᵢⱼ, variance\[j\] ← 1/m · Σᵢ (xᵢⱼ − mean\[j\])². X: (rows, n), n that of mean and variance.
pub fn batch_statistics<T: Element>(mean: &mut [T], variance: &mut [T], x: &[T], threads: usize) {
    let n = mean.len();
    let rows = x.len() / n;
    let m = T::Vector::splat(T::from_f64(rows as f64));
    column_sums_of(threads, [&mut *mean], rows, |i, columns| [load(&x[i * n..][..n], columns)]);
    sweep([&mut *mean], [], |[sum], []| [sum.div(m)]);
    let mean = &*mean;
    column_sums_of(threads, [&mut *variance], rows, |i, columns| {
        let off = load(&x[i * n..][..n], columns.clone()).sub(load(mean, columns));
        [off.mul(off)]
    });
    sweep([variance], [], |[sum], []| [sum.div(m)]);
}

/// running ← decay·running + (1 − decay)·(this batch's), of the mean, and of the variance times m/(m − 1).
pub fn running_statistics<T: Element>(
    [running_mean, running_variance]: [&mut [T]; 2],
    [mean, variance]: [&[T]; 2],
    decay: f64,
    rows: usize,
) {
    let (kept, rest) = (splat::<T>(decay), splat::<T>(1.0 - decay));
    let unbiased = splat::<T>((1.0 - decay) * (rows as f64 / (rows as f64 - 1.0)));
    sweep([running_mean], [mean], |[old], [new]| [kept.mul(old).add(rest.mul(new))]);
    sweep([running_variance], [variance], |[old], [new]| [kept.mul(old).add(unbiased.mul(new))]);
}

/// What a column is normalised by.
#[derive(Clone, Copy)]
pub struct Statistics<'a, T> {
    pub mean: &'a [T],
    pub variance: &'a [T],
    pub epsilon: f64,
}

impl<T: Element> Statistics<'_, T> {
    /// factor ← scale / √(variance + ε)
    fn factor(&self, factor: &mut [T], scale: &[T]) {
        let epsilon = splat::<T>(self.epsilon);
        sweep([factor], [scale, self.variance], |_, [scale, variance]| {
            [scale.div(variance.add(epsilon).sqrt())]
        });
    }
}

/// Y ← (X − mean) ⊙ scale/√(variance + ε) + shift. X and Y: (rows, n); `factor` is room for n elements.
pub fn normalize<T: Element>(
    y: &mut [T],
    x: &[T],
    [scale, shift]: [&[T]; 2],
    statistics: Statistics<T>,
    factor: &mut [T],
    threads: usize,
) {
    let (n, mean) = (scale.len(), statistics.mean);
    statistics.factor(factor, scale);
    let factor = &*factor;
    element_by_element(threads, y, n, |i, columns| {
        let off = load(&x[i * n..][..n], columns.clone()).sub(load(mean, columns.clone()));
        off.mul(load(factor, columns.clone())).add(load(shift, columns))
    });
}

/// What a batch normalisation's backward pass gives: dX, d scale, d shift.
pub struct Gradients<'a, T> {
    pub dx: &'a mut [T],
    pub scale: &'a mut [T],
    pub shift: &'a mut [T],
}

/// With x̂ = (x − mean)/√(variance + ε): d shift ← Σᵢ dy, d scale ← Σᵢ dy·x̂,
/// dx ← scale/√(variance + ε) · (dy − 1/m·Σᵢ dy − x̂·1/m·Σᵢ dy·x̂).
/// X, dX and dY: (rows, n); `room` is for 2·n elements.
pub fn batch_norm_gradient<T: Element>(
    gradients: Gradients<T>,
    dy: &[T],
    x: &[T],
    scale: &[T],
    statistics: Statistics<T>,
    room: &mut [T],
    threads: usize,
) {
    let Gradients { dx, scale: d_scale, shift: d_shift } = gradients;
    let (n, mean) = (scale.len(), statistics.mean);
    let rows = x.len() / n;
    let (factor, slope) = room.split_at_mut(n);
    column_sums_of(threads, [&mut *d_shift, &mut *d_scale], rows, |i, columns| {
        let off = load(&x[i * n..][..n], columns.clone()).sub(load(mean, columns.clone()));
        let dy = load(&dy[i * n..][..n], columns);
        [dy, dy.mul(off)]
    });
    let epsilon = splat::<T>(statistics.epsilon);
    let m = splat::<T>(rows as f64);
    // slope ← Σ dy·x̂ / (m·√(variance + ε)), by which (x − mean) stands for x̂.
    sweep([d_scale, slope], [statistics.variance], |[sum, _], [variance]| {
        let deviation = variance.add(epsilon).sqrt();
        let d_scale = sum.div(deviation);
        [d_scale, d_scale.div(deviation).div(m)]
    });
    statistics.factor(factor, scale);
    let (d_shift, factor, slope) = (&*d_shift, &*factor, &*slope);
    element_by_element(threads, dx, n, |i, columns| {
        let at = || columns.clone();
        let off = load(&x[i * n..][..n], at()).sub(load(mean, at()));
        let dy = load(&dy[i * n..][..n], at());
        let centred = dy.sub(load(d_shift, at()).div(m)).sub(off.mul(load(slope, at())));
        load(factor, at()).mul(centred)
    });
}

fn splat<T: Element>(x: f64) -> T::Vector {
    T::Vector::splat(T::from_f64(x))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{EDGES, assert_near, epsilon, numbers};

    fn follows_its_formulas<T: Element>() {
        const EPSILON: f64 = 1e-3;
        for (rows, n) in EDGES.into_iter().skip(1).flat_map(|n| [(2, n), (7, n), (70, n)]) {
            let [x, dy] = [1, 2].map(|seed| numbers::<T>(rows * n, seed));
            let [scale, shift] = [3, 4].map(|seed| numbers::<T>(n, seed));
            let new = |len: usize| vec![T::from_f64(f64::NAN); len];
            let (mut mean, mut variance, mut room) = (new(n), new(n), new(2 * n));
            let (mut y, mut dx, mut d_scale, mut d_shift) =
                (new(rows * n), new(rows * n), new(n), new(n));
            batch_statistics(&mut mean, &mut variance, &x, 1);
            let statistics = Statistics { mean: &mean, variance: &variance, epsilon: EPSILON };
            normalize(&mut y, &x, [&scale, &shift], statistics, &mut room[..n], 1);
            let gradients = Gradients { dx: &mut dx, scale: &mut d_scale, shift: &mut d_shift };
            batch_norm_gradient(gradients, &dy, &x, &scale, statistics, &mut room, 1);

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
    fn the_running_variance_is_unbiased() {
        let (mut mean, mut variance) = ([1.0f64], [1.0]);
        running_statistics([&mut mean, &mut variance], [&[2.0], &[3.0]], 0.9, 4);
        assert_near(mean[0], 0.9 + 0.2, 1e-15);
        assert_near(variance[0], 0.9 + 0.1 * 4.0, 1e-15);
    }
}
