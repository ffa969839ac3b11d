use super::sloped::Sloped;
use crate::number::element::Element;
use crate::number::erfc::normal_tail;
use crate::number::simd::Vector;

/// g(z) = z·Φ(z) = z/2·(1 + erf(z/√2)), g′ = Φ + z·φ, φ the normal density. g falls below z ≈ −0.75 and rises above.
/// Within 10 ulp, far below 0 too.
///
/// Source: Hendrycks & Gimpel 2016.
pub struct Gelu;

/// 1/√(2π).
const DENSITY_AT_0: f64 = 0.398_942_280_401_432_7;

impl Sloped for Gelu {
    #[inline(always)]
    fn value_and_slope<T: Element>(z: T::Vector) -> [T::Vector; 2] {
        let splat = T::Vector::splat;
        let [x, e, r] = normal_tail::<T>(z);
        let of_minus_x = [e.mul(r), e.mul(r.sub(x.mul(splat(T::from_f64(DENSITY_AT_0)))))];
        // Φ(x) + Φ(−x) = 1, and so is the sum of the two slopes.
        let below = splat(T::zero()).greater(z);
        let [cdf, slope] = of_minus_x.map(|y| y.or_where(below, splat(T::one()).sub(y)));
        [z.max(splat(T::zero() - T::FARTHEST)).mul(cdf), slope]
    }
}

#[cfg(test)]
mod tests {
    use crate::activations::testing::{applied, slope};
    use crate::number::element::Element;
    use crate::testing::{assert_near, epsilon, ulp};

    fn gelu_is_near_the_truth<T: Element>() {
        for i in -13_000..=13_000 {
            let z = T::from_f64(f64::from(i) / 1000.0);
            let (a, da) = (applied("gelu", &[z])[0].to_f64(), slope("gelu", z).to_f64());
            let z = z.to_f64();
            let cdf = 0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2);
            let density = super::DENSITY_AT_0 * libm::exp(-0.5 * z * z);
            // Down here the truth itself is some z² ulp of f64 off.
            let doubt = (2.0 + z * z) * f64::EPSILON;
            let truth = z * cdf;
            assert_near(a, truth, 10.0 * ulp::<T>(truth) + doubt * truth.abs());
            let terms = cdf + z.abs() * density;
            assert_near(da, cdf + z * density, (4.0 * epsilon::<T>() + doubt) * terms);
        }
    }

    #[test]
    fn gelu_is_within_its_bound() {
        gelu_is_near_the_truth::<f32>();
        gelu_is_near_the_truth::<f64>();
    }

    #[test]
    fn the_ends_and_nan() {
        // −5·Φ(−5) and g′(−5) by mpmath.
        assert_near(applied("gelu", &[-5.0f64])[0], -1.433_257_859_395_969_6e-6, 1e-21);
        assert_near(slope("gelu", -5.0f64), -7.146_946_001_792_295e-6, 1e-20);
        for (z, a, da) in
            [(-1e30, 0.0, 0.0), (-f32::INFINITY, 0.0, 0.0), (0.0, 0.0, 0.5), (1e30, 1e30, 1.0)]
        {
            assert_eq!((applied("gelu", &[z])[0], slope("gelu", z)), (a, da));
        }
        assert_eq!(
            (applied("gelu", &[f32::INFINITY])[0], slope("gelu", f32::INFINITY)),
            (f32::INFINITY, 1.0)
        );
        assert!(applied("gelu", &[f32::NAN])[0].is_nan() && slope("gelu", f32::NAN).is_nan());
    }
}
