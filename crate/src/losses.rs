//! The losses, computed from logits where there is an output activation: nothing is clipped, and loss and gradient
//! agree. One file each, and one line each in the table.

mod binary_cross_entropy;
mod categorical_cross_entropy;
mod loss;

pub use loss::{Loss, Targets};

use crate::facts::Thing;
use crate::number::element::Element;

/// One line per loss: its name and how it is made of its parameter.
macro_rules! table {
    ($($name:ident: $make:expr,)*) => {
        /// The names, in the order of their numbers.
        pub const NAMES: &[Thing] = &[$((stringify!($name), "")),*];

        /// The loss of this number, with its parameter, if it has one. Panics where there is no such number.
        pub fn loss<T: Element>(number: usize, parameter: f64) -> Box<dyn Loss<T>> {
            let makes: &[fn(T) -> Box<dyn Loss<T>>] = &[$($make),*];
            makes[number](T::from_f64(parameter))
        }
    };
}

table! {
    binary_cross_entropy: |_| Box::new(binary_cross_entropy::BinaryCrossEntropy),
    categorical_cross_entropy: |_| Box::new(categorical_cross_entropy::CategoricalCrossEntropy),
}

#[cfg(test)]
mod testing {
    use crate::number::element::Element;
    use crate::testing::assert_near;

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
