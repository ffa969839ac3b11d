//! Vectors of 256 bits, on x64 processors with AVX2.

use super::tile::{Fuses, PAGE, Tile};
use core::arch::x86_64::{__m256, __m256d};

/// 6×2 accumulators, a row of B, an element of A and a product fill the 16 registers.
pub const TILE: Tile = Tile {
    rows: 6,
    vectors: 2,
    steps: 16,
    splits_steps: false,
    fuses: Fuses::WhereAsked,
    panel_bytes: 24 << 10,
    columns_in_place: 256,
    span_in_place: 32 * PAGE,
    block_bytes: 512 << 10,
};

/// `x`.
#[inline(always)]
pub fn stepped<T>(x: *mut T) -> *mut T {
    x
}

vector! {
    /// Eight f32 lanes.
    F32Vector, f32, __m256, 8, single
}
vector! {
    /// Four f64 lanes.
    F64Vector, f64, __m256d, 4, double
}

mod single {
    use core::arch::x86_64::*;

    intrinsics! { __m256;
        add(x, y) = _mm256_add_ps(x, y);
        fused(sum, x, y) = _mm256_fmadd_ps(x, y, sum);
        sub(x, y) = _mm256_sub_ps(x, y);
        mul(x, y) = _mm256_mul_ps(x, y);
        div(x, y) = _mm256_div_ps(x, y);
        sqrt(x) = _mm256_sqrt_ps(x);
        // The instruction gives its second operand where either is a NaN.
        max(x, other) = _mm256_max_ps(other, x);
        min(x, other) = _mm256_min_ps(other, x);
        greater(x, y) = _mm256_cmp_ps::<_CMP_GT_OQ>(x, y);
        keep_where(x, mask) = _mm256_and_ps(x, mask);
        drop_where(x, mask) = _mm256_andnot_ps(mask, x);
        or_where(x, mask, other) = _mm256_or_ps(keep_where(x, mask), drop_where(other, mask));
        sign() = _mm256_set1_ps(-0.0);
        exp2_of_integer(n) = {
            let bits = _mm256_castps_si256(add(n, _mm256_set1_ps(12_582_912.0 + 127.0)));
            _mm256_castsi256_ps(_mm256_slli_epi32::<23>(bits))
        };
    }

    transfers! { __m256, f32, _mm256_set1_ps, _mm256_loadu_ps, _mm256_storeu_ps }

    /// Pairs, then fours within each half, then halves.
    #[inline(always)]
    pub fn transpose(rows: [__m256; 8]) -> [__m256; 8] {
        // SAFETY: as of `intrinsics`.
        unsafe {
            let four = |i: usize| {
                let [a, b, c, d] = [rows[i], rows[i + 1], rows[i + 2], rows[i + 3]];
                let (ab_low, ab_high) = (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
                let (cd_low, cd_high) = (_mm256_unpacklo_ps(c, d), _mm256_unpackhi_ps(c, d));
                [
                    _mm256_shuffle_ps::<0x44>(ab_low, cd_low),
                    _mm256_shuffle_ps::<0xEE>(ab_low, cd_low),
                    _mm256_shuffle_ps::<0x44>(ab_high, cd_high),
                    _mm256_shuffle_ps::<0xEE>(ab_high, cd_high),
                ]
            };
            let (upper, lower) = (four(0), four(4));
            std::array::from_fn(|j| {
                let (a, b) = (upper[j % 4], lower[j % 4]);
                if j < 4 {
                    _mm256_permute2f128_ps::<0x20>(a, b)
                } else {
                    _mm256_permute2f128_ps::<0x31>(a, b)
                }
            })
        }
    }
}

mod double {
    use core::arch::x86_64::*;

    intrinsics! { __m256d;
        add(x, y) = _mm256_add_pd(x, y);
        fused(sum, x, y) = _mm256_fmadd_pd(x, y, sum);
        sub(x, y) = _mm256_sub_pd(x, y);
        mul(x, y) = _mm256_mul_pd(x, y);
        div(x, y) = _mm256_div_pd(x, y);
        sqrt(x) = _mm256_sqrt_pd(x);
        // As of `single`.
        max(x, other) = _mm256_max_pd(other, x);
        min(x, other) = _mm256_min_pd(other, x);
        greater(x, y) = _mm256_cmp_pd::<_CMP_GT_OQ>(x, y);
        keep_where(x, mask) = _mm256_and_pd(x, mask);
        drop_where(x, mask) = _mm256_andnot_pd(mask, x);
        or_where(x, mask, other) = _mm256_or_pd(keep_where(x, mask), drop_where(other, mask));
        sign() = _mm256_set1_pd(-0.0);
        exp2_of_integer(n) = {
            let biased = add(n, _mm256_set1_pd(6_755_399_441_055_744.0 + 1023.0));
            _mm256_castsi256_pd(_mm256_slli_epi64::<52>(_mm256_castpd_si256(biased)))
        };
    }

    transfers! { __m256d, f64, _mm256_set1_pd, _mm256_loadu_pd, _mm256_storeu_pd }

    #[inline(always)]
    pub fn transpose([a, b, c, d]: [__m256d; 4]) -> [__m256d; 4] {
        // SAFETY: as of `intrinsics`.
        unsafe {
            let (ab_even, ab_odd) = (_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b));
            let (cd_even, cd_odd) = (_mm256_unpacklo_pd(c, d), _mm256_unpackhi_pd(c, d));
            [
                _mm256_permute2f128_pd::<0x20>(ab_even, cd_even),
                _mm256_permute2f128_pd::<0x20>(ab_odd, cd_odd),
                _mm256_permute2f128_pd::<0x31>(ab_even, cd_even),
                _mm256_permute2f128_pd::<0x31>(ab_odd, cd_odd),
            ]
        }
    }
}
