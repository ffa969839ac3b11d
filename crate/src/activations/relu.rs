use super::activation::{Activation, with_bias};
use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::sweep::sweep;

/// g(z) = max(z, 0), g′(0) = 0. NaN stays NaN.
pub struct Relu;

#[inline(always)]
fn relu<T: Element>(z: T::Vector) -> T::Vector {
    z.max(T::Vector::splat(T::zero()))
}

impl<T: Element> Activation<T> for Relu {
    fn apply(&self, z: &mut [T]) {
        sweep([z], [], |[z], []| [relu::<T>(z)]);
    }

    fn forward(&self, z: &mut [T], b: &[T]) {
        with_bias(z, b, relu::<T>);
    }

    fn backward(&self, dz: &mut [T], seen: &[T], _keep: T) {
        let zero = T::Vector::splat(T::zero());
        sweep([dz], [seen], |[da], [a]| [da.keep_where(a.greater(zero))]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activations::testing::applied;

    #[test]
    fn relu_keeps_positive_numbers_and_nan() {
        let z = [-1.5, 0.0, 2.5, f32::NAN, f32::NEG_INFINITY, f32::INFINITY, -1e-45];
        let a = applied("relu", &z);
        assert_eq!(a[..3], [0.0, 0.0, 2.5]);
        assert!(a[3].is_nan());
        assert_eq!(a[4..], [0.0, f32::INFINITY, 0.0]);
    }

    #[test]
    fn the_derivative_of_relu_is_0_at_0() {
        let (mut da, a) = ([1.0f32, 2.0, 3.0, 4.0], [0.0, -0.0, 1e-45, 5.0]);
        Relu.backward(&mut da, &a, 1.0);
        assert_eq!(da, [0.0, 0.0, 3.0, 4.0]);
    }
}
