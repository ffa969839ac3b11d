//! A product and its sum in two roundings: without relaxed SIMD there is no instruction with one.

use crate::number::simd::tile::Fuses;

pub const FUSES: Fuses = Fuses::Never;

pub mod single {
    use core::arch::wasm32::{f32x4_add, f32x4_mul, v128};
    pub use core::arch::wasm32::{f32x4_pmax as max, f32x4_pmin as min};

    #[inline(always)]
    pub fn fused(sum: v128, x: v128, y: v128) -> v128 {
        f32x4_add(sum, f32x4_mul(x, y))
    }
}

pub mod double {
    use core::arch::wasm32::{f64x2_add, f64x2_mul, v128};
    pub use core::arch::wasm32::{f64x2_pmax as max, f64x2_pmin as min};

    #[inline(always)]
    pub fn fused(sum: v128, x: v128, y: v128) -> v128 {
        f64x2_add(sum, f64x2_mul(x, y))
    }
}
