use super::activation::{Activation, with_bias};
use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::sweep::sweep;

/// g(z) = z where z > 0, else slope·z; g′(0) = slope.
pub struct LeakyRelu<T> {
    pub slope: T,
}

#[inline(always)]
fn leaky_relu<T: Element>(z: T::Vector, slope: T::Vector) -> T::Vector {
    z.or_where(z.greater(T::Vector::splat(T::zero())), slope.mul(z))
}

impl<T: Element> Activation<T> for LeakyRelu<T> {
    fn apply(&self, z: &mut [T]) {
        let slope = T::Vector::splat(self.slope);
        sweep([z], [], |[z], []| [leaky_relu::<T>(z, slope)]);
    }

    fn forward(&self, z: &mut [T], b: &[T]) {
        let slope = T::Vector::splat(self.slope);
        with_bias(z, b, |z| leaky_relu::<T>(z, slope));
    }

    /// By a's sign, which is z's (a slope of 0 gives 0 for what isn't positive, and its g′ is 0 too).
    fn backward(&self, dz: &mut [T], seen: &[T], _keep: T) {
        let (zero, slope) = (T::Vector::splat(T::zero()), T::Vector::splat(self.slope));
        sweep([dz], [seen], |[da], [a]| [da.or_where(a.greater(zero), slope.mul(da))]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_positive_is_scaled_and_nan_stays() {
        let leaky = LeakyRelu { slope: 0.25f32 };
        let mut z = [2.0, 0.0, -2.0, f32::NAN, f32::NEG_INFINITY];
        leaky.apply(&mut z);
        assert_eq!(z[..3], [2.0, 0.0, -0.5]);
        assert!(z[3].is_nan() && z[4] == f32::NEG_INFINITY);
        let mut da = [1.0; 3];
        leaky.backward(&mut da, &z[..3], 1.0);
        assert_eq!(da, [1.0, 0.25, 0.25]);
    }
}
