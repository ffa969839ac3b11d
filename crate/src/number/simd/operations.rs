//! The operations of a vector, written once: the trait and every instruction set are generated from this table.

/// Calls `$generate! { $head, then the table }`. An operation is one rounded result for each lane, or one choice of bits.
macro_rules! operations {
    ($generate:ident! $head:tt) => {
        $generate! { $head
            fn add(self, other);
            fn sub(self, other);
            fn mul(self, other);

            /// `self + x·y`, rounded once where the set fuses (`Tile::fuses`); else of no use.
            fn fused(self, x, y);

            fn div(self, other);
            fn sqrt(self);

            /// `self < other ? other : self`, so a NaN in `self` stays and one in `other` is passed over.
            fn max(self, other);

            /// `other < self ? other : self`: NaNs as in `max`.
            fn min(self, other);

            /// A mask: all bits of a lane set where `self > other`, none where not (or either is NaN).
            fn greater(self, other);

            /// `self` where the mask's bits are set, +0 elsewhere.
            fn keep_where(self, mask);

            /// +0 where the mask's bits are set, `self` elsewhere.
            fn drop_where(self, mask);

            /// `self` where the mask's bits are set, `other` elsewhere.
            fn or_where(self, mask, other);

            /// 2ⁿ for lanes that hold an integer n with 2ⁿ in the normal range.
            ///
            /// In n + bias + 1.5·2^(fraction bits), the lowest bits are the biased exponent of 2ⁿ; a shift
            /// takes them to where it stands. (V8 needs many instructions to convert lanes to integers.)
            fn exp2_of_integer(self);
        }
    };
}

/// The methods of the trait.
macro_rules! declare {
    (() $($(#[$doc:meta])* fn $operation:ident(self $(, $other:ident)*);)*) => {
        $($(#[$doc])* fn $operation(self $(, $other: Self)*) -> Self;)*
    };
}

/// The methods of one vector, each a call of its namesake in the module `$set`.
macro_rules! implement {
    (($set:ident) $($(#[$doc:meta])* fn $operation:ident(self $(, $other:ident)*);)*) => {
        $(
            #[inline(always)]
            fn $operation(self $(, $other: Self)*) -> Self {
                Self($set::$operation(self.0 $(, $other.0)*))
            }
        )*
    };
}

/// A vector `$name` of `$lanes` elements in a `$register`. The module `$set` has a function for each operation of the
/// table, `splat`, `sign`, `load`, `load_now`, `store`, and `transpose` of as many registers as lanes.
macro_rules! vector {
    ($(#[$doc:meta])* $name:ident, $element:ty, $register:ty, $lanes:expr, $set:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub struct $name($register);

        impl $crate::number::simd::vector::Vector<$element> for $name {
            const LANES: usize = $lanes;
            #[inline(always)]
            fn splat(x: $element) -> Self {
                Self($set::splat(x))
            }
            #[inline(always)]
            fn sign() -> Self {
                Self($set::sign())
            }
            #[inline(always)]
            unsafe fn load_ptr(from: *const $element) -> Self {
                // SAFETY: the caller's contract.
                Self(unsafe { $set::load(from) })
            }
            #[inline(always)]
            unsafe fn load_now(from: *const $element) -> Self {
                // SAFETY: the caller's contract.
                Self(unsafe { $set::load_now(from) })
            }
            #[inline(always)]
            unsafe fn store_ptr(self, to: *mut $element) {
                // SAFETY: the caller's contract.
                unsafe { $set::store(self.0, to) }
            }
            #[inline(always)]
            unsafe fn transpose_ptr(
                from: *const $element,
                from_stride: usize,
                to: *mut $element,
                to_stride: usize,
            ) {
                // SAFETY: the caller's contract.
                let rows: [$register; $lanes] =
                    std::array::from_fn(|i| unsafe { $set::load(from.add(i * from_stride)) });
                for (j, column) in $set::transpose(rows).into_iter().enumerate() {
                    // SAFETY: the caller's contract.
                    unsafe { $set::store(column, to.add(j * to_stride)) }
                }
            }
            operations! { implement! ($set) }
        }
    };
}
