//! The first weights of a layer.

use crate::facts::Thing;
use crate::number::element::Element;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// One line per method: its name, and the standard deviation of a weight by n_in, its layer's inputs.
macro_rules! table {
    ($($(#[$meta:meta])* $name:ident: |$n_in:ident| $deviation:expr,)*) => {
        /// The names, in the order of their numbers.
        pub const NAMES: &[Thing] = &[$((stringify!($name), "")),*];

        /// The standard deviation by the method of this number. Panics where there is no such number.
        fn standard_deviation(method: usize, n_in: f64) -> f64 {
            let deviations: &[fn(f64) -> f64] = &[$(|$n_in| $deviation),*];
            deviations[method](n_in)
        }
    };
}

table! {
    // He et al. 2015; the notebook's section 3.1.
    he: |n_in| (2.0 / n_in).sqrt(),
    // Glorot & Bengio 2010 in the notebook's form, section 3.1.
    xavier: |n_in| (1.0 / n_in).sqrt(),
    // As the notebook's text says; its code has 10.
    random_normal: |_n_in| 1.0,
}

/// W ← standard normal · the method's standard deviation. W: (n_out, n_in) by rows. Overwrites W.
///
/// Drawn and scaled in f64 and rounded last: a network in f32 starts from the rounded weights of the
/// same network in f64.
pub fn initialize<T: Element>(w: &mut [T], n_in: usize, method: usize, stream: &mut ChaCha8Rng) {
    let deviation = standard_deviation(method, n_in as f64);
    for weight in w {
        *weight = T::from_f64(normal(stream) * deviation);
    }
}

/// Compiled once for both number types.
#[inline(never)]
fn normal(stream: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(stream)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, StreamKey};

    // The first three of seed 1, layer 1 that rand_distr 0.6.0 draws from that stream.
    const GOLDEN: [f64; 3] =
        [0.523_349_435_186_728_6, -0.362_937_408_860_021_24, 0.763_792_800_452_353];

    fn weights<T: Element>(len: usize, n_in: usize, method: &str, layer: u32) -> Vec<T> {
        let (purpose, epoch, step) = (Purpose::Initialization, 0, 0);
        let mut stream = StreamKey { seed: 1, purpose, layer, epoch, step }.stream();
        let mut w = vec![T::zero(); len];
        let method = NAMES.iter().position(|&(name, _)| name == method).expect("a known name");
        initialize(&mut w, n_in, method, &mut stream);
        w
    }

    #[test]
    fn weights_have_the_mean_and_deviation_of_their_method() {
        let cases = [("he", 50, 0.2), ("xavier", 25, 0.2), ("random_normal", 50, 1.0)];
        for (method, n_in, deviation) in cases {
            let w = weights::<f64>(100_000, n_in, method, 1);
            let mean = w.iter().sum::<f64>() / 1e5;
            let variance = w.iter().map(|w| (w - mean) * (w - mean)).sum::<f64>() / 1e5;
            assert!(mean.abs() < 4.0 * deviation / 1e5f64.sqrt(), "{method:?}: mean {mean}");
            let ratio = variance.sqrt() / deviation;
            assert!((ratio - 1.0).abs() < 4.0 / 2e5f64.sqrt(), "{method:?}: ratio {ratio}");
        }
    }

    #[test]
    fn weights_are_normal() {
        // P(|x| < 1) and P(|x| < 2) of the standard normal distribution, and its far tail.
        let w = weights::<f64>(100_000, 1, "random_normal", 1);
        for (bound, share) in [(1.0, 0.682_689), (2.0, 0.954_500), (4.0, 0.999_937)] {
            let within = w.iter().filter(|w| w.abs() < bound).count() as f64 / 1e5;
            let deviation = (share * (1.0 - share) / 1e5f64).sqrt();
            assert!((within - share).abs() < 4.0 * deviation, "{bound}: {within}");
        }
    }

    #[test]
    fn f32_weights_are_the_rounded_f64_ones() {
        let double = weights::<f64>(1000, 7, "he", 1);
        assert!(
            weights::<f32>(1000, 7, "he", 1).into_iter().eq(double.into_iter().map(|w| w as f32))
        );
    }

    #[test]
    fn layers_start_from_unlike_weights() {
        let of_layer = |layer| weights::<f64>(10, 7, "he", layer);
        assert_ne!(of_layer(1), of_layer(2));
    }

    #[test]
    fn weights_never_change() {
        let w = weights::<f64>(3, 1, "random_normal", 1);
        assert_eq!(w, GOLDEN);
    }
}
