//! Clipping of all gradients, by value and by norm.

use crate::calls::operation::{Bind, Flow, Moment, Operation, Report};
use crate::clipping::{LayerGradients, Norm, clip_by_value};
use crate::facts::{Facts, Words, facts};
use crate::memory::slice_mut;
use crate::number::element::Element;

facts! {
    /// g ← min(max(g, −value), value), then g ← g · min(1, norm/‖g‖) over all: each only where its limit isn't 0.
    /// `gradients` is the block of all of them. Behind the facts, of each layer in the block's order: inputs and outputs, then
    /// the units of a panel of dW (1 for row-major) and the number of biases.
    pub struct Clip {
        value: f64,
        norm: f64,
        gradients: usize,
        threads: usize,
    }
}

impl Bind for Clip {
    fn bind<T: Element>(words: &mut Words) -> Box<dyn Operation> {
        let Self { value, norm: limit, gradients, threads } = Self::take(words);
        let mut norm = norm_of(&words.pairs());
        Box::new(move |_: Moment, _: &mut Report| {
            // SAFETY: the contract of `run`.
            let g: &mut [T] = unsafe { slice_mut(gradients, norm.count()) };
            if value > 0.0 {
                clip_by_value(g, value, threads);
            }
            if limit > 0.0 {
                norm.clip(g, limit, threads);
            }
            Flow::On
        })
    }
}

/// Compiled once for both number types.
#[inline(never)]
fn norm_of(pairs: &[(usize, usize)]) -> Norm {
    let layer = |pairs: &[(usize, usize)]| {
        let [(inputs, outputs), (panel, biases)] = *pairs else { unreachable!("two pairs") };
        LayerGradients { inputs, outputs, panel, biases }
    };
    Norm::of(pairs.chunks_exact(2).map(layer).collect())
}
