use super::loss::{CHUNK, Loss, Targets};
use crate::activations::{exp_of_differences, largest};
use crate::facts::facts;
use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::sweep::sweep;
use ndarray::{ArrayView2, ArrayViewMut2, Axis};

facts! {
    /// ℓ = log Σⱼ e^zⱼ − z_label, of the logits of a softmax row.
    pub struct CategoricalCrossEntropy {}
}

impl<T: Element> Loss<T> for CategoricalCrossEntropy {
    fn sum(
        &self,
        dz: Option<ArrayViewMut2<T>>,
        z: ArrayView2<T>,
        targets: Targets<T>,
        m: usize,
    ) -> f64 {
        let Targets::Classes(labels) = targets else { panic!("targets: expected class indices") };
        categorical_cross_entropy(dz, z, labels, m)
    }

    fn takes_classes(&self) -> bool {
        true
    }
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
}
