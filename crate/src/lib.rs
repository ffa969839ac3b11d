//! The kernels of Layerwise, generic over f32 and f64: plain Rust on slices and ndarray views. `calls` is what an
//! engine exports; it knows offsets and handles, and nothing of WebAssembly either.

#![cfg_attr(target_feature = "atomics", feature(stdarch_wasm_atomic_wait))]

pub mod activations;
pub mod averages;
mod call;
pub mod calls;
pub mod clipping;
mod facts;
pub mod gather;
pub mod gemm;
pub mod in_order;
pub mod initializations;
pub mod layers;
pub mod losses;
pub mod memory;
pub mod metrics;
pub mod number;
pub mod optimizers;
pub mod part;
#[cfg(any(test, feature = "benchmark"))]
pub mod peak;
pub mod penalty;
pub mod product;
pub mod random;
pub mod reduction;
pub mod schedules;
pub mod sha256;
pub mod sweep;
#[cfg(test)]
mod testing;
pub mod threads;
