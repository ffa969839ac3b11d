//! One 128-bit vector of f32 or f64 lanes, the same operations for both.
//!
//! On wasm32 a vector is a `v128`; elsewhere it is a plain array, so that `cargo test` runs the very
//! same algorithms. Every operation rounds once a lane and nothing is contracted into a fused
//! multiply-add, so both give the same bits.

/// The most lanes that any vector has.
pub const MAX_LANES: usize = 4;

/// The arithmetic of one 128-bit vector with lanes of type `T`.
pub trait Vector<T>: Copy + Send + Sync {
    /// Lanes in a vector: 4 for f32, 2 for f64.
    const LANES: usize;

    /// All lanes equal `x`.
    fn splat(x: T) -> Self;

    /// Reads LANES elements.
    ///
    /// # Safety
    /// `from` must be valid for reading LANES elements; it need not be aligned to the vector.
    unsafe fn load_ptr(from: *const T) -> Self;

    /// `load_ptr` of an aligned vector that keeps its place among the loads around it: the compiler would move it
    /// to its first use.
    ///
    /// # Safety
    /// As `load_ptr`, and `from` must be aligned to the vector.
    unsafe fn load_now(from: *const T) -> Self;

    /// Writes LANES elements.
    ///
    /// # Safety
    /// `to` must be valid for writing LANES elements; it need not be aligned to the vector.
    unsafe fn store_ptr(self, to: *mut T);

    /// Writes the transpose of a LANES × LANES block: `to[j][i] = from[i][j]`, where rows begin
    /// `from_stride` and `to_stride` elements apart.
    ///
    /// # Safety
    /// Every row of `from` must be valid for reading LANES elements, every row of `to` for writing
    /// them; the two may not overlap.
    unsafe fn transpose_ptr(from: *const T, from_stride: usize, to: *mut T, to_stride: usize);

    /// Reads the first LANES elements of `from`. Panics where there are fewer.
    #[inline(always)]
    fn load(from: &[T]) -> Self {
        assert!(from.len() >= Self::LANES);
        // SAFETY: the assertion above: LANES elements are there.
        unsafe { Self::load_ptr(from.as_ptr()) }
    }

    /// Writes the first LANES elements of `to`. Panics where there are fewer.
    #[inline(always)]
    fn store(self, to: &mut [T]) {
        assert!(to.len() >= Self::LANES);
        // SAFETY: the assertion above: LANES elements are there.
        unsafe { self.store_ptr(to.as_mut_ptr()) }
    }

    /// Reads up to LANES elements into the first lanes and puts `padding` into the others.
    #[inline(always)]
    fn load_partial(from: &[T], padding: T) -> Self
    where
        T: Copy,
    {
        let lanes: [T; MAX_LANES] =
            std::array::from_fn(|i| if i < from.len() { from[i] } else { padding });
        Self::load(&lanes)
    }

    /// Writes the first lanes into `to`, which has at most LANES elements.
    #[inline(always)]
    fn store_partial(self, to: &mut [T], padding: T)
    where
        T: Copy,
    {
        let mut lanes = [padding; MAX_LANES];
        self.store(&mut lanes);
        for (to, lane) in to.iter_mut().zip(lanes) {
            *to = lane;
        }
    }

    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn mul(self, other: Self) -> Self;
    fn div(self, other: Self) -> Self;
    fn sqrt(self) -> Self;

    /// −0 in every lane: `x.drop_where(sign)` is |x|. To be made before a loop: the compiler does not know its bits,
    /// since it would make the instruction for |x| of them, which V8 turns into three.
    fn sign() -> Self;

    /// `self < other ? other : self`, so a NaN in `self` stays and one in `other` is passed over.
    fn max(self, other: Self) -> Self;

    /// A mask: all bits of a lane set where `self > other`, none where not (or either is NaN).
    fn greater(self, other: Self) -> Self;

    /// `self` where the mask's bits are set, +0 elsewhere.
    fn keep_where(self, mask: Self) -> Self;

    /// +0 where the mask's bits are set, `self` elsewhere.
    fn drop_where(self, mask: Self) -> Self;

    /// `self` where the mask's bits are set, `other` elsewhere.
    fn or_where(self, mask: Self, other: Self) -> Self;

    /// 2ⁿ for lanes that hold an integer n with 2ⁿ in the normal range.
    ///
    /// In n + bias + 1.5·2^(fraction bits), the lowest bits are the biased exponent of 2ⁿ; a shift
    /// takes them to its place. (V8 needs many instructions to convert lanes to integers.)
    fn exp2_of_integer(self) -> Self;
}

#[cfg(target_arch = "wasm32")]
mod wasm {
    use super::Vector;
    use core::arch::wasm32::*;
    use std::hint::black_box;

    /// Four f32 lanes.
    #[derive(Clone, Copy)]
    pub struct F32Vector(v128);
    /// Two f64 lanes.
    #[derive(Clone, Copy)]
    pub struct F64Vector(v128);

    macro_rules! vector {
        ($name:ident, $element:ty, $lanes:literal, $splat:ident, $add:ident, $sub:ident, $mul:ident,
         $div:ident, $sqrt:ident, $pmax:ident, $gt:ident, $exp2:expr, $transpose:expr) => {
            impl Vector<$element> for $name {
                const LANES: usize = $lanes;
                #[inline(always)]
                fn splat(x: $element) -> Self {
                    Self($splat(x))
                }
                #[inline(always)]
                unsafe fn load_ptr(from: *const $element) -> Self {
                    // SAFETY: the caller's contract; v128_load takes any alignment.
                    Self(unsafe { v128_load(from.cast()) })
                }
                #[inline(always)]
                unsafe fn load_now(from: *const $element) -> Self {
                    // SAFETY: the caller's contract.
                    Self(unsafe { from.cast::<v128>().read_volatile() })
                }
                #[inline(always)]
                unsafe fn store_ptr(self, to: *mut $element) {
                    // SAFETY: the caller's contract; v128_store takes any alignment.
                    unsafe { v128_store(to.cast(), self.0) }
                }
                #[inline(always)]
                unsafe fn transpose_ptr(
                    from: *const $element,
                    from_stride: usize,
                    to: *mut $element,
                    to_stride: usize,
                ) {
                    // SAFETY: the caller's contract.
                    let rows: [v128; $lanes] = std::array::from_fn(|i| unsafe {
                        v128_load(from.add(i * from_stride).cast())
                    });
                    for (j, column) in $transpose(rows).into_iter().enumerate() {
                        // SAFETY: the caller's contract.
                        unsafe { v128_store(to.add(j * to_stride).cast(), column) }
                    }
                }
                #[inline(always)]
                fn add(self, other: Self) -> Self {
                    Self($add(self.0, other.0))
                }
                #[inline(always)]
                fn sub(self, other: Self) -> Self {
                    Self($sub(self.0, other.0))
                }
                #[inline(always)]
                fn mul(self, other: Self) -> Self {
                    Self($mul(self.0, other.0))
                }
                #[inline(always)]
                fn div(self, other: Self) -> Self {
                    Self($div(self.0, other.0))
                }
                #[inline(always)]
                fn sqrt(self) -> Self {
                    Self($sqrt(self.0))
                }
                #[inline(always)]
                fn sign() -> Self {
                    Self::splat(black_box(-0.0))
                }
                #[inline(always)]
                fn max(self, other: Self) -> Self {
                    Self($pmax(self.0, other.0))
                }
                #[inline(always)]
                fn greater(self, other: Self) -> Self {
                    Self($gt(self.0, other.0))
                }
                #[inline(always)]
                fn keep_where(self, mask: Self) -> Self {
                    Self(v128_and(self.0, mask.0))
                }
                #[inline(always)]
                fn drop_where(self, mask: Self) -> Self {
                    Self(v128_andnot(self.0, mask.0))
                }
                #[inline(always)]
                fn or_where(self, mask: Self, other: Self) -> Self {
                    Self(v128_bitselect(self.0, other.0, mask.0))
                }
                #[inline(always)]
                fn exp2_of_integer(self) -> Self {
                    Self($exp2(self.0))
                }
            }
        };
    }

    vector!(
        F32Vector,
        f32,
        4,
        f32x4_splat,
        f32x4_add,
        f32x4_sub,
        f32x4_mul,
        f32x4_div,
        f32x4_sqrt,
        f32x4_pmax,
        f32x4_gt,
        |n| i32x4_shl(f32x4_add(n, f32x4_splat(12_582_912.0 + 127.0)), 23),
        |[a, b, c, d]: [v128; 4]| {
            let (ac_low, ac_high) =
                (i32x4_shuffle::<0, 4, 1, 5>(a, c), i32x4_shuffle::<2, 6, 3, 7>(a, c));
            let (bd_low, bd_high) =
                (i32x4_shuffle::<0, 4, 1, 5>(b, d), i32x4_shuffle::<2, 6, 3, 7>(b, d));
            [
                i32x4_shuffle::<0, 4, 1, 5>(ac_low, bd_low),
                i32x4_shuffle::<2, 6, 3, 7>(ac_low, bd_low),
                i32x4_shuffle::<0, 4, 1, 5>(ac_high, bd_high),
                i32x4_shuffle::<2, 6, 3, 7>(ac_high, bd_high),
            ]
        }
    );
    vector!(
        F64Vector,
        f64,
        2,
        f64x2_splat,
        f64x2_add,
        f64x2_sub,
        f64x2_mul,
        f64x2_div,
        f64x2_sqrt,
        f64x2_pmax,
        f64x2_gt,
        |n| i64x2_shl(f64x2_add(n, f64x2_splat(6_755_399_441_055_744.0 + 1023.0)), 52),
        |[a, b]: [v128; 2]| [i64x2_shuffle::<0, 2>(a, b), i64x2_shuffle::<1, 3>(a, b)]
    );
}

#[cfg(not(target_arch = "wasm32"))]
mod array {
    use super::Vector;

    /// Four f32 lanes.
    #[derive(Clone, Copy)]
    pub struct F32Vector([f32; 4]);
    /// Two f64 lanes.
    #[derive(Clone, Copy)]
    pub struct F64Vector([f64; 2]);

    macro_rules! vector {
        ($name:ident, $element:ty, $bits:ty, $lanes:literal, $biased_rounder:expr,
         $fraction_bits:literal) => {
            impl $name {
                #[inline(always)]
                fn each(self, other: Self, f: impl Fn($element, $element) -> $element) -> Self {
                    Self(std::array::from_fn(|i| f(self.0[i], other.0[i])))
                }
            }
            impl Vector<$element> for $name {
                const LANES: usize = $lanes;
                #[inline(always)]
                fn splat(x: $element) -> Self {
                    Self([x; $lanes])
                }
                #[inline(always)]
                unsafe fn load_ptr(from: *const $element) -> Self {
                    // SAFETY: the caller's contract.
                    Self(unsafe { from.cast::<[$element; $lanes]>().read_unaligned() })
                }
                #[inline(always)]
                unsafe fn load_now(from: *const $element) -> Self {
                    // SAFETY: the caller's contract.
                    unsafe { Self::load_ptr(from) }
                }
                #[inline(always)]
                unsafe fn store_ptr(self, to: *mut $element) {
                    // SAFETY: the caller's contract.
                    unsafe { to.cast::<[$element; $lanes]>().write_unaligned(self.0) }
                }
                #[inline(always)]
                unsafe fn transpose_ptr(
                    from: *const $element,
                    from_stride: usize,
                    to: *mut $element,
                    to_stride: usize,
                ) {
                    for i in 0..$lanes {
                        for j in 0..$lanes {
                            // SAFETY: the caller's contract.
                            unsafe { *to.add(j * to_stride + i) = *from.add(i * from_stride + j) }
                        }
                    }
                }
                #[inline(always)]
                fn add(self, other: Self) -> Self {
                    self.each(other, |a, b| a + b)
                }
                #[inline(always)]
                fn sub(self, other: Self) -> Self {
                    self.each(other, |a, b| a - b)
                }
                #[inline(always)]
                fn mul(self, other: Self) -> Self {
                    self.each(other, |a, b| a * b)
                }
                #[inline(always)]
                fn div(self, other: Self) -> Self {
                    self.each(other, |a, b| a / b)
                }
                #[inline(always)]
                fn sqrt(self) -> Self {
                    self.each(self, |a, _| a.sqrt())
                }
                #[inline(always)]
                fn sign() -> Self {
                    Self::splat(-0.0)
                }
                #[inline(always)]
                fn max(self, other: Self) -> Self {
                    self.each(other, |a, b| if a < b { b } else { a })
                }
                #[inline(always)]
                fn greater(self, other: Self) -> Self {
                    self.each(other, |a, b| {
                        <$element>::from_bits(if a > b { <$bits>::MAX } else { 0 })
                    })
                }
                #[inline(always)]
                fn keep_where(self, mask: Self) -> Self {
                    self.each(mask, |a, m| <$element>::from_bits(a.to_bits() & m.to_bits()))
                }
                #[inline(always)]
                fn drop_where(self, mask: Self) -> Self {
                    self.each(mask, |a, m| <$element>::from_bits(a.to_bits() & !m.to_bits()))
                }
                #[inline(always)]
                fn or_where(self, mask: Self, other: Self) -> Self {
                    Self(std::array::from_fn(|i| {
                        let m = mask.0[i].to_bits();
                        <$element>::from_bits(
                            (self.0[i].to_bits() & m) | (other.0[i].to_bits() & !m),
                        )
                    }))
                }
                #[inline(always)]
                fn exp2_of_integer(self) -> Self {
                    self.each(self, |n, _| {
                        <$element>::from_bits((n + $biased_rounder).to_bits() << $fraction_bits)
                    })
                }
            }
        };
    }

    vector!(F32Vector, f32, u32, 4, 12_582_912.0 + 127.0, 23);
    vector!(F64Vector, f64, u64, 2, 6_755_399_441_055_744.0 + 1023.0, 52);
}

#[cfg(not(target_arch = "wasm32"))]
pub use array::{F32Vector, F64Vector};
#[cfg(target_arch = "wasm32")]
pub use wasm::{F32Vector, F64Vector};
