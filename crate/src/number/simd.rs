//! One vector of f32 or f64 lanes, the same operations for both.
//!
//! An instruction set is one file: its registers, what it does with them, and the tile that suits them. The target's
//! features choose it when the crate is compiled; where there is none a vector is a plain array, so that `cargo test`
//! runs the very same algorithms anywhere. Every operation rounds once for each lane and nothing is contracted into a
//! fused multiply-add, so all give the same bits.

#[cfg(any(target_arch = "aarch64", all(target_arch = "x86_64", target_feature = "avx2")))]
#[macro_use]
mod intrinsics;
#[macro_use]
mod operations;
mod tile;
mod vector;

/// The instruction set of this build: a file and its name.
macro_rules! instruction_set {
    ($($condition:meta => $set:ident, $name:literal;)*) => {$(
        #[cfg($condition)]
        mod $set;
        #[cfg($condition)]
        use $set as set;
        #[cfg($condition)]
        pub const INSTRUCTION_SET: &str = $name;
    )*};
}

instruction_set! {
    target_arch = "wasm32" => wasm, "simd128";
    all(target_arch = "x86_64", target_feature = "avx512vl", target_feature = "avx512dq") => avx512, "x64-v4";
    all(target_arch = "x86_64", target_feature = "avx2", not(target_feature = "avx512vl")) => avx2, "x64-v3";
    target_arch = "aarch64" => neon, "neon";
    not(any(target_arch = "wasm32", target_arch = "aarch64", all(target_arch = "x86_64", target_feature = "avx2"))) => array, "none";
}

pub use set::{F32Vector, F64Vector, TILE, stepped};
pub use tile::Fuses;
pub use vector::Vector;

/// Asks for the cache line of `x`, which may be anywhere. Nothing where the set has no instruction for it.
#[inline(always)]
pub fn ask_for<T>(x: *const T) {
    // SAFETY: every x64 has it, and it never faults.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(x.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = x;
}

/// The most lanes that any vector has.
pub const MAX_LANES: usize = <F32Vector as Vector<f32>>::LANES;

/// A vector of up to LANES elements, and `padding` in the other lanes.
#[inline(always)]
pub fn load_partial<T: Copy, V: Vector<T>>(from: &[T], padding: T) -> V {
    let lanes: [T; MAX_LANES] =
        std::array::from_fn(|i| if i < from.len() { from[i] } else { padding });
    V::load(&lanes)
}

/// Writes the first lanes into `to`, which has at most LANES elements.
#[inline(always)]
pub fn store_partial<T: Copy, V: Vector<T>>(vector: V, to: &mut [T], padding: T) {
    let mut lanes = [padding; MAX_LANES];
    vector.store(&mut lanes);
    for (to, lane) in to.iter_mut().zip(lanes) {
        *to = lane;
    }
}
