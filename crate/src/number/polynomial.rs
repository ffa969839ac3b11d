//! Polynomials, a vector of arguments at a time.

use super::element::Element;
use super::simd::Vector;

/// Σ cₖ·xᵏ by Horner's rule, lowest power first. Panics where there are no coefficients.
#[inline(always)]
pub fn polynomial<T: Element>(coefficients: &[T], x: T::Vector) -> T::Vector {
    let splat = T::Vector::splat;
    let (&highest, lower) = coefficients.split_last().expect("a polynomial has coefficients");
    lower.iter().rev().fold(splat(highest), |sum, &c| sum.mul(x).add(splat(c)))
}
