use super::sigmoid::exp_of_minus_abs;
use super::sloped::Sloped;
use crate::number::element::Element;
use crate::number::simd::Vector;

/// g(z) = z/2·(1 + tanh u) = z·σ(2u) with 2u = z·(c + d·z²), g′ = σ + z·σ·(1 − σ)·(c + 3d·z²). g falls below z ≈ −0.75
/// and rises above. Within (4 + 2·|2u|)·ε of itself, ε being 2^−23 or 2^−52: most of it is what 2u's rounding does to
/// e^−|2u|.
///
/// Source: Hendrycks & Gimpel 2016, their approximation of z·Φ(z).
pub struct GeluTanh;

/// 2·√(2/π), and that times 0.044715.
const C: f64 = 1.595_769_121_605_730_8;
const D: f64 = 0.071_354_816_272_600_24;

/// 2u is `z` times this, which is c + d·z² with d = `cubic`.
#[inline(always)]
fn factor<T: Element>(z: T::Vector, cubic: f64) -> T::Vector {
    let splat = |x| T::Vector::splat(T::from_f64(x));
    z.mul(z).mul(splat(cubic)).add(splat(C))
}

impl Sloped for GeluTanh {
    #[inline(always)]
    fn value_and_slope<T: Element>(z: T::Vector) -> [T::Vector; 2] {
        let splat = T::Vector::splat;
        let one = splat(T::one());
        let below = splat(T::zero()).greater(z);
        let z = z.max(splat(T::LOWEST)); // e^z is 0 here already, and so is g
        let near = z.min(splat(T::zero() - T::LOWEST));
        let e = exp_of_minus_abs::<T>(near.mul(factor::<T>(near, D)));
        let [numerator, part] = [e.or_where(below, one), one.div(one.add(e))];
        let rise = e.mul(part).mul(part); // σ(1 − σ)
        let bend = near.mul(rise).mul(factor::<T>(near, 3.0 * D));
        [z.mul(numerator.div(one.add(e))), numerator.mul(part).add(bend)]
    }
}

#[cfg(test)]
mod tests {
    use super::{C, D};
    use crate::activations::testing::{applied, slope};
    use crate::number::element::Element;
    use crate::testing::{assert_near, epsilon};

    fn gelu_tanh_is_near_the_truth<T: Element>() {
        for i in -9000..=9000 {
            let z = T::from_f64(f64::from(i) / 1000.0);
            let (a, da) = (applied("gelu_tanh", &[z])[0].to_f64(), slope("gelu_tanh", z).to_f64());
            let z = z.to_f64();
            let twice_u = z * (C + D * z * z);
            let s = 1.0 / (1.0 + libm::exp(-twice_u));
            let bend = z * s / (1.0 + libm::exp(twice_u)) * (C + 3.0 * D * z * z);
            let bound = (4.0 + 2.0 * twice_u.abs()) * (epsilon::<T>() + f64::EPSILON);
            assert_near(a, z * s, bound * (z * s).abs());
            assert_near(da, s + bend, bound * (s + bend.abs()));
        }
    }

    #[test]
    fn gelu_tanh_is_within_its_bound() {
        gelu_tanh_is_near_the_truth::<f32>();
        gelu_tanh_is_near_the_truth::<f64>();
    }

    #[test]
    fn the_ends_and_nan() {
        for (z, a, da) in [
            (-f32::INFINITY, 0.0, 0.0),
            (-1e30, 0.0, 0.0),
            (0.0, 0.0, 0.5),
            (1e30, 1e30, 1.0),
            (f32::INFINITY, f32::INFINITY, 1.0),
        ] {
            assert_eq!((applied("gelu_tanh", &[z])[0], slope("gelu_tanh", z)), (a, da));
        }
        assert!(
            applied("gelu_tanh", &[f32::NAN])[0].is_nan() && slope("gelu_tanh", f32::NAN).is_nan()
        );
    }
}
