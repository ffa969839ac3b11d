use super::activation::Activation;
use crate::number::element::Element;
use crate::number::exp::exp_nonpositive;
use crate::number::simd::Vector;
use crate::sweep::sweep;

/// g(z) = σ(z) = 1/(1 + e^−z), g′ = a(1 − a). With exp of −|z| only: exactly 1 from z ≈ 16.64 (f32) and 36.74 (f64).
pub struct Sigmoid;

impl<T: Element> Activation<T> for Sigmoid {
    fn apply(&self, z: &mut [T]) {
        sigmoid(z);
    }

    fn backward(&self, dz: &mut [T], seen: &[T], keep: T) {
        let (one, keep) = (T::Vector::splat(T::one()), T::Vector::splat(keep));
        sweep([dz], [seen], |[da], [seen]| {
            let a = seen.mul(keep);
            [da.mul(a.mul(one.sub(a)))]
        });
    }
}

/// z ← σ(z). Of slices, not of vectors, and compiled once, since exp is large.
#[inline(never)]
fn sigmoid<T: Element>(z: &mut [T]) {
    sweep([z], [], |[z], []| [sigmoid_from_exp::<T>(z, exp_of_minus_abs::<T>(z))]);
}

/// e^−|z|, which sigmoid and binary cross-entropy share.
#[inline(always)]
pub fn exp_of_minus_abs<T: Element>(z: T::Vector) -> T::Vector {
    let zero = T::Vector::splat(T::zero());
    exp_nonpositive::<T>(zero.sub(z.max(zero.sub(z))))
}

/// σ(z) given e = e^−|z|: e/(1 + e) for z < 0, else 1/(1 + e).
#[inline(always)]
pub fn sigmoid_from_exp<T: Element>(z: T::Vector, e: T::Vector) -> T::Vector {
    let one = T::Vector::splat(T::one());
    let negative = T::Vector::splat(T::zero()).greater(z);
    e.or_where(negative, one).div(one.add(e))
}

#[cfg(test)]
mod tests {
    use crate::activations::testing::applied;
    use crate::number::element::Element;
    use crate::testing::{assert_near, epsilon, numbers};

    fn sigmoid<T: Element>(z: f64) -> f64 {
        applied("sigmoid", &[T::from_f64(z)])[0].to_f64()
    }

    fn sigmoid_is_near_the_truth<T: Element>() {
        for i in -4000..=4000 {
            let z = T::from_f64(f64::from(i) / 50.0).to_f64();
            let e = libm::exp(-z.abs());
            let truth = if z < 0.0 { e / (1.0 + e) } else { 1.0 / (1.0 + e) };
            assert_near(sigmoid::<T>(z), truth, 2.5 * epsilon::<T>() * truth);
        }
    }

    #[test]
    fn sigmoid_is_within_a_few_ulp() {
        sigmoid_is_near_the_truth::<f32>();
        sigmoid_is_near_the_truth::<f64>();
    }

    #[test]
    fn sigmoid_reaches_1_exactly_and_0_gradually() {
        // 24·ln 2 and 53·ln 2: from there 1 + e^−z rounds to 1.
        assert!(sigmoid::<f32>(16.63) < 1.0 && sigmoid::<f32>(16.64) == 1.0);
        assert!(sigmoid::<f64>(36.73) < 1.0 && sigmoid::<f64>(36.74) == 1.0);
        assert!(sigmoid::<f32>(-100.0) > 0.0 && sigmoid::<f64>(-740.0) > 0.0);
        for z in [1000.0, f64::INFINITY] {
            assert_eq!((sigmoid::<f32>(z), sigmoid::<f32>(-z)), (1.0, 0.0));
            assert_eq!((sigmoid::<f64>(z), sigmoid::<f64>(-z)), (1.0, 0.0));
        }
        assert_eq!((sigmoid::<f32>(0.0), sigmoid::<f64>(-0.0)), (0.5, 0.5));
        assert!(sigmoid::<f32>(f64::NAN).is_nan() && sigmoid::<f64>(f64::NAN).is_nan());
    }

    #[test]
    fn sigmoid_is_symmetric() {
        for z in numbers::<f64>(1000, 1) {
            assert_near(sigmoid::<f64>(30.0 * z) + sigmoid::<f64>(-30.0 * z), 1.0, f64::EPSILON);
        }
    }
}
