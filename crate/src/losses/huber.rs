use super::loss::{Loss, Targets};
use super::over_units::mean_over_units;
use crate::facts::facts;
use crate::number::element::Element;
use crate::number::simd::Vector;
use ndarray::{ArrayView2, ArrayViewMut2};

facts! {
    /// ℓ = 1/n · Σ over units of ½·d² where |d| ≤ δ, else δ·(|d| − ½·δ), d = z − y, of linear units.
    ///
    /// Source: Huber 1964.
    pub struct Huber {
        delta: f64,
    }
}

impl<T: Element> Loss<T> for Huber {
    fn sum(
        &self,
        dz: Option<ArrayViewMut2<T>>,
        z: ArrayView2<T>,
        targets: Targets<T>,
        m: usize,
    ) -> f64 {
        let delta = self.delta;
        let value = |z: f64, y: f64| {
            let d = (z - y).abs();
            if d <= delta { 0.5 * d * d } else { delta * (d - 0.5 * delta) }
        };
        let (highest, lowest) =
            (T::Vector::splat(T::from_f64(delta)), T::Vector::splat(T::from_f64(-delta)));
        let slope = |z: T::Vector, y: T::Vector| {
            let d = z.sub(y).max(lowest);
            highest.or_where(d.greater(highest), d)
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
        for delta in [0.25, 1.0] {
            follows_its_formula(&Huber { delta }, |z, y| {
                let d = z - y;
                let square = d.abs() <= delta;
                let value = if square { d * d / 2.0 } else { delta * (d.abs() - delta / 2.0) };
                (value, d.clamp(-delta, delta))
            });
        }
    }

    #[test]
    fn it_is_a_square_up_to_delta_and_straight_beyond() {
        let (loss, dz) = gradient_of(&Huber { delta: 2.0 }, &[[2.0, -5.0]], &[[0.0, 0.0]]);
        assert_eq!((loss, dz), ((2.0 + 8.0) / 2.0, vec![1.0, -1.0]));
    }
}
