//! exp(x) − 1 of non-positive numbers, a vector at a time, right in its last digits near 0 too.

use super::element::Element;
use super::exp::reduced;
use super::simd::Vector;

/// From here down e^x is far less than half of the last place of 1, and 2ⁿ is normal.
const LOWEST: f64 = -64.0;

/// e^x − 1 for x ≤ 0, each lane by itself: 2ⁿ·(eʳ − 1) + (2ⁿ − 1), where x = n·ln 2 + r. NaN stays NaN.
/// Positive x is outside the contract.
#[inline(always)]
pub fn expm1_nonpositive<T: Element>(x: T::Vector) -> T::Vector {
    let splat = T::Vector::splat;
    let (n, fraction) = reduced::<T>(x.max(splat(T::from_f64(LOWEST))), splat(T::zero()));
    let power = n.exp2_of_integer();
    power.mul(fraction).add(power.sub(splat(T::one())))
}
