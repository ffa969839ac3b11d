//! Relaxed SIMD: a product and its sum in one rounding, or in two where the processor has no instruction for that
//! (`fusing::rounds_once` says which).
//!
//! Of the relaxed instructions these are all. With them LLVM would make the relaxed one of a smaller or larger number too, by
//! which each processor treats NaN and −0 in its own way. So here that is a choice by a mask, which has one result: a mask's
//! lanes are all ones or all zeros.

use crate::number::simd::tile::Fuses;

pub const FUSES: Fuses = Fuses::Always;

pub mod single {
    use core::arch::wasm32::{f32x4_lt, f32x4_relaxed_madd, i32x4_relaxed_laneselect, v128};

    #[inline(always)]
    pub fn fused(sum: v128, x: v128, y: v128) -> v128 {
        f32x4_relaxed_madd(x, y, sum)
    }

    #[inline(always)]
    pub fn max(x: v128, other: v128) -> v128 {
        i32x4_relaxed_laneselect(other, x, f32x4_lt(x, other))
    }

    #[inline(always)]
    pub fn min(x: v128, other: v128) -> v128 {
        i32x4_relaxed_laneselect(other, x, f32x4_lt(other, x))
    }
}

pub mod double {
    use core::arch::wasm32::{f64x2_lt, f64x2_relaxed_madd, i64x2_relaxed_laneselect, v128};

    #[inline(always)]
    pub fn fused(sum: v128, x: v128, y: v128) -> v128 {
        f64x2_relaxed_madd(x, y, sum)
    }

    #[inline(always)]
    pub fn max(x: v128, other: v128) -> v128 {
        i64x2_relaxed_laneselect(other, x, f64x2_lt(x, other))
    }

    #[inline(always)]
    pub fn min(x: v128, other: v128) -> v128 {
        i64x2_relaxed_laneselect(other, x, f64x2_lt(other, x))
    }
}
