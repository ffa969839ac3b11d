//! Scaling: each column of X by numbers that were fitted to a data set beforehand and are never trained.
//!
//! Computed in f64 whatever the network's type, since a column's centre may be many times its spread.

use super::norm::each_row;
use crate::activations::{Activation, Tanh};
use crate::number::element::Element;
use crate::number::normal_quantile::normal_quantile;

/// What the columns of X are scaled by, n of them.
pub struct Scaling<'a> {
    /// With a `count` of 0 a center for each column, and then a scale for each: X ← (X − center)/scale. Else `count`
    /// quantiles for each column, which ascend from the smallest number to the largest in equal steps of probability:
    /// X ← Φ⁻¹ of each number's place among them.
    pub numbers: &'a [f64],
    pub count: usize,
    /// Where it isn't 0: X ← c·tanh(X/c), of what comes of it.
    pub soft_clip: f64,
}

/// X ← scaled, by column. X: (rows, n).
pub fn scale<T: Element>(x: &mut [T], scaling: &Scaling, n: usize, threads: usize) {
    let Scaling { numbers, count, soft_clip } = *scaling;
    let clips = soft_clip != 0.0;
    each_row(threads, x, n, &|(_, row): (usize, &mut [T])| {
        for (j, x) in row.iter_mut().enumerate() {
            let raw = x.to_f64();
            let scaled = if count == 0 {
                (raw - numbers[j]) / numbers[n + j]
            } else {
                normal_of(&numbers[j * count..][..count], raw)
            };
            *x = T::from_f64(if clips { scaled / soft_clip } else { scaled });
        }
        if clips {
            Tanh.apply(row);
            row.iter_mut().for_each(|x| *x = *x * T::from_f64(soft_clip));
        }
    });
}

/// Φ⁻¹ is taken of places up to here from either end, where it is ±5.2.
const BOUND: f64 = EDGE - f64::EPSILON;

/// What is nearer than this to the smallest or largest number, or beyond, counts as there.
const EDGE: f64 = 1e-7;

/// Φ⁻¹ of x's place.
#[inline(never)] // the same for both number types
fn normal_of(quantiles: &[f64], x: f64) -> f64 {
    normal_quantile(place(quantiles, x).clamp(BOUND, 1.0 - BOUND))
}

/// The probability at which x stands among the quantiles, linear between two. Of several that are equal it is the
/// middle: the mean of what the first and the last of them say, as scikit-learn has it.
fn place(quantiles: &[f64], x: f64) -> f64 {
    let last = quantiles.len() - 1;
    if x - EDGE < quantiles[0] {
        return 0.0;
    }
    if x + EDGE > quantiles[last] {
        return 1.0;
    }
    let step = 1.0 / last as f64;
    let probability = |i: usize| match i {
        0 => 0.0,
        _ if i == last => 1.0,
        _ => i as f64 * step,
    };
    let first = quantiles.partition_point(|&quantile| quantile < x);
    if quantiles[first] == x {
        let next = quantiles.partition_point(|&quantile| quantile <= x);
        return 0.5 * (probability(next - 1) + probability(first));
    }
    let [low, high] = [quantiles[first - 1], quantiles[first]];
    let [from, to] = [probability(first - 1), probability(first)];
    let slope = (to - from) / (high - low);
    0.5 * ((slope * (x - low) + from) + (to - slope * (high - x)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{assert_near, epsilon};

    #[test]
    fn columns_are_centred_and_scaled() {
        fn check<T: Element>() {
            let mut x = [1e9, 2.0, 1e9 + 64.0, -2.0].map(T::from_f64);
            let numbers = &[1e9, 1.0, 64.0, 4.0];
            scale(&mut x, &Scaling { numbers, count: 0, soft_clip: 0.0 }, 2, 1);
            assert_eq!(x.map(T::to_f64), [0.0, 0.25, 1.0, -0.75]);
            let numbers = &[0.0, 0.0, 1.0, 1.0];
            scale(&mut x, &Scaling { numbers, count: 0, soft_clip: 0.5 }, 2, 1);
            for (x, z) in x.into_iter().zip([0.0f64, 0.25, 1.0, -0.75]) {
                assert_near(x.to_f64(), 0.5 * (z / 0.5).tanh(), 4.0 * epsilon::<T>());
            }
        }
        check::<f32>();
        check::<f64>();
    }

    #[test]
    fn a_number_s_place_is_linear_between_quantiles_and_the_middle_of_equal_ones() {
        let quantiles = [0.0, 1.0, 1.0, 1.0, 5.0];
        for (x, expected) in [(0.5, 0.125), (1.0, 0.5), (3.0, 0.875), (-1.0, 0.0), (9.0, 1.0)] {
            assert_near(place(&quantiles, x), expected, 1e-15);
        }
        assert_eq!(place(&quantiles, 0.5e-7), 0.0);
        assert_eq!(place(&quantiles, 5.0 - 0.5e-7), 1.0);
        assert_eq!(place(&[3.0], 3.0), 0.0);
        assert_eq!((place(&[3.0], 2.0), place(&[3.0], 4.0)), (0.0, 1.0));
        assert_eq!(place(&[1e30], 1e30), 0.0);
        let far = [-1e30, 0.0, 1e30];
        assert_eq!([-1e30, 1e30, 5e29].map(|x| place(&far, x)), [0.0, 1.0, 0.75]);
    }

    #[test]
    fn places_become_normal_quantiles_up_to_a_bound() {
        let mut x = [-1.0, 1.0, 1.5, 9.0];
        let numbers = &[0.0, 1.0, 2.0];
        scale(&mut x, &Scaling { numbers, count: 3, soft_clip: 0.0 }, 1, 1);
        let expected = [-5.199_337_582_605_575, 0.0, 0.674_489_750_196_081_7, 5.199_337_582_702_5];
        for (x, expected) in x.into_iter().zip(expected) {
            assert_near(x, expected, 1e-9);
        }
    }
}
