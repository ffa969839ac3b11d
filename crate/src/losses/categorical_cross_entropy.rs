use super::loss::{CHUNK, Loss, Targets};
use crate::activations::{exp_of_differences, largest};
use crate::call::Call;
use crate::facts::facts;
use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::sweep::sweep;
use ndarray::{ArrayView2, ArrayViewMut2, Axis};

facts! {
    /// ℓ = log Σⱼ e^zⱼ − z_label, of the logits of a softmax row; with `soft_labels` Σⱼ yⱼ·(log Σₖ e^zₖ − zⱼ), where y is a
    /// row of shares. `label_smoothing` s makes of y first y·(1 − s) + s/n, a label being a 1 among zeros.
    ///
    /// Source: Szegedy and others 2016 for label smoothing.
    pub struct CategoricalCrossEntropy {
        label_smoothing: f64,
        soft_labels: u32,
    }
}

impl<T: Element> Loss<T> for CategoricalCrossEntropy {
    fn sum(
        &self,
        dz: Option<ArrayViewMut2<T>>,
        z: ArrayView2<T>,
        targets: Targets<T>,
        m: usize,
    ) -> f64 {
        let (keep, share) = (1.0 - self.label_smoothing, self.label_smoothing / z.ncols() as f64);
        match targets {
            Targets::Classes(labels) if self.label_smoothing == 0.0 => {
                categorical_cross_entropy(dz, z, labels, m)
            }
            Targets::Classes(labels) => {
                assert_eq!(z.nrows(), labels.len(), "one label for each row of z");
                assert!(
                    labels.iter().all(|&label| (label as usize) < z.ncols()),
                    "a label below n"
                );
                let shares = |(i, j): (usize, usize)| {
                    if labels[i] as usize == j { keep + share } else { share }
                };
                of_shares(dz, z, &shares, m)
            }
            Targets::Numbers(y) => {
                assert_eq!(z.dim(), y.dim(), "y has one element for each of z");
                of_shares(dz, z, &|(i, j): (usize, usize)| keep * y[[i, j]].to_f64() + share, m)
            }
        }
    }

    fn takes_classes(&self) -> bool {
        self.soft_labels == 0
    }
}

/// Returns Σ Σⱼ yⱼ·(log Σₖ e^zₖ − zⱼ) over all examples, yⱼ = shares(i, j), summed in f64 from first to last;
/// dZ ← (softmax(Z)·Σⱼ yⱼ − Y)/m. Z and dZ: (rows, n). Overwrites dZ. Compiled once.
#[inline(never)]
fn of_shares<T: Element>(
    mut dz: Option<ArrayViewMut2<T>>,
    z: ArrayView2<T>,
    shares: &dyn Call<(usize, usize), f64>,
    m: usize,
) -> f64 {
    let mut loss = 0.0;
    for (i, z) in z.rows().into_iter().enumerate() {
        let z = z.to_slice().expect("rows are contiguous");
        let highest = largest(z);
        let sum = sum_of_exp(z, highest);
        let log = libm::log(sum);
        let mut total = 0.0;
        for (j, z) in z.iter().enumerate() {
            let y = shares.call((i, j));
            total += y;
            loss += y * (log - (z.to_f64() - highest.to_f64()));
        }
        let Some(dz) = &mut dz else { continue };
        let mut dz = dz.index_axis_mut(Axis(0), i);
        let dz = dz.as_slice_mut().expect("rows are contiguous");
        dz.copy_from_slice(z);
        exp_of_differences(dz, highest, 0.0);
        for (j, e) in dz.iter_mut().enumerate() {
            *e = T::from_f64((e.to_f64() / sum * total - shares.call((i, j))) / m as f64);
        }
    }
    loss
}

/// Returns Σ log Σⱼ e^zⱼ − z_label over all examples, summed in f64 from first to last;
/// dZ ← (softmax(Z) − onehot)/m. Z and dZ: (rows, n), labels: (rows) class indices. Overwrites dZ.
///
/// Panics where a label is not below n.
fn categorical_cross_entropy<T: Element>(
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

/// Σ e^(z − highest), with the very bits that `exp_of_differences` over all of `z` gives. Compiled once.
#[inline(never)]
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
    use crate::losses::testing::{gradient_is_the_slope, rounded};
    use crate::testing::{EDGES, assert_near, epsilon, numbers};

    fn categorical<T: Element>(z: &[f64], labels: &[u32], n: usize, m: usize) -> (f64, Vec<f64>) {
        let z = rounded(z);
        let z = ArrayView2::from_shape((labels.len(), n), &z).expect("rows of n logits");
        let mut dz = vec![T::from_f64(f64::NAN); z.len()];
        let view = ArrayViewMut2::from_shape(z.dim(), &mut dz).expect("the shape of z");
        let loss = categorical_cross_entropy(Some(view), z, labels, m);
        assert_eq!(loss.to_bits(), categorical_cross_entropy(None, z, labels, m).to_bits());
        (loss, dz.into_iter().map(T::to_f64).collect())
    }

    fn categorical_follows_its_formula<T: Element>() {
        for n in EDGES.into_iter().skip(1).chain([63, 64, 65, 257]) {
            let z: Vec<f64> =
                numbers::<f32>(3 * n, 2).iter().map(|&z| 8.0 * f64::from(z)).collect();
            let labels = [0, n / 2, n - 1].map(|label| label as u32);
            let (loss, dz) = categorical::<T>(&z, &labels, n, 3);
            let mut expected = 0.0;
            for (i, z) in z.chunks(n).enumerate() {
                let sum: f64 = z.iter().map(|z| z.exp()).sum();
                expected += sum.ln() - z[labels[i] as usize];
                for j in 0..n {
                    let dz_ij = (z[j].exp() / sum - f64::from(j == labels[i] as usize)) / 3.0;
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

    fn certain_answers_are_exact<T: Element>() {
        let (loss, dz) = categorical::<T>(&[1000.0, -1000.0, 1000.0, -1000.0], &[0, 1], 2, 2);
        assert_eq!((loss, dz), (2000.0, vec![0.0, 0.0, 0.5, -0.5]));
    }

    #[test]
    fn certain_answers_cost_nothing_when_right_and_their_logit_when_wrong() {
        certain_answers_are_exact::<f32>();
        certain_answers_are_exact::<f64>();
    }

    #[test]
    fn an_undecided_answer_costs_ln_2() {
        assert_near(categorical::<f64>(&[3.0, 3.0], &[1], 2, 1).0, std::f64::consts::LN_2, 1e-15);
    }

    #[test]
    fn nan_is_not_hidden() {
        for z in [[f64::NAN, 1.0], [1.0, f64::NAN]] {
            let (loss, dz) = categorical::<f64>(&z, &[0], 2, 1);
            assert!(loss.is_nan() && dz.iter().all(|dz| dz.is_nan()));
        }
    }

    #[test]
    fn the_gradient_is_the_slope() {
        let z: Vec<f64> = numbers::<f64>(12, 4).iter().map(|z| 5.0 * z).collect();
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

    fn with(loss: &CategoricalCrossEntropy, z: &[f64], targets: Targets<f64>) -> (f64, Vec<f64>) {
        let z = ArrayView2::from_shape((3, 4), z).expect("3 rows of 4");
        let mut dz = vec![f64::NAN; z.len()];
        let view = ArrayViewMut2::from_shape(z.dim(), &mut dz).expect("the shape of z");
        let sum = loss.sum(Some(view), z, targets, 1);
        assert_eq!(sum.to_bits(), loss.sum(None, z, targets, 1).to_bits());
        (sum, dz)
    }

    #[test]
    fn smoothed_labels_are_soft_ones() {
        let z: Vec<f64> = numbers::<f64>(12, 4).iter().map(|z| 5.0 * z).collect();
        let (s, labels) = (0.3, [2, 0, 3]);
        let hard = CategoricalCrossEntropy { label_smoothing: s, soft_labels: 0 };
        let soft = CategoricalCrossEntropy { label_smoothing: 0.0, soft_labels: 1 };
        let shares: Vec<f64> = (0..12)
            .map(|i| s / 4.0 + if labels[i / 4] as usize == i % 4 { 1.0 - s } else { 0.0 })
            .collect();
        let rows = ArrayView2::from_shape((3, 4), &shares).expect("3 rows of 4");
        let (loss, dz) = with(&hard, &z, Targets::Classes(&labels));
        let (same, same_dz) = with(&soft, &z, Targets::Numbers(rows));
        assert_near(loss, same, 1e-14);
        dz.iter().zip(&same_dz).for_each(|(a, b)| assert_near(*a, *b, 1e-15));
        let plain = with(
            &soft,
            &z,
            Targets::Numbers(
                ArrayView2::from_shape(
                    (3, 4),
                    &[0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0],
                )
                .expect("3 rows of 4"),
            ),
        )
        .0;
        assert_near(plain, categorical::<f64>(&z, &labels, 4, 1).0, 1e-14);
        for loss in [&hard, &soft] {
            let targets = if loss.soft_labels == 0 {
                Targets::Classes(&labels)
            } else {
                Targets::Numbers(rows)
            };
            gradient_is_the_slope(&z, |z| with(loss, z, targets));
        }
        assert!(!Loss::<f64>::takes_classes(&soft) && Loss::<f64>::takes_classes(&hard));
    }

    #[test]
    #[should_panic(expected = "a label below n")]
    fn a_smoothed_label_beyond_the_classes_is_refused() {
        let loss = CategoricalCrossEntropy { label_smoothing: 0.3, soft_labels: 0 };
        with(&loss, &[0.0; 12], Targets::Classes(&[0, 4, 0]));
    }
}
