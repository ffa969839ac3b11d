//! The first weights of a layer.

use crate::facts::Thing;
use crate::number::element::Element;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;
use rand_distr::{Distribution, StandardNormal};

/// How numbers are drawn.
#[derive(Clone, Copy)]
enum Draw {
    /// From the normal distribution.
    Normal,
    /// From the uniform one, between ±√3 times the deviation.
    Uniform,
    /// Rows, or columns where they are fewer, of a random rotation.
    Orthogonal,
}

/// One line per method: its name, how it draws, and the standard deviation of a weight by n_in and n_out, the layer's
/// inputs and units.
macro_rules! table {
    ($($(#[$meta:meta])* $name:ident: $draw:ident |$n_in:ident, $n_out:ident| $deviation:expr,)*) => {
        /// The names, in the order of their numbers.
        pub const NAMES: &[Thing] = &[$((stringify!($name), "")),*];

        /// What the method of this number does. Panics where there is no such number.
        fn method_of(method: usize, n_in: f64, n_out: f64) -> (Draw, f64) {
            let methods: &[(Draw, fn(f64, f64) -> f64)] =
                &[$((Draw::$draw, |$n_in, $n_out| $deviation)),*];
            let (draw, deviation) = methods[method];
            (draw, deviation(n_in, n_out))
        }
    };
}

table! {
    // He et al. 2015; the notebook's section 3.1.
    he: Normal |n_in, _n| (2.0 / n_in).sqrt(),
    // Glorot & Bengio 2010 in the notebook's form, section 3.1.
    xavier: Normal |n_in, _n| (1.0 / n_in).sqrt(),
    // As the notebook's text says; its code has 10.
    random_normal: Normal |_m, _n| 1.0,
    he_uniform: Uniform |n_in, _n| (2.0 / n_in).sqrt(),
    // Glorot & Bengio 2010, eq. 16, and the same for normal numbers.
    xavier_normal: Normal |n_in, n_out| (2.0 / (n_in + n_out)).sqrt(),
    xavier_uniform: Uniform |n_in, n_out| (2.0 / (n_in + n_out)).sqrt(),
    // LeCun et al. 1998, eq. 16.
    lecun: Normal |n_in, _n| (1.0 / n_in).sqrt(),
    lecun_uniform: Uniform |n_in, _n| (1.0 / n_in).sqrt(),
    // Saxe, McClelland & Ganguli 2014.
    orthogonal: Orthogonal |_m, _n| 1.0,
    zeros: Uniform |_m, _n| 0.0,
}

/// W ← what the method draws. W: (n_out, n_in) by rows. Overwrites W.
///
/// Drawn and scaled in f64 and rounded last: a network in f32 starts from the rounded weights of the
/// same network in f64.
pub fn initialize<T: Element>(w: &mut [T], n_in: usize, method: usize, stream: &mut ChaCha8Rng) {
    let n_out = w.len() / n_in;
    let (draw, deviation) = method_of(method, n_in as f64, n_out as f64);
    let rotation = match draw {
        Draw::Orthogonal => orthogonal(n_out, n_in, stream),
        _ => Vec::new(),
    };
    for (i, weight) in w.iter_mut().enumerate() {
        let number = match draw {
            Draw::Normal => normal(stream) * deviation,
            Draw::Uniform => uniform(stream) * deviation + 0.0, // no −0
            Draw::Orthogonal => rotation[i],
        };
        *weight = T::from_f64(number);
    }
}

/// Between ±√3, whose standard deviation is 1.
fn uniform(stream: &mut ChaCha8Rng) -> f64 {
    let half = (stream.next_u64() >> 11) as f64 / (1u64 << 52) as f64 - 1.0;
    half * 3f64.sqrt()
}

/// A (rows, columns) matrix by rows, whose rows are orthonormal, or its columns where they are fewer.
///
/// Normal vectors, each made orthogonal to those before it, twice, so that rounding leaves nothing of them (Gram &
/// Schmidt; Giraud, Langou & Rozložník 2005): the first of all rotations that are as likely.
#[inline(never)]
fn orthogonal(rows: usize, columns: usize, stream: &mut ChaCha8Rng) -> Vec<f64> {
    let (count, len) = (rows.min(columns), rows.max(columns));
    let mut vectors: Vec<f64> = Vec::with_capacity(count * len);
    for k in 0..count {
        let mut vector: Vec<f64> = (0..len).map(|_| normal(stream)).collect();
        for before in vectors.chunks_exact(len).chain(vectors.chunks_exact(len)) {
            let dot = sum_of_products(before, &vector);
            vector.iter_mut().zip(before).for_each(|(x, b)| *x -= dot * b);
        }
        let length = sum_of_products(&vector, &vector).sqrt();
        vectors.extend(vector.iter().map(|x| x / length));
        debug_assert_eq!(vectors.len(), (k + 1) * len);
    }
    if rows <= columns {
        return vectors;
    }
    (0..rows * columns).map(|i| vectors[i % columns * len + i / columns]).collect()
}

fn sum_of_products(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).fold(0.0, |sum, (a, b)| sum + a * b)
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
        let cases = [
            ("he", 50, 0.2),
            ("xavier", 25, 0.2),
            ("random_normal", 50, 1.0),
            ("he_uniform", 50, 0.2),
            ("xavier_normal", 100, (2.0 / 1100f64).sqrt()), // 1000 units
            ("xavier_uniform", 100, (2.0 / 1100f64).sqrt()),
            ("lecun", 25, 0.2),
            ("lecun_uniform", 25, 0.2),
        ];
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
    fn uniform_weights_fill_their_range_evenly() {
        let w = weights::<f64>(100_000, 6, "he_uniform", 1); // between ±1
        assert!(w.iter().all(|w| w.abs() <= 1.0));
        for bound in [-0.9, -0.5, 0.0, 0.5, 0.9] {
            let below = w.iter().filter(|&&w| w < bound).count() as f64 / 1e5;
            assert!((below - (bound + 1.0) / 2.0).abs() < 4.0 * (0.25 / 1e5f64).sqrt(), "{bound}");
        }
    }

    #[test]
    fn orthogonal_weights_keep_lengths() {
        for (n_out, n_in) in [(1, 1), (3, 7), (7, 3), (40, 40)] {
            let w = weights::<f64>(n_out * n_in, n_in, "orthogonal", 1);
            let at =
                |i: usize, k: usize| if n_out <= n_in { w[i * n_in + k] } else { w[k * n_in + i] };
            let (count, len) = (n_out.min(n_in), n_out.max(n_in));
            for i in 0..count {
                for j in 0..count {
                    let dot: f64 = (0..len).map(|k| at(i, k) * at(j, k)).sum();
                    assert!((dot - f64::from(i == j)).abs() < 1e-14, "{n_out}×{n_in}: {dot}");
                }
            }
        }
    }

    #[test]
    fn zeros_are_0_and_positive() {
        assert!(weights::<f32>(9, 3, "zeros", 1).iter().all(|w| w.to_bits() == 0));
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
