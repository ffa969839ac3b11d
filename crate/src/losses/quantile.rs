use super::loss::{Loss, Targets};
use super::over_units::mean_over_units;
use crate::facts::facts;
use crate::number::element::Element;
use crate::number::simd::Vector;
use ndarray::{ArrayView2, ArrayViewMut2};

facts! {
    /// ℓ = 1/n · Σ over units of τ·(y − z) where y > z, else (1 − τ)·(z − y), τ = `quantile`, of linear units; its slope at
    /// z = y is 0. The pinball loss, least where a share τ of all y lies below z.
    ///
    /// Source: Koenker & Bassett 1978.
    pub struct Quantile {
        quantile: f64,
    }
}

impl<T: Element> Loss<T> for Quantile {
    fn sum(
        &self,
        dz: Option<ArrayViewMut2<T>>,
        z: ArrayView2<T>,
        targets: Targets<T>,
        m: usize,
    ) -> f64 {
        let (below, above) = (self.quantile, 1.0 - self.quantile);
        let value = |z: f64, y: f64| if y > z { below * (y - z) } else { above * (z - y) };
        let (falling, rising) =
            (T::Vector::splat(T::from_f64(below)), T::Vector::splat(T::from_f64(above)));
        let slope = |z: T::Vector, y: T::Vector| {
            rising.keep_where(z.greater(y)).sub(falling.keep_where(y.greater(z)))
        };
        mean_over_units((dz, z, targets, m), value, slope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::losses::testing::{follows_its_formula, gradient_of};

    #[test]
    fn it_follows_its_formula() {
        for quantile in [0.1, 0.5, 0.75] {
            follows_its_formula(&Quantile { quantile }, |z, y| {
                let slope = if z > y { 1.0 - quantile } else { -quantile };
                (slope * (z - y), slope)
            });
        }
    }

    #[test]
    fn a_high_quantile_minds_answers_that_are_too_low() {
        let (loss, dz) = gradient_of(
            &Quantile { quantile: 0.75 },
            &[[0.0, 4.0, 1.0, 1.0]],
            &[[4.0, 0.0, 1.0, 1.0]],
        );
        assert_eq!((loss, dz), ((3.0 + 1.0) / 4.0, vec![-0.1875, 0.0625, 0.0, 0.0]));
    }
}
