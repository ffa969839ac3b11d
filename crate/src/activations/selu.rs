use super::activation::Activation;
use super::elu::exponential_below;
use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::sweep::sweep;

/// With these a layer's outputs keep mean 0 and variance 1, where its inputs have them and its weights variance 1/n_in.
const SCALE: f64 = 1.050_700_987_355_480_5;
const ALPHA: f64 = 1.673_263_242_354_377_2;

/// g(z) = λ·z where z > 0, else λ·α·(e^z − 1), from which g′ = a + λ·α; g′(0) = λ·α.
///
/// Source: Klambauer, Unterthiner, Mayr & Hochreiter 2017.
pub struct Selu;

impl<T: Element> Activation<T> for Selu {
    fn apply(&self, z: &mut [T]) {
        let (scale, alpha) = (splat::<T>(SCALE), splat::<T>(ALPHA));
        sweep([z], [], |[z], []| [scale.mul(exponential_below::<T>(z, alpha))]);
    }

    fn backward(&self, dz: &mut [T], seen: &[T], keep: T) {
        let (scale, floor) = (splat::<T>(SCALE), splat::<T>(SCALE * ALPHA));
        let (zero, keep) = (T::Vector::splat(T::zero()), T::Vector::splat(keep));
        sweep([dz], [seen], |[da], [seen]| {
            let a = seen.mul(keep);
            [da.mul(scale.or_where(a.greater(zero), a.add(floor)))]
        });
    }
}

fn splat<T: Element>(x: f64) -> T::Vector {
    T::Vector::splat(T::from_f64(x))
}

#[cfg(test)]
mod tests {
    use super::{ALPHA, SCALE};
    use crate::activations::testing::applied;
    use crate::number::element::Element;
    use crate::testing::{assert_near, epsilon};

    fn selu_is_near_the_truth<T: Element>() {
        for i in -40_000..=1000 {
            let z = T::from_f64(f64::from(i) / 1000.0);
            let a = applied("selu", &[z])[0].to_f64();
            let z = z.to_f64();
            let truth = SCALE * if z > 0.0 { z } else { ALPHA * libm::expm1(z) };
            assert_near(a, truth, 4.0 * epsilon::<T>() * truth.abs());
        }
    }

    #[test]
    fn selu_is_within_its_bound() {
        selu_is_near_the_truth::<f32>();
        selu_is_near_the_truth::<f64>();
    }

    #[test]
    fn the_ends_and_nan() {
        let [low, high, nan] =
            [f64::NEG_INFINITY, f64::INFINITY, f64::NAN].map(|z| applied("selu", &[z])[0]);
        assert_near(low, -SCALE * ALPHA, 1e-15);
        assert!(high == f64::INFINITY && nan.is_nan());
    }
}
