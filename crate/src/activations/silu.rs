use super::sigmoid::{exp_of_minus_abs, sigmoid_from_exp};
use super::sloped::Sloped;
use crate::number::element::Element;
use crate::number::simd::Vector;

/// g(z) = z·σ(z), g′ = σ + z·σ·(1 − σ). g falls below z ≈ −1.28 and rises above.
///
/// Source: Elfwing, Uchibe & Doya 2018; Ramachandran, Zoph & Le 2017 (swish).
pub struct Silu;

impl Sloped for Silu {
    #[inline(always)]
    fn value_and_slope<T: Element>(z: T::Vector) -> [T::Vector; 2] {
        let splat = T::Vector::splat;
        let s = sigmoid_from_exp::<T>(z, exp_of_minus_abs::<T>(z));
        let z = z.max(splat(T::LOWEST)); // e^z is 0 here already, and so is g
        let bend = z.min(splat(T::zero() - T::LOWEST)).mul(s.mul(splat(T::one()).sub(s)));
        [z.mul(s), s.add(bend)]
    }
}

#[cfg(test)]
mod tests {
    use crate::activations::testing::{applied, slope};
    use crate::number::element::Element;
    use crate::testing::{assert_near, epsilon};

    fn silu_is_near_the_truth<T: Element>() {
        for i in -4000..=4000 {
            let z = T::from_f64(f64::from(i) / 50.0);
            let a = applied("silu", &[z])[0].to_f64();
            let (z, e) = (z.to_f64(), libm::exp(-z.to_f64().abs()));
            let truth = z * if z < 0.0 { e / (1.0 + e) } else { 1.0 / (1.0 + e) };
            assert_near(a, truth, 3.5 * epsilon::<T>() * truth.abs());
        }
    }

    #[test]
    fn silu_is_within_its_bound() {
        silu_is_near_the_truth::<f32>();
        silu_is_near_the_truth::<f64>();
    }

    #[test]
    fn far_from_0_it_is_0_or_z_and_nan_stays() {
        assert_eq!(applied("silu", &[-1000.0f32, 1000.0, 0.0]), [0.0, 1000.0, 0.0]);
        let (low, high) = (f32::NEG_INFINITY, f32::INFINITY);
        assert_eq!(applied("silu", &[low, high]), [0.0, high]);
        let slopes = [low, -1e30, 1e30, high].map(|z| slope("silu", z));
        assert_eq!(slopes, [0.0, 0.0, 1.0, 1.0]);
        assert!(applied("silu", &[f32::NAN])[0].is_nan() && slope("silu", f32::NAN).is_nan());
    }
}
