//! The two number types, the vectors of them, and the functions that every result is computed by.

pub mod element;
pub mod erfc;
mod erfc_constants;
pub mod exp;
mod exp_constants;
pub mod expm1;
pub mod fusing;
pub mod half_cosine;
pub mod log1p;
pub mod normal_quantile;
mod polynomial;
pub mod simd;
