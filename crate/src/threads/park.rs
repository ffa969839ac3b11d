//! How a thread sleeps until another wakes it, where there are workers.

#[cfg(all(target_family = "wasm", not(target_feature = "atomics")))]
mod none;
#[cfg(not(target_family = "wasm"))]
mod std;
#[cfg(all(target_family = "wasm", target_feature = "atomics"))]
mod wasm;

#[cfg(all(target_family = "wasm", not(target_feature = "atomics")))]
pub use none::*;
#[cfg(not(target_family = "wasm"))]
pub use std::*;
#[cfg(all(target_family = "wasm", target_feature = "atomics"))]
pub use wasm::*;
