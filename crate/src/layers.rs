//! The layers: their forward and backward passes.

pub mod batch_norm;
pub mod dense;
pub mod dropout;
pub mod elementwise;
pub mod layer_norm;
pub mod max_norm;
pub mod norm;
pub mod scaling;
