//! The most multiply-adds a second that 128-bit vectors give in this build: the measure of gemm.

use crate::number::element::Element;
use crate::number::simd::{MAX_LANES, Vector};

/// Independent chains. 14 fill both multipliers and both adders of a core with 3 to 4 cycles of
/// latency each, and with the two constants still fit V8's 16 vector registers; 8 reach 0.7 of it.
const CHAINS: usize = 14;
/// Links of every chain in one turn of the loop, so that the loop itself costs next to nothing.
const LINKS: usize = 2;

/// x ← x/2 + 1, `turns` · 2 times, in 14 chains of vectors that stay in registers.
///
/// Every x comes closer to 2, so nothing overflows or goes subnormal. The cost:
/// [`multiply_add_peak_flops`].
///
/// A vector takes a core as long in f32 as in f64, but V8 13.6 compiles the f64 loop an eighth slower:
/// the peak of f64 is the larger of this rate and half the one of f32.
pub fn multiply_add_peak<T: Element>(turns: usize) -> T {
    let half = T::Vector::splat(T::from_f64(0.5));
    let one = T::Vector::splat(T::one());
    let mut chains: [T::Vector; CHAINS] =
        std::array::from_fn(|i| T::Vector::splat(T::from_f64(i as f64)));
    for _ in 0..turns {
        for _ in 0..LINKS {
            for x in &mut chains {
                *x = x.mul(half).add(one);
            }
        }
    }
    let mut lanes = [T::zero(); MAX_LANES];
    chains.into_iter().reduce(|a, b| a.add(b)).unwrap_or(one).store(&mut lanes);
    lanes[0]
}

/// Floating-point operations of `multiply_add_peak::<T>(turns)`: 2 · 14 chains · 2 links · LANES a
/// turn.
pub fn multiply_add_peak_flops<T: Element>(turns: usize) -> f64 {
    turns as f64 * (2 * CHAINS * LINKS * T::Vector::LANES) as f64
}
