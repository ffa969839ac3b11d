//! Adam, whose weights decay by default: the decay is every rule's (`weight_decay.rs`).
//!
//! Source: Loshchilov & Hutter 2019, algorithm 2, with λ times the learning rate as PyTorch has it.

pub use super::adam::Adam as AdamW;
