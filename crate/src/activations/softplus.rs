use super::activation::Activation;
use super::sigmoid::exp_of_minus_abs;
use crate::number::element::Element;
use crate::number::expm1::expm1_nonpositive;
use crate::number::log1p::log1p_of_fraction;
use crate::number::simd::Vector;
use crate::sweep::sweep;

/// g(z) = log(1 + e^z) = max(z, 0) + log(1 + e^−|z|), g′ = σ(z) = 1 − e^−a. Within 3 ulp.
///
/// Source: Dugas, Bengio, Bélisle, Nadeau & Garcia 2000.
pub struct Softplus;

impl<T: Element> Activation<T> for Softplus {
    #[inline(never)] // once, since exp is large
    fn apply(&self, z: &mut [T]) {
        let zero = T::Vector::splat(T::zero());
        sweep([z], [], |[z], []| {
            [z.max(zero).add(log1p_of_fraction::<T>(exp_of_minus_abs::<T>(z)))]
        });
    }

    fn backward(&self, dz: &mut [T], seen: &[T], keep: T) {
        let (zero, keep) = (T::Vector::splat(T::zero()), T::Vector::splat(keep));
        sweep([dz], [seen], |[da], [seen]| {
            [da.mul(zero.sub(expm1_nonpositive::<T>(zero.sub(seen.mul(keep)))))]
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::activations::testing::{applied, named};
    use crate::number::element::Element;
    use crate::testing::{assert_near, epsilon, ulp};

    /// g′ where the output is a.
    fn slope<T: Element>(a: T) -> T {
        let mut da = [T::one()];
        named("softplus", 0.0).backward(&mut da, &[a], T::one());
        da[0]
    }

    fn softplus_is_near_the_truth<T: Element>() {
        for i in -80_000..=40_000 {
            let z = T::from_f64(f64::from(i) / 1000.0);
            let a = applied("softplus", &[z])[0];
            let z = z.to_f64();
            let truth = if z > 0.0 { z } else { 0.0 } + libm::log1p(libm::exp(-z.abs()));
            let doubt = 2.0 * f64::EPSILON * truth;
            assert_near(a.to_f64(), truth, 3.0 * ulp::<T>(truth) + doubt);
            let sigma = if z < 0.0 { libm::exp(z) } else { 1.0 } / (1.0 + libm::exp(-z.abs()));
            assert_near(slope(a).to_f64(), sigma, 6.0 * epsilon::<T>() * sigma);
        }
    }

    #[test]
    fn softplus_is_within_its_bound() {
        softplus_is_near_the_truth::<f32>();
        softplus_is_near_the_truth::<f64>();
    }

    #[test]
    fn the_ends_and_nan() {
        let (low, high) = (f32::NEG_INFINITY, f32::INFINITY);
        for (z, a, da) in [(low, 0.0, 0.0), (-1e30, 0.0, 0.0), (1e30, 1e30, 1.0), (high, high, 1.0)]
        {
            let got = applied("softplus", &[z])[0];
            assert_eq!((got, slope(got)), (a, da));
        }
        assert_eq!(applied("softplus", &[0.0f64]), [std::f64::consts::LN_2]);
        assert!(applied("softplus", &[f32::NAN])[0].is_nan());
        assert!(slope(f32::NAN).is_nan());
    }
}
