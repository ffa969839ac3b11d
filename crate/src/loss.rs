//! The losses, computed from logits: nothing is clipped, and loss and gradient agree.

use crate::activation::{exp_of_differences, exp_of_minus_abs, largest, sigmoid_from_exp};
use crate::element::Element;
use crate::log1p::log1p_of_fractions;
use crate::simd::Vector;
use crate::sweep::sweep;
use ndarray::{ArrayView2, ArrayViewMut2, Axis};

/// Elements that are worked on together in a buffer on the stack.
const CHUNK: usize = 64;

/// Returns Σ max(z, 0) − z·y + log(1 + e^−|z|) over all units of all examples, summed in f64 from
/// first to last; dZ ← (σ(Z) − Y)/m. Z, Y and dZ: (rows, n), one after the other. Overwrites dZ.
///
/// Several units are several yes-or-no questions, and their losses add up.
/// Source: the notebook's formula (13) with log σ written out (NUMERICS.md 1).
pub fn binary_cross_entropy<T: Element>(
    mut dz: Option<&mut [T]>,
    z: &[T],
    y: &[T],
    m: usize,
) -> f64 {
    assert_eq!(z.len(), y.len(), "y has one element for each of z");
    let m = T::Vector::splat(T::from_f64(m as f64));
    let mut buffer = [T::zero(); CHUNK];
    let mut logs = [0.0; CHUNK];
    let mut loss = 0.0;
    for (i, (z, y)) in z.chunks(CHUNK).zip(y.chunks(CHUNK)).enumerate() {
        let e = &mut buffer[..z.len()];
        sweep([&mut *e], [z], |_, [z]| [exp_of_minus_abs::<T>(z)]);
        let logs = &mut logs[..z.len()];
        logs.iter_mut().zip(&*e).for_each(|(log, e)| *log = e.to_f64());
        log1p_of_fractions(logs);
        for ((z, y), log) in z.iter().zip(y).zip(&*logs) {
            let (z, y) = (z.to_f64(), y.to_f64());
            let positive_part = if z < 0.0 { 0.0 } else { z };
            loss += positive_part - z * y + log;
        }
        if let Some(dz) = &mut dz {
            let dz = &mut dz[i * CHUNK..][..z.len()];
            sweep([dz], [z, y, e], |_, [z, y, e]| [sigmoid_from_exp::<T>(z, e).sub(y).div(m)]);
        }
    }
    loss
}

/// Returns Σ log Σⱼ e^zⱼ − z_label over all examples, summed in f64 from first to last;
/// dZ ← (softmax(Z) − onehot)/m. Z and dZ: (rows, n), labels: (rows) class indices, which no float type
/// holds all of. Overwrites dZ.
///
/// Panics where a label is not below n.
pub fn categorical_cross_entropy<T: Element>(
    mut dz: Option<ArrayViewMut2<T>>,
    z: ArrayView2<T>,
    labels: &[u32],
    m: usize,
) -> f64 {
    assert_eq!(z.nrows(), labels.len(), "one label for each row of z");
    let mut loss = 0.0;
    for (i, (z, &label)) in z.rows().into_iter().zip(labels).enumerate() {
        let z = z.to_slice().expect("rows are contiguous");
        let label = label as usize;
        let highest = largest(z);
        let sum = match &mut dz {
            None => sum_of_exp(z, highest),
            Some(dz) => {
                let mut dz = dz.index_axis_mut(Axis(0), i);
                let dz = dz.as_slice_mut().expect("rows are contiguous");
                dz.copy_from_slice(z);
                let sum = exp_of_differences(dz, highest, 0.0);
                softmax_minus_one_hot(dz, sum, label, m);
                sum
            }
        };
        loss += highest.to_f64() - z[label].to_f64() + libm::log(sum);
    }
    loss
}

/// Σ e^(z − highest), with the very bits that `exp_of_differences` over all of `z` gives.
fn sum_of_exp<T: Element>(z: &[T], highest: T) -> f64 {
    let mut buffer = [T::zero(); CHUNK];
    z.chunks(CHUNK).fold(0.0, |sum, z| {
        let e = &mut buffer[..z.len()];
        e.copy_from_slice(z);
        exp_of_differences(e, highest, sum)
    })
}

/// e ← (e/sum − onehot(label))/m.
fn softmax_minus_one_hot<T: Element>(e: &mut [T], sum: f64, label: usize, m: usize) {
    let m = T::from_f64(m as f64);
    let sum = T::from_f64(sum);
    let at_label = (e[label] / sum - T::one()) / m;
    let (sum, m) = (T::Vector::splat(sum), T::Vector::splat(m));
    sweep([&mut *e], [], |[e], []| [e.div(sum).div(m)]);
    e[label] = at_label;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{EDGES, assert_near, epsilon, numbers};

    fn binary<T: Element>(z: &[f64], y: &[f64], m: usize) -> (f64, Vec<f64>) {
        let convert = |x: &[f64]| x.iter().map(|&x| T::from_f64(x)).collect::<Vec<_>>();
        let (z, y) = (convert(z), convert(y));
        let mut dz = vec![T::from_f64(f64::NAN); z.len()];
        let loss = binary_cross_entropy(Some(&mut dz), &z, &y, m);
        assert_eq!(loss.to_bits(), binary_cross_entropy(None, &z, &y, m).to_bits());
        (loss, dz.into_iter().map(T::to_f64).collect())
    }

    fn categorical<T: Element>(z: &[f64], labels: &[u32], n: usize, m: usize) -> (f64, Vec<f64>) {
        let z: Vec<_> = z.iter().map(|&z| T::from_f64(z)).collect();
        let z = ArrayView2::from_shape((labels.len(), n), &z).expect("rows of n logits");
        let mut dz = vec![T::from_f64(f64::NAN); z.len()];
        let view = ArrayViewMut2::from_shape(z.dim(), &mut dz).expect("the shape of z");
        let loss = categorical_cross_entropy(Some(view), z, labels, m);
        assert_eq!(loss.to_bits(), categorical_cross_entropy(None, z, labels, m).to_bits());
        (loss, dz.into_iter().map(T::to_f64).collect())
    }

    fn binary_follows_its_formula<T: Element>() {
        for len in EDGES.into_iter().chain([63, 64, 65, 257]) {
            let z: Vec<f64> = numbers::<f32>(len, 1).iter().map(|&z| 8.0 * f64::from(z)).collect();
            let y: Vec<f64> = (0..len).map(|i| f64::from(i % 3 == 0)).collect();
            let (loss, dz) = binary::<T>(&z, &y, 5);
            let terms =
                z.iter().zip(&y).map(|(z, y)| z.max(0.0) - z * y + (-z.abs()).exp().ln_1p());
            assert_near(loss, terms.sum(), (len + 1) as f64 * epsilon::<T>());
            for i in 0..len {
                let a = 1.0 / (1.0 + (-z[i]).exp());
                assert_near(dz[i], (a - y[i]) / 5.0, 2.0 * epsilon::<T>());
            }
        }
    }

    #[test]
    fn binary_cross_entropy_follows_its_formula() {
        binary_follows_its_formula::<f32>();
        binary_follows_its_formula::<f64>();
    }

    #[test]
    fn certain_answers_cost_nothing_when_right_and_their_logit_when_wrong() {
        for (loss, dz) in [
            binary::<f32>(&[1000.0, -1000.0, 1000.0, -1000.0], &[1.0, 0.0, 0.0, 1.0], 4),
            binary::<f64>(&[1000.0, -1000.0, 1000.0, -1000.0], &[1.0, 0.0, 0.0, 1.0], 4),
        ] {
            assert_eq!(loss, 2000.0);
            assert_eq!(dz, [0.0, 0.0, 0.25, -0.25]);
        }
        let (loss, dz) = categorical::<f32>(&[1000.0, -1000.0, 1000.0, -1000.0], &[0, 1], 2, 2);
        assert_eq!((loss, dz), (2000.0, vec![0.0, 0.0, 0.5, -0.5]));
    }

    #[test]
    fn an_undecided_answer_costs_ln_2() {
        assert_near(binary::<f64>(&[0.0], &[1.0], 1).0, std::f64::consts::LN_2, 1e-16);
        assert_near(categorical::<f64>(&[3.0, 3.0], &[1], 2, 1).0, std::f64::consts::LN_2, 1e-15);
    }

    #[test]
    fn nan_is_not_hidden() {
        let (loss, dz) = binary::<f32>(&[1.0, f64::NAN], &[1.0, 0.0], 1);
        assert!(loss.is_nan() && !dz[0].is_nan() && dz[1].is_nan());
        for z in [[f64::NAN, 1.0], [1.0, f64::NAN]] {
            let (loss, dz) = categorical::<f64>(&z, &[0], 2, 1);
            assert!(loss.is_nan() && dz.iter().all(|dz| dz.is_nan()));
        }
    }

    fn categorical_follows_its_formula<T: Element>() {
        for n in EDGES.into_iter().skip(1).chain([63, 64, 65, 257]) {
            let z: Vec<f64> =
                numbers::<f32>(3 * n, 2).iter().map(|&z| 8.0 * f64::from(z)).collect();
            let labels = [0, n / 2, n - 1];
            let (loss, dz) = categorical::<T>(&z, &labels.map(|label| label as u32), n, 3);
            let mut expected = 0.0;
            for (i, z) in z.chunks(n).enumerate() {
                let sum: f64 = z.iter().map(|z| z.exp()).sum();
                expected += sum.ln() - z[labels[i]];
                for j in 0..n {
                    let dz_ij = (z[j].exp() / sum - f64::from(j == labels[i])) / 3.0;
                    assert_near(dz[i * n + j], dz_ij, 8.0 * epsilon::<T>());
                }
            }
            assert_near(loss, expected, 100.0 * epsilon::<T>());
        }
    }

    #[test]
    fn categorical_cross_entropy_follows_its_formula() {
        categorical_follows_its_formula::<f32>();
        categorical_follows_its_formula::<f64>();
    }

    fn gradient_is_the_slope(z: &[f64], loss: impl Fn(&[f64]) -> (f64, Vec<f64>)) {
        for (i, slope) in loss(z).1.into_iter().enumerate() {
            let moved = |by: f64| {
                let mut z = z.to_vec();
                z[i] += by;
                loss(&z).0
            };
            assert_near(slope, (moved(1e-5) - moved(-1e-5)) / 2e-5, 1e-9);
        }
    }

    #[test]
    fn gradients_are_the_slopes_of_the_losses() {
        let z: Vec<f64> = numbers::<f64>(12, 4).iter().map(|z| 5.0 * z).collect();
        let y = [1.0, 0.0, 0.3, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.9, 0.0, 1.0];
        gradient_is_the_slope(&z, |z| binary::<f64>(z, &y, 1));
        gradient_is_the_slope(&z, |z| categorical::<f64>(z, &[2, 0, 3], 4, 1));
    }

    #[test]
    fn a_class_that_is_no_f32_is_not_taken_for_its_neighbour() {
        let label = (1 << 24) + 1;
        let mut z = vec![0.0f32; label + 1];
        z[label] = 3.0;
        let z = ArrayView2::from_shape((1, z.len()), &z).expect("one row");
        let loss = |label| categorical_cross_entropy(None, z, &[label], 1);
        assert_near(loss(label as u32 - 1) - loss(label as u32), 3.0, 1e-12);
    }

    #[test]
    #[should_panic]
    fn a_label_beyond_the_classes_is_refused() {
        categorical::<f32>(&[1.0, 2.0], &[2], 2, 1);
    }
}
