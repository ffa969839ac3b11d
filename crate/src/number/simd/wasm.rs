//! WebAssembly's vectors of 128 bits, and what V8 needs so that they are as fast as the core.

use super::tile::{PAGE, Tile};
use core::arch::wasm32::v128;
use std::hint::black_box;

/// What the builds of exact and of fast math do otherwise.
#[cfg_attr(target_feature = "relaxed-simd", path = "wasm/fast.rs")]
#[cfg_attr(not(target_feature = "relaxed-simd"), path = "wasm/exact.rs")]
mod math;

/// 4 rows × 2 vectors are 8 accumulators; with a row of B, the elements of A and a product they fit V8's 15 vector
/// registers, and their loads the rate at which a core takes instructions. 5×2 and 3×3 spill in V8 11. With 8 steps in a
/// turn the loop costs more.
pub const TILE: Tile = Tile {
    rows: 4,
    vectors: 2,
    steps: 16,
    splits_steps: true,
    fuses: math::FUSES,
    panel_bytes: 24 << 10,
    columns_in_place: 20,
    span_in_place: 32 * PAGE,
    block_bytes: 512 << 10,
};

/// `x`, which no compiler can follow: LLVM would compute a pointer that steps on anew, by a multiplication.
#[inline(always)]
pub fn stepped<T>(x: *mut T) -> *mut T {
    black_box(x)
}

vector! {
    /// Four f32 lanes.
    F32Vector, f32, v128, 4, single
}
vector! {
    /// Two f64 lanes.
    F64Vector, f64, v128, 2, double
}

/// What is the same for both.
mod any {
    use core::arch::wasm32::{v128, v128_bitselect, v128_load, v128_store};
    pub use core::arch::wasm32::{v128_and as keep_where, v128_andnot as drop_where};

    #[inline(always)]
    pub fn or_where(x: v128, mask: v128, other: v128) -> v128 {
        v128_bitselect(x, other, mask)
    }

    /// # Safety
    /// `from` must be valid for reading 16 bytes, of any alignment.
    #[inline(always)]
    pub unsafe fn load<T>(from: *const T) -> v128 {
        // SAFETY: the caller's contract.
        unsafe { v128_load(from.cast()) }
    }

    /// V8 13 and later keep the order of the .wasm, where LLVM moves each load to its first use; a volatile one stays.
    ///
    /// # Safety
    /// As `load`, and aligned.
    #[inline(always)]
    pub unsafe fn load_now<T>(from: *const T) -> v128 {
        // SAFETY: the caller's contract.
        unsafe { from.cast::<v128>().read_volatile() }
    }

    /// # Safety
    /// `to` must be valid for writing 16 bytes, of any alignment.
    #[inline(always)]
    pub unsafe fn store<T>(x: v128, to: *mut T) {
        // SAFETY: the caller's contract.
        unsafe { v128_store(to.cast(), x) }
    }
}

mod single {
    pub use crate::number::simd::wasm::any::*;
    pub use crate::number::simd::wasm::math::single::*;
    pub use core::arch::wasm32::{
        f32x4_add as add, f32x4_div as div, f32x4_gt as greater, f32x4_mul as mul,
        f32x4_splat as splat, f32x4_sqrt as sqrt, f32x4_sub as sub,
    };
    use core::arch::wasm32::{f32x4_add as sum, f32x4_splat, i32x4_shl, i32x4_shuffle, v128};
    use std::hint::black_box;

    /// LLVM may not know its bits: it would make the instruction for |x| of them, which V8 turns into three.
    #[inline(always)]
    pub fn sign() -> v128 {
        f32x4_splat(black_box(-0.0))
    }

    #[inline(always)]
    pub fn exp2_of_integer(n: v128) -> v128 {
        i32x4_shl(sum(n, f32x4_splat(12_582_912.0 + 127.0)), 23)
    }

    #[inline(always)]
    pub fn transpose([a, b, c, d]: [v128; 4]) -> [v128; 4] {
        let low = |a, b| i32x4_shuffle::<0, 4, 1, 5>(a, b);
        let high = |a, b| i32x4_shuffle::<2, 6, 3, 7>(a, b);
        let (ac_low, ac_high) = (low(a, c), high(a, c));
        let (bd_low, bd_high) = (low(b, d), high(b, d));
        [low(ac_low, bd_low), high(ac_low, bd_low), low(ac_high, bd_high), high(ac_high, bd_high)]
    }
}

mod double {
    pub use crate::number::simd::wasm::any::*;
    pub use crate::number::simd::wasm::math::double::*;
    pub use core::arch::wasm32::{
        f64x2_add as add, f64x2_div as div, f64x2_gt as greater, f64x2_mul as mul,
        f64x2_splat as splat, f64x2_sqrt as sqrt, f64x2_sub as sub,
    };
    use core::arch::wasm32::{f64x2_add as sum, f64x2_splat, i64x2_shl, i64x2_shuffle, v128};
    use std::hint::black_box;

    /// As of `single`.
    #[inline(always)]
    pub fn sign() -> v128 {
        f64x2_splat(black_box(-0.0))
    }

    #[inline(always)]
    pub fn exp2_of_integer(n: v128) -> v128 {
        i64x2_shl(sum(n, f64x2_splat(6_755_399_441_055_744.0 + 1023.0)), 52)
    }

    #[inline(always)]
    pub fn transpose([a, b]: [v128; 2]) -> [v128; 2] {
        [i64x2_shuffle::<0, 2>(a, b), i64x2_shuffle::<1, 3>(a, b)]
    }
}
