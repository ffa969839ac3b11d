//! Half a cosine from one number to another, the same everywhere.

use std::f64::consts::FRAC_PI_2;

/// a + (b − a)·(1 − cos(π·done/length))/2 for 0 ≤ done ≤ length, two whole numbers, and a, b ≥ 0: exactly a at the start and
/// b at the end.
///
/// Error against the true value: below 8 ulp, also where it is near 0.
pub fn between(a: f64, b: f64, done: f64, length: f64) -> f64 {
    a * cosine_squared(done, length) + b * cosine_squared(length - done, length)
}

/// cos²(π/2·done/length) = (1 + cos(π·done/length))/2. Near its zero it is computed from what is left, which is exact.
fn cosine_squared(done: f64, length: f64) -> f64 {
    let root = if 2.0 * done <= length {
        cosine(done / length * FRAC_PI_2)
    } else {
        sine((length - done) / length * FRAC_PI_2)
    };
    root * root
}

/// Σ (−1)ᵏ·x²ᵏ/(2k)! for |x| ≤ π/4, where the first term that is left out is below 2^−58.
fn cosine(x: f64) -> f64 {
    series(
        x * x,
        &[16.0 * 15.0, 14.0 * 13.0, 12.0 * 11.0, 10.0 * 9.0, 8.0 * 7.0, 6.0 * 5.0, 4.0 * 3.0, 2.0],
    )
}

/// Σ (−1)ᵏ·x²ᵏ⁺¹/(2k + 1)! likewise.
fn sine(x: f64) -> f64 {
    x * series(
        x * x,
        &[
            17.0 * 16.0,
            15.0 * 14.0,
            13.0 * 12.0,
            11.0 * 10.0,
            9.0 * 8.0,
            7.0 * 6.0,
            5.0 * 4.0,
            3.0 * 2.0,
        ],
    )
}

/// 1 − z/d₁·(1 − z/d₂·(1 − …)), the divisors from the last on.
fn series(z: f64, divisors: &[f64]) -> f64 {
    divisors.iter().fold(1.0, |sum, divisor| 1.0 - z / divisor * sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::assert_near;

    /// (1 + cos(π·done/length))/2 by libm, from whichever end is nearer.
    fn expected(done: f64, length: f64) -> f64 {
        let root = if 2.0 * done <= length {
            libm::cos(done * FRAC_PI_2 / length)
        } else {
            libm::sin((length - done) * FRAC_PI_2 / length)
        };
        root * root
    }

    #[test]
    fn it_is_within_its_bound() {
        for length in [1.0, 2.0, 3.0, 7.0, 10.0, 999.0, 65_536.0, 1e9 + 7.0] {
            for i in 0..2000 {
                let done = (length * f64::from(i) / 1999.0).round();
                for done in [done, done.min(2000.0), length - done.min(2000.0)] {
                    if !(0.0..=length).contains(&done) {
                        continue;
                    }
                    let (down, up) = (expected(done, length), expected(length - done, length));
                    assert_near(between(1.0, 0.0, done, length), down, 8.0 * f64::EPSILON * down);
                    let rate = 0.1 * down + 3.0 * up;
                    assert_near(between(0.1, 3.0, done, length), rate, 8.0 * f64::EPSILON * rate);
                }
            }
        }
    }

    #[test]
    fn the_ends_and_the_middle_are_exact() {
        for length in 1..200 {
            let length = f64::from(length);
            assert_eq!(between(0.1, 0.7, 0.0, length), 0.1);
            assert_eq!(between(0.1, 0.7, length, length), 0.7);
            assert_near(between(0.25, 0.75, length, 2.0 * length), 0.5, f64::EPSILON);
        }
    }
}
