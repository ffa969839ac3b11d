use super::sigmoid::exp_of_minus_abs;
use super::sloped::Sloped;
use crate::number::element::Element;
use crate::number::simd::Vector;

/// g(z) = z·tanh(log(1 + e^z)), g′ = t + z·σ·(1 − t²), t being the tanh. g falls below z ≈ −1.19 and rises
/// above. Within 6 ulp.
///
/// With w = e^z: t = (w² + 2w)/(w² + 2w + 2) and σ·(1 − t²) = 4w(1 + w)/(w² + 2w + 2)².
///
/// Source: Misra 2019.
pub struct Mish;

/// What t = n/d and σ·(1 − t²) = r/d² are made of, without a number that could overflow: where z ≥ 0, n and d are those
/// above over w².
struct Parts<V> {
    n: V,
    d: V,
    r: V,
}

#[inline(always)]
fn parts<T: Element>(z: T::Vector) -> Parts<T::Vector> {
    let splat = |x| T::Vector::splat(T::from_f64(x));
    let (one, two) = (splat(1.0), splat(2.0));
    let e = exp_of_minus_abs::<T>(z);
    let below = splat(0.0).greater(z);
    let scale = one.or_where(below, e);
    let n = e.mul(e.add(two)).or_where(below, one.add(two.mul(e)));
    let d = n.add(two.mul(scale.mul(scale)));
    Parts { n, d, r: splat(4.0).mul(e.mul(scale)).mul(one.add(e)) }
}

impl Sloped for Mish {
    #[inline(always)]
    fn value_and_slope<T: Element>(z: T::Vector) -> [T::Vector; 2] {
        let splat = T::Vector::splat;
        let Parts { n, d, r } = parts::<T>(z);
        let part = splat(T::one()).div(d);
        let z = z.max(splat(T::LOWEST)); // e^z is 0 here already, and so is g
        let bend = z.min(splat(T::zero() - T::LOWEST)).mul(r.mul(part));
        [z.mul(n.div(d)), n.add(bend).mul(part)]
    }
}

#[cfg(test)]
mod tests {
    use crate::activations::testing::{applied, slope};
    use crate::number::element::Element;
    use crate::testing::{assert_near, epsilon, ulp};

    fn mish_is_near_the_truth<T: Element>() {
        for i in -60_000..=40_000 {
            let z = T::from_f64(f64::from(i) / 1000.0);
            let (a, da) = (applied("mish", &[z])[0].to_f64(), slope("mish", z).to_f64());
            let z = z.to_f64();
            let t = libm::tanh(if z > 0.0 { z } else { 0.0 } + libm::log1p(libm::exp(-z.abs())));
            let doubt = 4.0 * f64::EPSILON;
            assert_near(a, z * t, 6.0 * ulp::<T>(z * t) + doubt * (z * t).abs());
            let sigma = if z < 0.0 { libm::exp(z) } else { 1.0 } / (1.0 + libm::exp(-z.abs()));
            let bend = z * sigma * (1.0 - t * t);
            // 1 − t² loses what t's rounding takes away.
            let bound = 6.0 * epsilon::<T>() * (t + bend.abs()) + doubt * (1.0 + z.abs()) * sigma;
            assert_near(da, t + bend, bound);
        }
    }

    #[test]
    fn mish_is_within_its_bound() {
        mish_is_near_the_truth::<f32>();
        mish_is_near_the_truth::<f64>();
    }

    #[test]
    fn the_ends_and_nan() {
        let (low, high) = (f32::NEG_INFINITY, f32::INFINITY);
        for (z, a, da) in [
            (low, 0.0, 0.0),
            (-1e30, 0.0, 0.0),
            (0.0, 0.0, 0.6),
            (1e30, 1e30, 1.0),
            (high, high, 1.0),
        ] {
            assert_eq!((applied("mish", &[z])[0], slope("mish", z)), (a, da));
        }
        assert!(applied("mish", &[f32::NAN])[0].is_nan() && slope("mish", f32::NAN).is_nan());
    }
}
