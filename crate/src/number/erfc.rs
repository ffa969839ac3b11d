//! The normal distribution's tail Φ(−x) = ½·erfc(x/√2), a vector at a time, right in its last digits however small.
//!
//! Φ(−x) = e^(−x²/2)·R(x), in which R falls slowly: from 1/2 at 0 to 1/(√(2π)·x) far away. A quotient of polynomials
//! gives it, all of whose coefficients are positive, so that nothing cancels. x² is taken in two parts, one of them
//! exact: rounded once, it would cost e^(−x²/2) a digit or two (Cody 1969).

use super::element::Element;
use super::exp::exp_of_difference;
use super::polynomial::polynomial;
use super::simd::Vector;

/// x = |z|, at most FARTHEST, e^(−x²/2), and R(x), each lane by itself: the last two's product is Φ(−x), and e^(−x²/2)
/// over √(2π) the density φ(x). NaN stays NaN.
///
/// Error of Φ(−x) against the true value, down to the smallest normal number: below 9 ulp in f32 and 11 ulp in f64
/// (of itself 4·2^−23 and 6·2^−52).
#[inline(always)]
pub fn normal_tail<T: Element>(z: T::Vector) -> [T::Vector; 3] {
    let splat = T::Vector::splat;
    let x = z.max(splat(T::zero()).sub(z)).min(splat(T::FARTHEST));
    let high = x.add(splat(T::SPLITTER)).sub(splat(T::SPLITTER));
    let half = T::from_f64(0.5);
    let less = x.sub(high).mul(x.add(high)).mul(splat(half));
    let e = exp_of_difference::<T>(high.mul(high.mul(splat(T::zero() - half))), less);
    [x, e, polynomial::<T>(T::NUMERATOR, x).div(polynomial::<T>(T::DENOMINATOR, x))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::simd::MAX_LANES;
    use crate::testing::{assert_near, digest, numbers, ulp};

    fn tail<T: Element>(z: T) -> T {
        let [_, e, r] = normal_tail::<T>(T::Vector::splat(z));
        let mut lanes = [T::zero(); MAX_LANES];
        e.mul(r).store(&mut lanes);
        lanes[0]
    }

    /// x and Φ(−x) as a sum of two numbers: erfc/make.py.
    fn truths() -> impl Iterator<Item = [f64; 3]> {
        include_str!("erfc/values.txt").lines().map(|line| {
            let mut numbers = line.split(' ').map(|number| number.parse().expect("a number"));
            std::array::from_fn(|_| numbers.next().expect("three numbers"))
        })
    }

    #[test]
    fn f64_is_within_its_bound() {
        assert_eq!(truths().count(), 400);
        for [x, high, low] in truths() {
            for z in [x, -x] {
                let error = (tail(z) - high - low).abs() / ulp::<f64>(high);
                assert!(error < 11.0, "Φ(−{x:?}) is {error} ulp off");
            }
        }
    }

    #[test]
    fn f32_is_within_its_bound_over_the_whole_range() {
        // Of the floats up to 13, where Φ(−x) leaves the normal range, every 511th; then the smallest. f64's is the truth.
        let normal = (2f32.powi(-20).to_bits()..13f32.to_bits()).step_by(511);
        for bits in normal.chain((0..2f32.powi(-20).to_bits()).step_by(65_537)) {
            let x = f32::from_bits(bits);
            let truth = tail(f64::from(x));
            let error = (f64::from(tail(x)) - truth).abs() / ulp::<f32>(truth);
            assert!(error < 9.0, "Φ(−{x:?}) is {error} ulp off");
        }
    }

    /// Of the tails of 1000 numbers.
    fn digest_of_tails<T: Element>() -> u64 {
        let z: Vec<T> = numbers(1000, 3);
        let scale = T::from_f64(20.0);
        digest(&z.into_iter().map(|z| tail(scale * z)).collect::<Vec<T>>())
    }

    #[test]
    fn the_bits_are_the_same_whatever_the_lanes() {
        assert_eq!(digest_of_tails::<f32>(), 13_855_184_939_213_350_711);
        assert_eq!(digest_of_tails::<f64>(), 10_688_676_846_510_314_531);
    }

    #[test]
    fn erf_reaches_1_and_the_tail_0_gradually() {
        let erf = |x: f64| 1.0 - 2.0 * tail(x * std::f64::consts::SQRT_2);
        for i in 0..=700 {
            let x = f64::from(i) / 100.0;
            assert_near(erf(x), libm::erf(x), 3.0 * f64::EPSILON);
        }
        assert!(tail(14.0f32) > 0.0 && tail(14.0f32) < f32::MIN_POSITIVE);
        assert!(tail(38.0f64) > 0.0 && tail(38.0f64) < f64::MIN_POSITIVE);
        for z in [39.0, 1e30, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!((tail(z as f32), tail(z)), (0.0, 0.0));
        }
        assert_eq!((tail(0.0f32), tail(-0.0f64)), (0.5, 0.5));
        assert!(tail(f32::NAN).is_nan() && tail(f64::NAN).is_nan());
    }
}
