//! Whether products and sums are rounded together: a choice of the program that a thread runs, exact unless it says so.

/// WebAssembly has no instruction for it.
#[cfg(target_family = "wasm")]
#[inline(always)]
pub const fn fuses() -> bool {
    false
}

#[cfg(not(target_family = "wasm"))]
pub use native::{fuses, fusing};

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
