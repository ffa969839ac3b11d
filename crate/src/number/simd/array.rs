//! Vectors as plain arrays, so that `cargo test` runs the very same algorithms: of 128 bits as in WebAssembly, or, with
//! the feature "lanes-256" or "lanes-512", of as many lanes and such tiles as wider instruction sets have.

use super::tile::{Fuses, PAGE, Tile};

const BYTES: usize = if cfg!(feature = "lanes-512") {
    64
} else if cfg!(feature = "lanes-256") {
    32
} else {
    16
};

pub const TILE: Tile = Tile {
    rows: match BYTES {
        16 => 4,
        32 => 6,
        _ => 14,
    },
    vectors: 2,
    steps: 16,
    splits_steps: false,
    fuses: Fuses::WhereAsked,
    panel_bytes: 24 << 10,
    columns_in_place: match BYTES {
        16 => 20,
        _ => 256,
    },
    span_in_place: match BYTES {
        64 => 128 * PAGE,
        _ => 32 * PAGE,
    },
    block_bytes: 512 << 10,
};

/// `x`.
#[inline(always)]
pub fn stepped<T>(x: *mut T) -> *mut T {
    x
}

vector! {
    /// Four f32 lanes, 8 or 16.
    F32Vector, f32, single::Register, single::LANES, single
}
vector! {
    /// Two f64 lanes, 4 or 8.
    F64Vector, f64, double::Register, double::LANES, double
}

/// The operations on the lanes of registers, one by one.
macro_rules! each_lane {
    ($($operation:ident |$x:ident $(, $other:ident)*| $result:expr;)*) => {
        $(
            #[inline(always)]
            pub fn $operation($x: Register $(, $other: Register)*) -> Register {
                std::array::from_fn(|i| {
                    let ($x, $($other,)*) = ($x[i], $($other[i],)*);
                    $result
                })
            }
        )*
    };
}

macro_rules! set {
    ($set:ident, $element:ty, $bits:ty, $biased_rounder:expr, $fraction_bits:literal) => {
        mod $set {
            pub const LANES: usize = crate::number::simd::array::BYTES / size_of::<$element>();
            pub type Register = [$element; LANES];

            each_lane! {
                add |x, y| x + y;
                sub |x, y| x - y;
                mul |x, y| x * y;
                fused |sum, x, y| x.mul_add(y, sum);
                div |x, y| x / y;
                sqrt |x| x.sqrt();
                max |x, y| if x < y { y } else { x };
                min |x, y| if y < x { y } else { x };
                greater |x, y| of_bits(if x > y { <$bits>::MAX } else { 0 });
                keep_where |x, mask| of_bits(x.to_bits() & mask.to_bits());
                drop_where |x, mask| of_bits(x.to_bits() & !mask.to_bits());
                or_where |x, mask, y| {
                    of_bits((x.to_bits() & mask.to_bits()) | (y.to_bits() & !mask.to_bits()))
                };
                exp2_of_integer |n| of_bits((n + $biased_rounder).to_bits() << $fraction_bits);
            }

            #[inline(always)]
            fn of_bits(bits: $bits) -> $element {
                <$element>::from_bits(bits)
            }

            #[inline(always)]
            pub fn splat(x: $element) -> Register {
                [x; LANES]
            }

            #[inline(always)]
            pub fn sign() -> Register {
                splat(-0.0)
            }

            /// # Safety
            /// `from` must be valid for reading LANES elements.
            #[inline(always)]
            pub unsafe fn load(from: *const $element) -> Register {
                // SAFETY: the caller's contract.
                unsafe { from.cast::<Register>().read_unaligned() }
            }

            pub use load as load_now;

            /// # Safety
            /// `to` must be valid for writing LANES elements.
            #[inline(always)]
            pub unsafe fn store(x: Register, to: *mut $element) {
                // SAFETY: the caller's contract.
                unsafe { to.cast::<Register>().write_unaligned(x) }
            }

            #[inline(always)]
            pub fn transpose(rows: [Register; LANES]) -> [Register; LANES] {
                std::array::from_fn(|j| std::array::from_fn(|i| rows[i][j]))
            }
        }
    };
}

set!(single, f32, u32, 12_582_912.0 + 127.0, 23);
set!(double, f64, u64, 6_755_399_441_055_744.0 + 1023.0, 52);
