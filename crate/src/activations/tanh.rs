use super::activation::Activation;
use crate::number::element::Element;
use crate::number::expm1::expm1_nonpositive;
use crate::number::simd::Vector;
use crate::sweep::sweep;

/// g(z) = tanh(z), g′ = 1 − a². Within 2.5 ulp in f32 and f64.
pub struct Tanh;

impl<T: Element> Activation<T> for Tanh {
    #[inline(never)] // once, since exp is large
    fn apply(&self, z: &mut [T]) {
        sweep([z], [], |[z], []| [tanh::<T>(z)]);
    }

    fn backward(&self, dz: &mut [T], seen: &[T], keep: T) {
        let (one, keep) = (T::Vector::splat(T::one()), T::Vector::splat(keep));
        sweep([dz], [seen], |[da], [seen]| {
            let a = seen.mul(keep);
            [da.mul(one.sub(a.mul(a)))]
        });
    }
}

/// −t/(2 + t) with t = e^(−2|z|) − 1, and z's sign.
#[inline(always)]
pub fn tanh<T: Element>(z: T::Vector) -> T::Vector {
    let (zero, two) = (T::Vector::splat(T::zero()), T::Vector::splat(T::from_f64(2.0)));
    let negative = zero.greater(z);
    let magnitude = zero.sub(z).or_where(negative, z);
    let t = expm1_nonpositive::<T>(zero.sub(two.mul(magnitude)));
    let a = zero.sub(t).div(two.add(t));
    zero.sub(a).or_where(negative, a)
}

#[cfg(test)]
mod tests {
    use crate::activations::testing::applied;
    use crate::number::element::Element;
    use crate::testing::{assert_near, epsilon};

    fn tanh<T: Element>(z: f64) -> f64 {
        applied("tanh", &[T::from_f64(z)])[0].to_f64()
    }

    fn tanh_is_near_the_truth<T: Element>() {
        for i in 1..400_000 {
            // From 1e-30 to 30, evenly in their logarithms; libm's is below 1 ulp off in f64.
            let z = T::from_f64(libm::exp(f64::from(i) / 400_000.0 * 72.5 - 69.0)).to_f64();
            let truth = libm::tanh(z);
            assert_near(tanh::<T>(z), truth, 2.5 * epsilon::<T>() * truth);
            assert_eq!(tanh::<T>(-z), -tanh::<T>(z));
        }
    }

    #[test]
    fn tanh_is_within_its_bound() {
        tanh_is_near_the_truth::<f32>();
        tanh_is_near_the_truth::<f64>();
    }

    #[test]
    fn the_ends_and_nan() {
        for z in [20.0, 1e30, f64::INFINITY] {
            assert_eq!((tanh::<f32>(z), tanh::<f64>(-z)), (1.0, -1.0));
        }
        assert_eq!((tanh::<f32>(0.0), tanh::<f64>(-0.0)), (0.0, 0.0));
        assert_eq!(tanh::<f64>(1e-300), 1e-300);
        assert!(tanh::<f32>(f64::NAN).is_nan() && tanh::<f64>(f64::NAN).is_nan());
    }
}
