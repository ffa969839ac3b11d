use super::loss::{Loss, Targets};
use super::over_units::mean_over_units;
use crate::facts::facts;
use crate::number::element::Element;
use crate::number::simd::Vector;
use ndarray::{ArrayView2, ArrayViewMut2};

facts! {
    /// ℓ = 1/n · Σ over units of |z − y|, of linear units; its slope at z = y is 0.
    pub struct MeanAbsoluteError {}
}

impl<T: Element> Loss<T> for MeanAbsoluteError {
    fn sum(
        &self,
        dz: Option<ArrayViewMut2<T>>,
        z: ArrayView2<T>,
        targets: Targets<T>,
        m: usize,
    ) -> f64 {
        let one = T::Vector::splat(T::one());
        let slope = |z: T::Vector, y: T::Vector| {
            one.keep_where(z.greater(y)).sub(one.keep_where(y.greater(z)))
        };
        mean_over_units((dz, z, targets, m), |z, y| (z - y).abs(), slope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::losses::testing::{follows_its_formula, gradient_of};

    #[test]
    fn it_follows_its_formula() {
        follows_its_formula(&MeanAbsoluteError {}, |z, y| ((z - y).abs(), (z - y).signum()));
    }

    #[test]
    fn a_right_answer_has_no_slope() {
        let (loss, dz) = gradient_of(&MeanAbsoluteError {}, &[[3.0, -1.0]], &[[3.0, 1.0]]);
        assert_eq!((loss, dz), (1.0, vec![0.0, -0.5]));
    }
}
