//! One vector of f32 or f64 lanes, the same operations for both.
//!
//! An instruction set is one file: its registers, what it does with them, and the tile that suits them. On wasm32 a
//! vector is a `v128`; elsewhere it is a plain array, so that `cargo test` runs the very same algorithms. Every operation
//! rounds once for each lane and nothing is contracted into a fused multiply-add, so all give the same bits.

#[macro_use]
mod operations;
#[cfg(not(target_arch = "wasm32"))]
mod array;
mod tile;
mod vector;
#[cfg(target_arch = "wasm32")]
mod wasm;

#[cfg(not(target_arch = "wasm32"))]
use array as set;
#[cfg(target_arch = "wasm32")]
use wasm as set;

pub use set::{F32Vector, F64Vector, TILE, stepped};
pub use vector::Vector;

/// The most lanes that any vector has.
pub const MAX_LANES: usize = <F32Vector as Vector<f32>>::LANES;

/// A vector of up to LANES elements, and `padding` in the other lanes.
#[inline(always)]
pub fn load_partial<T: Copy, V: Vector<T>>(from: &[T], padding: T) -> V {
    let lanes: [T; MAX_LANES] =
        std::array::from_fn(|i| if i < from.len() { from[i] } else { padding });
    V::load(&lanes)
}

/// Writes the first lanes into `to`, which has at most LANES elements.
#[inline(always)]
pub fn store_partial<T: Copy, V: Vector<T>>(vector: V, to: &mut [T], padding: T) {
    let mut lanes = [padding; MAX_LANES];
    vector.store(&mut lanes);
    for (to, lane) in to.iter_mut().zip(lanes) {
        *to = lane;
    }
}
