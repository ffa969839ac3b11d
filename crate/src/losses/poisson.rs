use super::loss::{Loss, Targets};
use super::over_units::mean_over_units;
use crate::activations::exp_of_minus_abs;
use crate::facts::facts;
use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::sweep::sweep;
use ndarray::{ArrayView2, ArrayViewMut2};

facts! {
    /// ℓ = 1/n · Σ over units of e^z − y·z, z the logarithm of the rate at which counts y are expected, of linear units.
    /// The likelihood's −log without log y!, which doesn't depend on z.
    pub struct Poisson {}
}

impl<T: Element> Loss<T> for Poisson {
    fn sum(
        &self,
        dz: Option<ArrayViewMut2<T>>,
        z: ArrayView2<T>,
        targets: Targets<T>,
        m: usize,
    ) -> f64 {
        mean_over_units((dz, z, targets, m), |z, y| libm::exp(z) - y * z, |z, y| exp::<T>(z).sub(y))
    }
}

/// z ← e^z: of the logarithms of rates the rates.
pub fn rates<T: Element>(z: &mut [T]) {
    sweep([z], [], |[z], []| [exp::<T>(z)]);
}

/// e^z, of a positive z as 1/e^−z.
#[inline(always)]
fn exp<T: Element>(z: T::Vector) -> T::Vector {
    let (zero, one) = (T::Vector::splat(T::zero()), T::Vector::splat(T::one()));
    let e = exp_of_minus_abs::<T>(z);
    one.div(e).or_where(z.greater(zero), e)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::losses::testing::{follows_its_formula, gradient_of};
    use crate::testing::{assert_near, epsilon};

    #[test]
    fn it_follows_its_formula() {
        follows_its_formula(&Poisson {}, |z, y| (z.exp() - y * z, z.exp() - y));
    }

    fn exp_is_near_the_truth<T: Element>(least: f64, most: f64) {
        for i in 0..=10_000 {
            let z = T::from_f64(least + f64::from(i) / 10_000.0 * (most - least));
            let mut rate = [z];
            rates(&mut rate);
            let truth = libm::exp(z.to_f64());
            assert_near(rate[0].to_f64(), truth, 4.0 * epsilon::<T>() * truth);
        }
    }

    #[test]
    fn exp_is_within_its_bound() {
        exp_is_near_the_truth::<f32>(-80.0, 87.0);
        exp_is_near_the_truth::<f64>(-700.0, 708.0);
    }

    #[test]
    fn the_ends_and_nan() {
        let (loss, dz) = gradient_of(&Poisson {}, &[[-1000.0, 1000.0]], &[[0.0, 0.0]]);
        assert_eq!((loss, dz), (f64::INFINITY, vec![0.0, f64::INFINITY]));
        let (loss, dz) = gradient_of(&Poisson {}, &[[f64::NAN]], &[[1.0]]);
        assert!(loss.is_nan() && dz[0].is_nan());
    }
}
