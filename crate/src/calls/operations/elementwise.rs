//! Activations, dropout and sums that stand by themselves. X and Y: (rows, width).

use crate::activations::activation;
use crate::calls::operation::{Bind, Flow, Moment, Operation, Report, Run};
use crate::facts::{Facts, Words, facts};
use crate::layers::elementwise::{self, Mask};
use crate::memory::{count, slice, slice_mut};
use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::sweep::shared_sweep;

facts! {
    /// Y ← g(X) ⊙ mask / keep_prob; no mask, no dropout. `kept` is where g keeps what its backward pass sees, or 0.
    pub struct Elementwise {
        y: usize,
        x: usize,
        kept: usize,
        mask: usize,
        keep_prob: f64,
        width: usize,
        activation: usize,
        parameter: f64,
    }
}

impl Bind for Elementwise {
    fn bind<T: Element>(words: &mut Words) -> Box<dyn Operation> {
        let facts = Self::take(words);
        let Self { y, x, kept, mask, keep_prob, width, .. } = facts;
        let g = activation::<T>(facts.activation, facts.parameter);
        assert!(g.is_elementwise(), "elementwise: expected an elementwise activation");
        Box::new(move |Moment { rows, .. }: Moment, _: &mut Report| {
            let len = count(rows, width);
            // SAFETY: the contract of `run`.
            unsafe {
                let mask = mask_of(mask, keep_prob, len);
                let kept = (kept != 0).then(|| slice_mut(kept, len));
                elementwise::elementwise(slice_mut::<T>(y, len), slice(x, len), kept, &*g, mask);
            }
            Flow::On
        })
    }
}

facts! {
    /// dX ← dY ⊙ mask / keep_prob ⊙ g′, which may be in one place. `seen`: what g's backward pass sees, its output Y or what
    /// it kept.
    pub struct ElementwiseGradient {
        dx: usize,
        dy: usize,
        seen: usize,
        mask: usize,
        keep_prob: f64,
        width: usize,
        activation: usize,
        parameter: f64,
    }
}

impl Bind for ElementwiseGradient {
    fn bind<T: Element>(words: &mut Words) -> Box<dyn Operation> {
        let facts = Self::take(words);
        let Self { dx, dy, seen, mask, keep_prob, width, .. } = facts;
        let g = activation::<T>(facts.activation, facts.parameter);
        Box::new(move |Moment { rows, .. }: Moment, _: &mut Report| {
            let len = count(rows, width);
            // SAFETY: the contract of `run`; where dX is dY there is one view of it.
            unsafe {
                let gradient = slice_mut::<T>(dx, len);
                if dy != dx {
                    gradient.copy_from_slice(slice(dy, len));
                }
                let mask = mask_of(mask, keep_prob, len);
                elementwise::elementwise_gradient(gradient, slice(seen, len), &*g, mask);
            }
            Flow::On
        })
    }
}

/// The mask at an offset, where there is one.
///
/// # Safety
/// As for `slice`.
unsafe fn mask_of<'a, T>(mask: usize, keep_prob: f64, len: usize) -> Option<Mask<'a, T>> {
    // SAFETY: the caller's contract.
    (mask != 0).then(|| (unsafe { slice(mask, len) }, keep_prob))
}

facts! {
    /// Y ← X + other.
    pub struct Sum {
        y: usize,
        x: usize,
        other: usize,
        width: usize,
        threads: usize,
    }
}

impl Run for Sum {
    unsafe fn run<T: Element>(&self, Moment { rows, .. }: Moment, _: &mut Report) -> Flow {
        let Self { y, x, other, width, threads } = *self;
        let len = count(rows, width);
        // SAFETY: the contract of `run`.
        unsafe {
            let (y, x, other) = (slice_mut::<T>(y, len), slice(x, len), slice(other, len));
            shared_sweep(threads, [y], [x, other], |_, [x, other]| [x.add(other)]);
        }
        Flow::On
    }
}
