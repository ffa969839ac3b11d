//! How the instruction set of a processor is written down.

/// Functions of registers, named as the table's operations, that are one or few instructions of the build's own set.
macro_rules! intrinsics {
    ($register:ty; $($operation:ident($($x:ident),*) = $result:expr;)*) => {$(
        #[inline(always)]
        pub fn $operation($($x: $register),*) -> $register {
            // SAFETY: the set is one that the whole crate is compiled for.
            unsafe { $result }
        }
    )*};
}

/// `splat`, `load` and `store` of a register.
macro_rules! transfers {
    ($register:ty, $element:ty, $splat:ident, $load:ident, $store:ident) => {
        #[inline(always)]
        pub fn splat(x: $element) -> $register {
            // SAFETY: as of `intrinsics`.
            unsafe { $splat(x) }
        }

        /// # Safety
        /// `from` must be valid for reading a register's elements.
        #[inline(always)]
        pub unsafe fn load(from: *const $element) -> $register {
            // SAFETY: the caller's contract.
            unsafe { $load(from) }
        }

        pub use load as load_now;

        /// # Safety
        /// `to` must be valid for writing a register's elements.
        #[inline(always)]
        pub unsafe fn store(x: $register, to: *mut $element) {
            // SAFETY: the caller's contract.
            unsafe { $store(to, x) }
        }
    };
}
