//! The two number types of a network, f32 and f64, behind one trait.

use super::erfc_constants::ErfcConstants;
use super::exp_constants::ExpConstants;
use super::simd::{F32Vector, F64Vector, MAX_LANES, Vector};
use ndarray::LinalgScalar;

/// f32 or f64. Kernels are written once, generic over this trait.
pub trait Element:
    LinalgScalar + PartialOrd + ExpConstants + ErfcConstants + Send + Sync + std::fmt::Debug
{
    /// One 128-bit vector of this type.
    type Vector: Vector<Self>;

    /// The smallest normal number; anything nearer to 0 is subnormal.
    const SMALLEST_NORMAL: Self;

    /// Exact.
    fn from_byte(x: u8) -> Self;
    /// Rounds to the nearest value of this type.
    fn from_f64(x: f64) -> Self;
    /// Exact.
    fn to_f64(self) -> f64;
    /// `self·x + sum`, rounded once.
    fn fused(self, x: Self, sum: Self) -> Self;
}

macro_rules! element {
    ($type:ty, $vector:ty) => {
        impl Element for $type {
            type Vector = $vector;
            const SMALLEST_NORMAL: Self = <$type>::MIN_POSITIVE;
            #[inline(always)]
            fn from_byte(x: u8) -> Self {
                x.into()
            }
            #[inline(always)]
            fn from_f64(x: f64) -> Self {
                x as $type
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            #[inline(always)]
            fn fused(self, x: Self, sum: Self) -> Self {
                // As the vectors round it, whose lanes are neighbours of this number. Of WebAssembly's instructions
                // only those do.
                if cfg!(target_family = "wasm") {
                    let [sum, x, y] = [sum, self, x].map(<$vector>::splat);
                    let mut lanes = [0.0; MAX_LANES];
                    sum.fused(x, y).store(&mut lanes);
                    lanes[0]
                } else {
                    self.mul_add(x, sum)
                }
            }
        }
    };
}

element!(f32, F32Vector);
element!(f64, F64Vector);
