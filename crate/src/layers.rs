//! The layers: their forward and backward passes.

pub mod dense;
pub mod dropout;
