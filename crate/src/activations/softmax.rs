use super::activation::Activation;
use crate::number::element::Element;
use crate::number::exp::exp_nonpositive;
use crate::number::simd::Vector;
use crate::sweep::sweep;

/// gᵢ(z) = e^zᵢ / Σ e^zⱼ over a row, by way of z − max z. A network's output only.
pub struct Softmax;

impl<T: Element> Activation<T> for Softmax {
    #[inline(never)]
    fn apply(&self, z: &mut [T]) {
        let highest = largest(z);
        let sum = exp_of_differences(z, highest, 0.0);
        let sum = T::Vector::splat(T::from_f64(sum));
        sweep([z], [], |[e], []| [e.div(sum)]);
    }

    /// Panics: its loss starts from the logits.
    fn backward(&self, _dz: &mut [T], _seen: &[T], _keep: T) {
        panic!("softmax: expected as an output activation only");
    }

    fn is_elementwise(&self) -> bool {
        false
    }
}

/// The largest of `z`, which is not empty. NaNs may be passed over.
pub fn largest<T: Element>(z: &[T]) -> T {
    z.iter().fold(z[0], |highest, &x| if highest < x { x } else { highest })
}

/// z ← e^(z − highest); returns `sum` plus all of these, added in f64 from first to last.
#[inline(never)]
pub fn exp_of_differences<T: Element>(z: &mut [T], highest: T, sum: f64) -> f64 {
    let highest = T::Vector::splat(highest);
    sweep([&mut *z], [], |[z], []| [exp_nonpositive::<T>(z.sub(highest))]);
    z.iter().fold(sum, |sum, e| sum + e.to_f64())
}

#[cfg(test)]
mod tests {
    use crate::activations::testing::applied;
    use crate::testing::{EDGES, assert_near, numbers};

    #[test]
    fn softmax_rows_are_shares_of_one() {
        for n in EDGES.into_iter().skip(1).chain([257]) {
            let z: Vec<f64> = numbers(3 * n, n as u64).into_iter().map(|z: f64| 40.0 * z).collect();
            for z in z.chunks(n) {
                let a = applied("softmax", z);
                let sum: f64 = z.iter().map(|&z| libm::exp(z)).sum();
                for (z, a) in z.iter().zip(&a) {
                    let truth = libm::exp(*z) / sum;
                    assert_near(*a, truth, 100.0 * f64::EPSILON * truth);
                }
                assert_near(a.iter().sum(), 1.0, n as f64 * f64::EPSILON);
            }
        }
    }

    #[test]
    fn softmax_bears_large_logits_and_shows_nan() {
        assert_eq!(applied("softmax", &[1000.0f32, -1000.0, 1000.0]), [0.5, 0.0, 0.5]);
        for z in [[f32::NAN, 1.0, 1.0], [2.0, f32::NAN, 3.0]] {
            assert!(applied("softmax", &z).iter().all(|a| a.is_nan()));
        }
    }
}
