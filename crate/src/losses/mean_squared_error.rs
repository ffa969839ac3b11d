use super::loss::{Loss, Targets};
use super::over_units::mean_over_units;
use crate::facts::facts;
use crate::number::element::Element;
use crate::number::simd::Vector;
use ndarray::{ArrayView2, ArrayViewMut2};

facts! {
    /// ℓ = 1/n · Σ over units of (z − y)², of linear units.
    pub struct MeanSquaredError {}
}

impl<T: Element> Loss<T> for MeanSquaredError {
    fn sum(
        &self,
        dz: Option<ArrayViewMut2<T>>,
        z: ArrayView2<T>,
        targets: Targets<T>,
        m: usize,
    ) -> f64 {
        let twice = T::Vector::splat(T::from_f64(2.0));
        mean_over_units((dz, z, targets, m), |z, y| (z - y) * (z - y), |z, y| twice.mul(z.sub(y)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::losses::testing::{follows_its_formula, gradient_of};

    #[test]
    fn it_follows_its_formula() {
        follows_its_formula(&MeanSquaredError {}, |z, y| ((z - y).powi(2), 2.0 * (z - y)));
    }

    #[test]
    fn it_is_a_mean_over_units() {
        let (loss, dz) =
            gradient_of(&MeanSquaredError {}, &[[3.0, 1.0], [0.0, 0.0]], &[[1.0, 1.0], [0.0, 4.0]]);
        assert_eq!((loss, dz), (2.0 + 8.0, vec![1.0, 0.0, 0.0, -2.0]));
    }
}
