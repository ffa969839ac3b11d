//! Vectors of 512 bits, on x64 processors with AVX-512 (F, VL and DQ).

use super::tile::{Fuses, PAGE, Tile};
use core::arch::x86_64::{__m512, __m512d};

/// 12×2 accumulators of 32 registers. A tile's rows of A are read once for each panel of B: what they push out of the first
/// level comes from the second in time, of which such processors have 1 to 2 MiB.
pub const TILE: Tile = Tile {
    rows: 12,
    vectors: 2,
    steps: 16,
    splits_steps: false,
    fuses: Fuses::WhereAsked,
    panel_bytes: 56 << 10,
    columns_in_place: 256,
    span_in_place: 128 * PAGE,
    block_bytes: 1 << 20,
};

/// `x`.
#[inline(always)]
pub fn stepped<T>(x: *mut T) -> *mut T {
    x
}

vector! {
    /// Sixteen f32 lanes.
    F32Vector, f32, __m512, 16, single
}
vector! {
    /// Eight f64 lanes.
    F64Vector, f64, __m512d, 8, double
}

mod single {
    use core::arch::x86_64::*;

    intrinsics! { __m512;
        add(x, y) = _mm512_add_ps(x, y);
        fused(sum, x, y) = _mm512_fmadd_ps(x, y, sum);
        sub(x, y) = _mm512_sub_ps(x, y);
        mul(x, y) = _mm512_mul_ps(x, y);
        div(x, y) = _mm512_div_ps(x, y);
        sqrt(x) = _mm512_sqrt_ps(x);
        // The instruction gives its second operand where either is a NaN.
        max(x, other) = _mm512_max_ps(other, x);
        min(x, other) = _mm512_min_ps(other, x);
        greater(x, y) =
            _mm512_castsi512_ps(_mm512_movm_epi32(_mm512_cmp_ps_mask::<_CMP_GT_OQ>(x, y)));
        keep_where(x, mask) = _mm512_and_ps(x, mask);
        drop_where(x, mask) = _mm512_andnot_ps(mask, x);
        or_where(x, mask, other) = _mm512_or_ps(keep_where(x, mask), drop_where(other, mask));
        sign() = _mm512_set1_ps(-0.0);
        exp2_of_integer(n) = {
            let bits = _mm512_castps_si512(add(n, _mm512_set1_ps(12_582_912.0 + 127.0)));
            _mm512_castsi512_ps(_mm512_slli_epi32::<23>(bits))
        };
    }

    transfers! { __m512, f32, _mm512_set1_ps, _mm512_loadu_ps, _mm512_storeu_ps }

    /// Pairs, then fours within each quarter, then quarters.
    #[inline(always)]
    pub fn transpose(rows: [__m512; 16]) -> [__m512; 16] {
        // SAFETY: as of `intrinsics`.
        unsafe {
            let four = |i: usize| {
                let [a, b, c, d] = [rows[i], rows[i + 1], rows[i + 2], rows[i + 3]];
                let (ab_low, ab_high) = (_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
                let (cd_low, cd_high) = (_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
                [
                    _mm512_shuffle_ps::<0x44>(ab_low, cd_low),
                    _mm512_shuffle_ps::<0xEE>(ab_low, cd_low),
                    _mm512_shuffle_ps::<0x44>(ab_high, cd_high),
                    _mm512_shuffle_ps::<0xEE>(ab_high, cd_high),
                ]
            };
            let fours = [four(0), four(4), four(8), four(12)];
            let quarters: [[__m512; 4]; 4] = std::array::from_fn(|j| {
                let [a, b, c, d] = std::array::from_fn(|i| fours[i][j]);
                let (ab_low, ab_high) =
                    (_mm512_shuffle_f32x4::<0x44>(a, b), _mm512_shuffle_f32x4::<0xEE>(a, b));
                let (cd_low, cd_high) =
                    (_mm512_shuffle_f32x4::<0x44>(c, d), _mm512_shuffle_f32x4::<0xEE>(c, d));
                [
                    _mm512_shuffle_f32x4::<0x88>(ab_low, cd_low),
                    _mm512_shuffle_f32x4::<0xDD>(ab_low, cd_low),
                    _mm512_shuffle_f32x4::<0x88>(ab_high, cd_high),
                    _mm512_shuffle_f32x4::<0xDD>(ab_high, cd_high),
                ]
            });
            std::array::from_fn(|j| quarters[j % 4][j / 4])
        }
    }
}

mod double {
    use core::arch::x86_64::*;

    intrinsics! { __m512d;
        add(x, y) = _mm512_add_pd(x, y);
        fused(sum, x, y) = _mm512_fmadd_pd(x, y, sum);
        sub(x, y) = _mm512_sub_pd(x, y);
        mul(x, y) = _mm512_mul_pd(x, y);
        div(x, y) = _mm512_div_pd(x, y);
        sqrt(x) = _mm512_sqrt_pd(x);
        // As of `single`.
        max(x, other) = _mm512_max_pd(other, x);
        min(x, other) = _mm512_min_pd(other, x);
        greater(x, y) =
            _mm512_castsi512_pd(_mm512_movm_epi64(_mm512_cmp_pd_mask::<_CMP_GT_OQ>(x, y)));
        keep_where(x, mask) = _mm512_and_pd(x, mask);
        drop_where(x, mask) = _mm512_andnot_pd(mask, x);
        or_where(x, mask, other) = _mm512_or_pd(keep_where(x, mask), drop_where(other, mask));
        sign() = _mm512_set1_pd(-0.0);
        exp2_of_integer(n) = {
            let biased = add(n, _mm512_set1_pd(6_755_399_441_055_744.0 + 1023.0));
            _mm512_castsi512_pd(_mm512_slli_epi64::<52>(_mm512_castpd_si512(biased)))
        };
    }

    transfers! { __m512d, f64, _mm512_set1_pd, _mm512_loadu_pd, _mm512_storeu_pd }

    /// Pairs, then fours, then eights, in quarters of a register.
    #[inline(always)]
    pub fn transpose(rows: [__m512d; 8]) -> [__m512d; 8] {
        // SAFETY: as of `intrinsics`.
        unsafe {
            let pair = |i: usize| {
                let (a, b) = (rows[i], rows[i + 1]);
                [_mm512_unpacklo_pd(a, b), _mm512_unpackhi_pd(a, b)]
            };
            let pairs = [pair(0), pair(2), pair(4), pair(6)];
            let quarters: [[__m512d; 4]; 2] = std::array::from_fn(|j| {
                let [a, b, c, d] = std::array::from_fn(|i| pairs[i][j]);
                let (ab_low, ab_high) =
                    (_mm512_shuffle_f64x2::<0x44>(a, b), _mm512_shuffle_f64x2::<0xEE>(a, b));
                let (cd_low, cd_high) =
                    (_mm512_shuffle_f64x2::<0x44>(c, d), _mm512_shuffle_f64x2::<0xEE>(c, d));
                [
                    _mm512_shuffle_f64x2::<0x88>(ab_low, cd_low),
                    _mm512_shuffle_f64x2::<0xDD>(ab_low, cd_low),
                    _mm512_shuffle_f64x2::<0x88>(ab_high, cd_high),
                    _mm512_shuffle_f64x2::<0xDD>(ab_high, cd_high),
                ]
            });
            std::array::from_fn(|j| quarters[j % 2][j / 2])
        }
    }
}
