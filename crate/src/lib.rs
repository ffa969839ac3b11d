//! The kernels of Layerwise: dense layers, losses and optimizers, generic over f32 and f64.
//!
//! Every module but `bindings` takes slices and ndarray views and knows nothing of WebAssembly.

#![cfg_attr(target_feature = "atomics", feature(stdarch_wasm_atomic_wait))]

pub mod accuracy;
pub mod activation;
mod bindings;
pub mod dense;
pub mod dropout;
pub mod element;
pub mod exp;
pub mod gather;
pub mod gemm;
pub mod initialization;
pub mod log1p;
pub mod loss;
pub mod memory;
pub mod optimizer;
pub mod peak;
pub mod product;
pub mod random;
pub mod reduction;
pub mod sha256;
pub mod simd;
pub mod sweep;
#[cfg(test)]
mod testing;
pub mod threads;
