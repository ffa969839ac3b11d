//! Whether products and sums are rounded together: a choice of the program that a thread runs, exact unless it says so.
//! A build of WebAssembly is made for one of the two.

#[cfg(not(target_family = "wasm"))]
pub use native::{fuses, fusing};
#[cfg(target_feature = "relaxed-simd")]
pub use relaxed::rounds_once;

/// No program of WebAssembly chooses.
#[cfg(target_family = "wasm")]
#[inline(always)]
pub const fn fuses() -> bool {
    false
}

#[cfg(target_feature = "relaxed-simd")]
mod relaxed {
    use crate::number::element::Element;
    use std::hint::black_box;

    /// Whether a relaxed multiply-add is rounded once here. Where the processor has no instruction for that it is rounded
    /// twice, as in the exact build.
    pub fn rounds_once() -> bool {
        let x: f32 = black_box(1.0 + 1.0 / 4096.0);
        // x² is 1 + 2⁻¹¹ + 2⁻²⁴, the last of which a rounding of its own takes away.
        x.fused(x, black_box(-1.0 - 1.0 / 2048.0)) != 0.0
    }
}

#[cfg(not(target_family = "wasm"))]
mod native {
    use std::cell::Cell;

    thread_local! {
        static FUSES: Cell<bool> = const { Cell::new(false) };
    }

    #[inline(always)]
    pub fn fuses() -> bool {
        FUSES.get()
    }

    /// Calls `work`, whose products are fused if `fused`.
    pub fn fusing<Value>(fused: bool, work: impl FnOnce() -> Value) -> Value {
        struct Restore(bool);
        impl Drop for Restore {
            fn drop(&mut self) {
                FUSES.set(self.0);
            }
        }
        let _restore = Restore(FUSES.replace(fused));
        work()
    }
}
