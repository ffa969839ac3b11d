//! The number types of this build: a network has one, and a file of WebAssembly holds the kernels of one.

use crate::facts::Thing;

/// Their names.
pub const NAMES: &[Thing] = &[
    #[cfg(feature = "float32")]
    ("float32", ""),
    #[cfg(feature = "float64")]
    ("float64", ""),
];

/// A call that is the same for every number type. Panics for one that this build doesn't have.
macro_rules! by_type {
    ($double:expr, $call:ident($($argument:expr),*)) => {
        match $double {
            #[cfg(feature = "float32")]
            false => $call::<f32>($($argument),*),
            #[cfg(feature = "float64")]
            true => $call::<f64>($($argument),*),
            #[cfg(not(all(feature = "float32", feature = "float64")))]
            _ => panic!("number type: expected one of this build's"),
        }
    };
}

pub(super) use by_type;
