//! How a thread sleeps until another wakes it, where there are workers.

#[cfg(not(target_feature = "atomics"))]
mod none;
#[cfg(target_feature = "atomics")]
mod wasm;

#[cfg(not(target_feature = "atomics"))]
pub use none::*;
#[cfg(target_feature = "atomics")]
pub use wasm::*;
