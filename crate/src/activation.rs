//! The activations g(z), their derivatives, and the two that end a network.

use crate::element::Element;
use crate::exp::exp_nonpositive;
use crate::simd::Vector;
use crate::sweep::sweep;
use ndarray::ArrayViewMut2;

/// The activation of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    Linear,
    Relu,
    Sigmoid,
    /// Over a whole row, so only as a network's output.
    Softmax,
}

impl Activation {
    /// The activation of a number that crossed from TypeScript. Panics on any other.
    pub fn from_code(code: u32) -> Self {
        match code {
            0 => Self::Linear,
            1 => Self::Relu,
            2 => Self::Sigmoid,
            3 => Self::Softmax,
            _ => panic!("activation: expected a code of 0 to 3"),
        }
    }
}

/// max(z, 0); NaN stays NaN.
#[inline(always)]
pub fn relu_forward<T: Element>(z: T::Vector) -> T::Vector {
    z.max(T::Vector::splat(T::zero()))
}

/// da where a > 0, else 0: relu′(0) = 0. `a` is the ReLU's own output.
#[inline(always)]
pub fn relu_backward<T: Element>(da: T::Vector, a: T::Vector) -> T::Vector {
    da.keep_where(a.greater(T::Vector::splat(T::zero())))
}

/// z ← σ(z) = 1/(1 + e^−z), with exp of −|z| only. Exactly 1 from z ≈ 16.64 (f32) and 36.74 (f64).
///
/// Of whole slices, not of vectors: compiled once, as exp is large.
#[inline(never)]
pub fn sigmoid_forward<T: Element>(z: &mut [T]) {
    sweep([z], [], |[z], []| [sigmoid_from_exp::<T>(z, exp_of_minus_abs::<T>(z))]);
}

/// da·a(1 − a). `a` is the sigmoid's own output.
#[inline(always)]
pub fn sigmoid_backward<T: Element>(da: T::Vector, a: T::Vector) -> T::Vector {
    da.mul(a.mul(T::Vector::splat(T::one()).sub(a)))
}

/// e^−|z|, which sigmoid and binary cross-entropy share.
#[inline(always)]
pub fn exp_of_minus_abs<T: Element>(z: T::Vector) -> T::Vector {
    let zero = T::Vector::splat(T::zero());
    exp_nonpositive::<T>(zero.sub(z.max(zero.sub(z))))
}

/// σ(z) given e = e^−|z|: e/(1 + e) for z < 0, else 1/(1 + e).
#[inline(always)]
pub fn sigmoid_from_exp<T: Element>(z: T::Vector, e: T::Vector) -> T::Vector {
    let one = T::Vector::splat(T::one());
    let negative = T::Vector::splat(T::zero()).greater(z);
    e.or_where(negative, one).div(one.add(e))
}

/// A ← g(A) in place, A: (rows, n). For softmax g works on whole rows.
pub fn output_activation<T: Element>(mut a: ArrayViewMut2<T>, activation: Activation) {
    for mut row in a.rows_mut() {
        let row = row.as_slice_mut().expect("rows are contiguous");
        match activation {
            Activation::Linear => {}
            Activation::Relu => sweep([row], [], |[z], []| [relu_forward::<T>(z)]),
            Activation::Sigmoid => sigmoid_forward(row),
            Activation::Softmax => softmax_row(row),
        }
    }
}

/// z ← e^z / Σ e^z, by way of z − max z.
fn softmax_row<T: Element>(z: &mut [T]) {
    let highest = largest(z);
    let sum = exp_of_differences(z, highest, 0.0);
    let sum = T::Vector::splat(T::from_f64(sum));
    sweep([z], [], |[e], []| [e.div(sum)]);
}

/// The largest of `z`, which is not empty. NaNs may be passed over.
pub fn largest<T: Element>(z: &[T]) -> T {
    z.iter().fold(z[0], |highest, &x| if highest < x { x } else { highest })
}

/// z ← e^(z − highest); returns `sum` plus all of these, added in f64 from first to last.
#[inline(never)]
pub fn exp_of_differences<T: Element>(z: &mut [T], highest: T, sum: f64) -> f64 {
    let highest = T::Vector::splat(highest);
    sweep([&mut *z], [], |[z], []| [exp_nonpositive::<T>(z.sub(highest))]);
    z.iter().fold(sum, |sum, e| sum + e.to_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{EDGES, assert_near, epsilon, numbers};

    fn applied<T: Element>(activation: Activation, z: &[T], rows: usize, n: usize) -> Vec<T> {
        let mut a = z.to_vec();
        let view = ArrayViewMut2::from_shape((rows, n), &mut a).expect("rows · n elements");
        output_activation(view, activation);
        a
    }

    #[test]
    fn relu_keeps_positive_numbers_and_nan() {
        let z = [-1.5, 0.0, 2.5, f32::NAN, f32::NEG_INFINITY, f32::INFINITY, -1e-45];
        let a = applied(Activation::Relu, &z, 1, 7);
        assert_eq!(a[..3], [0.0, 0.0, 2.5]);
        assert!(a[3].is_nan());
        assert_eq!(a[4..], [0.0, f32::INFINITY, 0.0]);
    }

    #[test]
    fn the_derivative_of_relu_is_0_at_0() {
        let (mut da, a) = ([1.0f32, 2.0, 3.0, 4.0], [0.0, -0.0, 1e-45, 5.0]);
        sweep([&mut da[..]], [&a[..]], |[da], [a]| [relu_backward::<f32>(da, a)]);
        assert_eq!(da, [0.0, 0.0, 3.0, 4.0]);
    }

    fn sigmoid<T: Element>(z: f64) -> f64 {
        applied(Activation::Sigmoid, &[T::from_f64(z)], 1, 1)[0].to_f64()
    }

    fn sigmoid_is_near_the_truth<T: Element>() {
        for i in -4000..=4000 {
            let z = T::from_f64(f64::from(i) / 50.0).to_f64();
            let e = libm::exp(-z.abs());
            let truth = if z < 0.0 { e / (1.0 + e) } else { 1.0 / (1.0 + e) };
            assert_near(sigmoid::<T>(z), truth, 2.5 * epsilon::<T>() * truth);
        }
    }

    #[test]
    fn sigmoid_is_within_a_few_ulp() {
        sigmoid_is_near_the_truth::<f32>();
        sigmoid_is_near_the_truth::<f64>();
    }

    #[test]
    fn sigmoid_reaches_1_exactly_and_0_gradually() {
        // 24·ln 2 and 53·ln 2: from there 1 + e^−z rounds to 1.
        assert!(sigmoid::<f32>(16.63) < 1.0 && sigmoid::<f32>(16.64) == 1.0);
        assert!(sigmoid::<f64>(36.73) < 1.0 && sigmoid::<f64>(36.74) == 1.0);
        assert!(sigmoid::<f32>(-100.0) > 0.0 && sigmoid::<f64>(-740.0) > 0.0);
        for z in [1000.0, f64::INFINITY] {
            assert_eq!((sigmoid::<f32>(z), sigmoid::<f32>(-z)), (1.0, 0.0));
            assert_eq!((sigmoid::<f64>(z), sigmoid::<f64>(-z)), (1.0, 0.0));
        }
        assert_eq!((sigmoid::<f32>(0.0), sigmoid::<f64>(-0.0)), (0.5, 0.5));
        assert!(sigmoid::<f32>(f64::NAN).is_nan() && sigmoid::<f64>(f64::NAN).is_nan());
    }

    #[test]
    fn sigmoid_is_symmetric() {
        for z in numbers::<f64>(1000, 1) {
            assert_near(sigmoid::<f64>(30.0 * z) + sigmoid::<f64>(-30.0 * z), 1.0, f64::EPSILON);
        }
    }

    #[test]
    fn softmax_rows_are_shares_of_one() {
        for n in EDGES.into_iter().skip(1).chain([257]) {
            let z: Vec<f64> = numbers(3 * n, n as u64).into_iter().map(|z: f64| 40.0 * z).collect();
            let a = applied(Activation::Softmax, &z, 3, n);
            for (z, a) in z.chunks(n).zip(a.chunks(n)) {
                let sum: f64 = z.iter().map(|&z| libm::exp(z)).sum();
                for (z, a) in z.iter().zip(a) {
                    let truth = libm::exp(*z) / sum;
                    assert_near(*a, truth, 100.0 * f64::EPSILON * truth);
                }
                assert_near(a.iter().sum(), 1.0, n as f64 * f64::EPSILON);
            }
        }
    }

    #[test]
    fn softmax_bears_large_logits_and_shows_nan() {
        assert_eq!(
            applied(Activation::Softmax, &[1000.0f32, -1000.0, 1000.0], 1, 3),
            [0.5, 0.0, 0.5]
        );
        let a = applied(Activation::Softmax, &[f32::NAN, 1.0, 1.0, 2.0, f32::NAN, 3.0], 2, 3);
        assert!(a.iter().all(|a| a.is_nan()));
    }

    #[test]
    #[should_panic(expected = "activation: expected a code of 0 to 3")]
    fn an_unknown_code_is_refused() {
        Activation::from_code(4);
    }
}
