//! The losses, computed from logits where there is an output activation: nothing is clipped, and loss and gradient
//! agree. One file each, and one line each in the table.

mod binary_cross_entropy;
mod categorical_cross_entropy;
mod focal;
mod hinge;
mod huber;
mod log_cosh;
mod loss;
mod mean_absolute_error;
mod mean_squared_error;
mod over_units;
mod poisson;
mod quantile;

pub use loss::{Loss, Targets};
pub use poisson::rates;

use crate::facts::{Facts, Thing, Words};
use crate::number::element::Element;

/// One line per loss: its name and its type, whose fields are its parameters.
macro_rules! table {
    ($($name:ident: $loss:ty,)*) => {
        /// The names, in the order of their numbers, and those of the parameters.
        pub const NAMES: &[Thing] = &[$((stringify!($name), <$loss>::FIELDS)),*];

        /// The loss of this number with its parameters. Panics where there is no such number.
        pub fn loss<T: Element>(number: usize, words: &mut Words) -> Box<dyn Loss<T>> {
            let takes: &[fn(&mut Words) -> Box<dyn Loss<T>>] =
                &[$(|words| Box::new(<$loss>::take(words))),*];
            takes[number](words)
        }
    };
}

table! {
    binary_cross_entropy: binary_cross_entropy::BinaryCrossEntropy,
    categorical_cross_entropy: categorical_cross_entropy::CategoricalCrossEntropy,
    mean_squared_error: mean_squared_error::MeanSquaredError,
    mean_absolute_error: mean_absolute_error::MeanAbsoluteError,
    huber: huber::Huber,
    log_cosh: log_cosh::LogCosh,
    quantile: quantile::Quantile,
    poisson: poisson::Poisson,
    hinge: hinge::Hinge,
    focal: focal::Focal,
}

#[cfg(test)]
mod testing {
    use super::{Loss, Targets};
    use crate::number::element::Element;
    use crate::testing::{EDGES, assert_near, epsilon, numbers};
    use ndarray::{ArrayView2, ArrayViewMut2, aview2};

    /// Σ ℓ and dZ of a loss whose targets are numbers, as if of as many examples as there are rows.
    pub fn gradient_of<const N: usize>(
        loss: &impl Loss<f64>,
        z: &[[f64; N]],
        y: &[[f64; N]],
    ) -> (f64, Vec<f64>) {
        sum_of(loss, aview2(z), aview2(y))
    }

    fn sum_of<T: Element>(
        loss: &impl Loss<T>,
        z: ArrayView2<T>,
        y: ArrayView2<T>,
    ) -> (f64, Vec<f64>) {
        let mut dz = vec![T::from_f64(f64::NAN); z.len()];
        let view = ArrayViewMut2::from_shape(z.dim(), &mut dz).expect("the shape of z");
        let sum = loss.sum(Some(view), z, Targets::Numbers(y), z.nrows());
        assert_eq!(sum.to_bits(), loss.sum(None, z, Targets::Numbers(y), z.nrows()).to_bits());
        (sum, dz.into_iter().map(T::to_f64).collect())
    }

    fn follows<T: Element>(loss: &impl Loss<T>, plain: &impl Fn(f64, f64) -> (f64, f64)) {
        for n in EDGES.into_iter().skip(1) {
            let rows = 3;
            let [z, y] = [1, 2].map(|seed| rounded::<T>(&numbers::<f64>(rows * n, seed)));
            let [z, y] = [&z, &y].map(|x| ArrayView2::from_shape((rows, n), x).expect("rows"));
            let (sum, dz) = sum_of(loss, z, y);
            let mut expected = 0.0;
            for (dz, (z, y)) in dz.into_iter().zip(z.iter().zip(y)) {
                let (value, slope) = plain(z.to_f64(), y.to_f64());
                expected += value / n as f64;
                let tolerance = 4.0 * epsilon::<T>();
                assert_near(dz, slope / (rows * n) as f64, tolerance);
            }
            assert_near(sum, expected, 1e-12);
        }
    }

    /// Compares a loss whose targets are numbers with its plain value and slope, in both types.
    pub fn follows_its_formula<L: Loss<f32> + Loss<f64>>(
        loss: &L,
        plain: impl Fn(f64, f64) -> (f64, f64),
    ) {
        follows::<f32>(loss, &plain);
        follows::<f64>(loss, &plain);
    }

    /// The same numbers in T.
    pub fn rounded<T: Element>(x: &[f64]) -> Vec<T> {
        x.iter().map(|&x| T::from_f64(x)).collect()
    }

    /// Compares the gradient that `loss` gives beside its value with central differences of the value.
    pub fn gradient_is_the_slope(z: &[f64], loss: impl Fn(&[f64]) -> (f64, Vec<f64>)) {
        for (i, slope) in loss(z).1.into_iter().enumerate() {
            let moved = |by: f64| {
                let mut z = z.to_vec();
                z[i] += by;
                loss(&z).0
            };
            assert_near(slope, (moved(1e-5) - moved(-1e-5)) / 2e-5, 1e-9);
        }
    }
}
