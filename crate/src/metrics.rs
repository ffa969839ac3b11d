//! What is counted of a network's answers.

pub mod accuracy;
