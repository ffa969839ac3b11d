//! The operations: one file for those that belong together, and one line each in the table.

mod average;
mod batch;
#[cfg(feature = "benchmark")]
mod benchmark;
mod clip;
mod dense;
mod elementwise;
mod guard;
mod loss;
mod norm;
mod output;
mod pack;
mod parts;
mod scaling;
mod start;
mod update;

use super::operation::{Bind, Operation};
use crate::facts::{Facts, Thing, Words};
use crate::number::element::Element;

/// One line an operation: its name and the type of its facts.
macro_rules! table {
    ($($(#[$condition:meta])* $name:ident: $facts:ty,)*) => {
        /// The names, in the order of their numbers, and those of their facts, each behind a space.
        pub const NAMES: &[Thing] =
            &[$($(#[$condition])* (stringify!($name), <$facts>::FIELDS)),*];

        /// The operation of this number on numbers of type T. Panics where there is no such number, and for a fact that
        /// is missing.
        pub fn operation<T: Element>(number: usize, words: &mut Words) -> Box<dyn Operation> {
            let binds: &[fn(&mut Words) -> Box<dyn Operation>] =
                &[$($(#[$condition])* <$facts as Bind>::bind::<T>),*];
            binds[number](words)
        }
    };
}

table! {
    initialize: start::Initialize,
    shuffle: batch::Shuffle,
    gather: batch::Gather,
    gather_bytes: batch::GatherBytes,
    scaling: scaling::Scaling,
    pack_inputs: pack::PackInputs,
    dropout_mask: batch::DropoutMask,
    dense_forward: dense::DenseForward,
    loss: loss::Loss,
    penalty: loss::Penalty,
    loss_guard: loss::LossGuard,
    weight_gradient: dense::WeightGradient,
    l1_gradient: dense::L1Gradient,
    input_gradient: dense::InputGradient,
    elementwise: elementwise::Elementwise,
    elementwise_gradient: elementwise::ElementwiseGradient,
    sum: elementwise::Sum,
    batch_statistics: norm::BatchStatistics,
    running_statistics: norm::RunningStatistics,
    standardize: norm::Standardize,
    standardize_rows: norm::StandardizeRows,
    scale_and_shift: norm::ScaleAndShift,
    scale_and_shift_gradient: norm::ScaleAndShiftGradient,
    batch_norm_gradient: norm::BatchNormGradient,
    layer_norm_gradient: norm::LayerNormGradient,
    gradient_bound: guard::GradientBound,
    gradient_guard: guard::GradientGuard,
    accumulate: parts::Accumulate,
    copy: parts::CopyBlock,
    clip: clip::Clip,
    update: update::Update,
    max_norm: update::MaxNorm,
    average: average::Average,
    swap: average::Swap,
    output_activation: output::OutputActivation,
    correct_units: output::CorrectUnits,
    correct_classes: output::CorrectClasses,
    correct_distributions: output::CorrectDistributions,
    rates: output::Rates,
    #[cfg(feature = "benchmark")]
    product: benchmark::Product,
    #[cfg(feature = "benchmark")]
    ndarray_product: benchmark::NdarrayProduct,
    #[cfg(feature = "benchmark")]
    multiply_add_peak: benchmark::MultiplyAddPeak,
    #[cfg(feature = "benchmark")]
    rendezvous: benchmark::Rendezvous,
}
