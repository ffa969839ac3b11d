//! Vectors of 128 bits, on ARM processors of 64 bits: all have them.

use super::tile::{Fuses, PAGE, Tile};
use core::arch::aarch64::{float32x4_t, float64x2_t};

/// 8×3 accumulators, a row of B, elements of A and a product fit the 32 registers.
pub const TILE: Tile = Tile {
    rows: 8,
    vectors: 3,
    steps: 8,
    splits_steps: false,
    fuses: Fuses::WhereAsked,
    panel_bytes: 24 << 10,
    columns_in_place: 20,
    span_in_place: 32 * PAGE,
    block_bytes: 512 << 10,
};

/// `x`.
#[inline(always)]
pub fn stepped<T>(x: *mut T) -> *mut T {
    x
}

vector! {
    /// Four f32 lanes.
    F32Vector, f32, float32x4_t, 4, single
}
vector! {
    /// Two f64 lanes.
    F64Vector, f64, float64x2_t, 2, double
}

mod single {
    use core::arch::aarch64::*;

    intrinsics! { float32x4_t;
        add(x, y) = vaddq_f32(x, y);
        fused(sum, x, y) = vfmaq_f32(sum, x, y);
        sub(x, y) = vsubq_f32(x, y);
        mul(x, y) = vmulq_f32(x, y);
        div(x, y) = vdivq_f32(x, y);
        sqrt(x) = vsqrtq_f32(x);
        // By choice, since the instructions for them order zeros and give a NaN where either is one.
        max(x, other) = vbslq_f32(vcltq_f32(x, other), other, x);
        min(x, other) = vbslq_f32(vcltq_f32(other, x), other, x);
        greater(x, y) = vreinterpretq_f32_u32(vcgtq_f32(x, y));
        keep_where(x, mask) = vreinterpretq_f32_u32(vandq_u32(bits(x), bits(mask)));
        drop_where(x, mask) = vreinterpretq_f32_u32(vbicq_u32(bits(x), bits(mask)));
        or_where(x, mask, other) = vbslq_f32(bits(mask), x, other);
        sign() = vdupq_n_f32(-0.0);
        exp2_of_integer(n) = {
            let biased = bits(vaddq_f32(n, vdupq_n_f32(12_582_912.0 + 127.0)));
            vreinterpretq_f32_u32(vshlq_n_u32::<23>(biased))
        };
    }

    transfers! { float32x4_t, f32, vdupq_n_f32, vld1q_f32, vst1q_f32 }

    #[inline(always)]
    fn bits(x: float32x4_t) -> uint32x4_t {
        // SAFETY: as of `intrinsics`.
        unsafe { vreinterpretq_u32_f32(x) }
    }

    /// Pairs, then pairs of pairs.
    #[inline(always)]
    pub fn transpose([a, b, c, d]: [float32x4_t; 4]) -> [float32x4_t; 4] {
        // SAFETY: as of `intrinsics`.
        unsafe {
            let pair = |x| vreinterpretq_f64_f32(x);
            let (ab_even, ab_odd) = (pair(vtrn1q_f32(a, b)), pair(vtrn2q_f32(a, b)));
            let (cd_even, cd_odd) = (pair(vtrn1q_f32(c, d)), pair(vtrn2q_f32(c, d)));
            [
                vreinterpretq_f32_f64(vtrn1q_f64(ab_even, cd_even)),
                vreinterpretq_f32_f64(vtrn1q_f64(ab_odd, cd_odd)),
                vreinterpretq_f32_f64(vtrn2q_f64(ab_even, cd_even)),
                vreinterpretq_f32_f64(vtrn2q_f64(ab_odd, cd_odd)),
            ]
        }
    }
}

mod double {
    use core::arch::aarch64::*;

    intrinsics! { float64x2_t;
        add(x, y) = vaddq_f64(x, y);
        fused(sum, x, y) = vfmaq_f64(sum, x, y);
        sub(x, y) = vsubq_f64(x, y);
        mul(x, y) = vmulq_f64(x, y);
        div(x, y) = vdivq_f64(x, y);
        sqrt(x) = vsqrtq_f64(x);
        // As of `single`.
        max(x, other) = vbslq_f64(vcltq_f64(x, other), other, x);
        min(x, other) = vbslq_f64(vcltq_f64(other, x), other, x);
        greater(x, y) = vreinterpretq_f64_u64(vcgtq_f64(x, y));
        keep_where(x, mask) = vreinterpretq_f64_u64(vandq_u64(bits(x), bits(mask)));
        drop_where(x, mask) = vreinterpretq_f64_u64(vbicq_u64(bits(x), bits(mask)));
        or_where(x, mask, other) = vbslq_f64(bits(mask), x, other);
        sign() = vdupq_n_f64(-0.0);
        exp2_of_integer(n) = {
            let biased = bits(vaddq_f64(n, vdupq_n_f64(6_755_399_441_055_744.0 + 1023.0)));
            vreinterpretq_f64_u64(vshlq_n_u64::<52>(biased))
        };
    }

    transfers! { float64x2_t, f64, vdupq_n_f64, vld1q_f64, vst1q_f64 }

    #[inline(always)]
    fn bits(x: float64x2_t) -> uint64x2_t {
        // SAFETY: as of `intrinsics`.
        unsafe { vreinterpretq_u64_f64(x) }
    }

    #[inline(always)]
    pub fn transpose([a, b]: [float64x2_t; 2]) -> [float64x2_t; 2] {
        // SAFETY: as of `intrinsics`.
        unsafe { [vtrn1q_f64(a, b), vtrn2q_f64(a, b)] }
    }
}
