use super::activation::Activation;
use crate::number::element::Element;
use crate::number::expm1::expm1_nonpositive;
use crate::number::simd::Vector;
use crate::sweep::sweep;

/// g(z) = z where z > 0, else α·(e^z − 1), from which g′ = a + α; g′(0) = α.
///
/// Source: Clevert, Unterthiner & Hochreiter 2016.
pub struct Elu<T> {
    pub alpha: T,
}

impl<T: Element> Activation<T> for Elu<T> {
    fn apply(&self, z: &mut [T]) {
        let alpha = T::Vector::splat(self.alpha);
        sweep([z], [], |[z], []| [exponential_below::<T>(z, alpha)]);
    }

    fn backward(&self, dz: &mut [T], seen: &[T], keep: T) {
        let alpha = T::Vector::splat(self.alpha);
        let (zero, keep) = (T::Vector::splat(T::zero()), T::Vector::splat(keep));
        sweep([dz], [seen], |[da], [seen]| {
            let a = seen.mul(keep);
            [da.or_where(a.greater(zero), da.mul(a.add(alpha)))]
        });
    }
}

/// z where z > 0, else α·(e^z − 1). NaN stays NaN.
#[inline(always)]
pub fn exponential_below<T: Element>(z: T::Vector, alpha: T::Vector) -> T::Vector {
    let zero = T::Vector::splat(T::zero());
    let below = zero.sub(zero.sub(z).max(zero));
    z.or_where(z.greater(zero), alpha.mul(expm1_nonpositive::<T>(below)))
}

#[cfg(test)]
mod tests {
    use crate::activations::testing::named;
    use crate::number::element::Element;
    use crate::testing::{assert_near, epsilon};

    fn elu_is_near_the_truth<T: Element>() {
        let elu = named::<T>("elu", 1.0);
        for i in -40_000..=1000 {
            let z = T::from_f64(f64::from(i) / 1000.0).to_f64();
            let mut a = [T::from_f64(z)];
            elu.apply(&mut a);
            let truth = if z > 0.0 { z } else { libm::expm1(z) };
            assert_near(a[0].to_f64(), truth, 2.5 * epsilon::<T>() * truth.abs());
        }
    }

    #[test]
    fn elu_is_within_its_bound() {
        elu_is_near_the_truth::<f32>();
        elu_is_near_the_truth::<f64>();
    }

    #[test]
    fn the_ends_and_nan() {
        let elu = named::<f32>("elu", 0.5);
        let mut z = [f32::NEG_INFINITY, -1e30, -0.0, f32::INFINITY, f32::NAN];
        elu.apply(&mut z);
        assert_eq!(z[..4], [-0.5, -0.5, 0.0, f32::INFINITY]);
        assert!(z[4].is_nan());
    }
}
