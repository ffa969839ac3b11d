use super::loss::{Loss, Targets};
use super::over_units::mean_over_units;
use crate::facts::facts;
use crate::number::element::Element;
use crate::number::simd::Vector;
use ndarray::{ArrayView2, ArrayViewMut2};

facts! {
    /// ℓ = 1/n · Σ over units of max(0, 1 − ŷ·z), ŷ = 2y − 1, y 0 or 1, of linear units; its slope at ŷ·z = 1 is 0.
    ///
    /// Source: Cortes & Vapnik 1995.
    pub struct Hinge {}
}

impl<T: Element> Loss<T> for Hinge {
    fn sum(
        &self,
        dz: Option<ArrayViewMut2<T>>,
        z: ArrayView2<T>,
        targets: Targets<T>,
        m: usize,
    ) -> f64 {
        let value = |z: f64, y: f64| {
            let short = 1.0 - (2.0 * y - 1.0) * z;
            if short < 0.0 { 0.0 } else { short }
        };
        let (zero, one) = (T::Vector::splat(T::zero()), T::Vector::splat(T::one()));
        let slope = |z: T::Vector, y: T::Vector| {
            let sign = y.add(y).sub(one);
            zero.sub(sign).keep_where(one.greater(sign.mul(z)))
        };
        mean_over_units((dz, z, targets, m), value, slope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::losses::testing::gradient_of;

    #[test]
    fn an_answer_costs_what_it_lacks_of_its_margin() {
        let (loss, dz) = gradient_of(
            &Hinge {},
            &[[0.5, 0.5, -3.0, 3.0], [1.0, -1.0, 0.0, 0.0]],
            &[[1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 1.0, 0.0]],
        );
        assert_eq!(loss, (0.5 + 1.5 + 0.0 + 4.0 + 0.0 + 0.0 + 1.0 + 1.0) / 4.0);
        assert_eq!(dz, [-1.0, 1.0, 0.0, 1.0, 0.0, 0.0, -1.0, 1.0].map(|slope| slope / 8.0));
    }

    #[test]
    fn nan_is_not_hidden() {
        assert!(gradient_of(&Hinge {}, &[[f64::NAN]], &[[1.0]]).0.is_nan());
    }
}
