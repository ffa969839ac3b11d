//! The look at all gradients before anything is updated.

use crate::calls::operation::{Bind, Flow, Moment, Operation, Report, Run};
use crate::facts::{Facts, Words, facts};
use crate::memory::slice;
use crate::number::element::Element;
use crate::reduction::{largest_magnitude, magnitude_bound};
use std::ops::Range;

/// Layers that can have a bound of their own.
const MOST_BOUNDED: usize = u64::BITS as usize;

facts! {
    /// Where a batch has so few examples that dZ and X, of which a layer's dW and db are sums, are fewer numbers than
    /// these: report.bound ← at least rows · max |dZ| · max |X|, doubled for what rounding adds. Before the next layer
    /// overwrites dZ, and without an L2 term.
    pub struct GradientBound {
        layer: usize,
        dz: usize,
        x: usize,
        inputs: usize,
        outputs: usize,
        threads: usize,
    }
}

impl Run for GradientBound {
    unsafe fn run<T: Element>(&self, Moment { rows, .. }: Moment, report: &mut Report) -> Flow {
        let Self { layer, dz, x, inputs, outputs, threads } = *self;
        let few = rows * (inputs + outputs) < inputs * outputs;
        if few && layer < MOST_BOUNDED {
            // SAFETY: the contract of `run`.
            let (dz, x) = unsafe { (slice(dz, rows * outputs), slice(x, rows * inputs)) };
            let of_dz = magnitude_bound::<T>(dz, threads);
            let of_x = magnitude_bound::<T>(x, threads);
            // db is as if X were 1.
            let bound = 2.0 * rows as f64 * of_dz * larger(1.0, of_x);
            report.bound = larger(report.bound, bound);
            report.bounded |= 1 << layer;
        }
        Flow::On
    }
}

facts! {
    /// Ends the program where a gradient is larger than `limit`, or NaN, and names its layer. `gradients` is the block
    /// of all of them. Behind the facts: of each layer, where its gradients begin
    /// and end in the block, which they fill.
    pub struct GradientGuard {
        limit: f64,
        gradients: usize,
        threads: usize,
    }
}

impl Bind for GradientGuard {
    fn bind<T: Element>(words: &mut Words) -> Box<dyn Operation> {
        let Self { limit, gradients, threads } = Self::take(words);
        let ranges = words.pairs();
        let all = ranges.last().map_or(0, |&(_, end)| end);
        Box::new(move |_: Moment, report: &mut Report| {
            // SAFETY: the contract of `run`.
            let gradients: &[T] = unsafe { slice(gradients, all) };
            check(report, limit, &ranges, &|range, look| match look {
                Look::Bound => magnitude_bound(&gradients[range], threads),
                Look::Largest => largest_magnitude(&gradients[range]),
            })
        })
    }
}

/// What of some gradients' magnitudes: a bound on them, or the largest.
#[derive(Clone, Copy)]
enum Look {
    Bound,
    Largest,
}

/// What a `GradientGuard` does, for both number types.
#[inline(never)]
fn check(
    report: &mut Report,
    limit: f64,
    layers: &[(usize, usize)],
    look: &dyn Fn(Range<usize>, Look) -> f64,
) -> Flow {
    let all = layers.last().map_or(0, |&(_, end)| end);
    // Neighbours without a bound of their own are looked at in one go: a small network's step gains by it.
    let mut from = 0;
    for (layer, &(start, end)) in layers.iter().enumerate().take(MOST_BOUNDED) {
        if report.bounded >> layer & 1 == 1 {
            report.bound = larger(report.bound, look(from..start, Look::Bound));
            from = end;
        }
    }
    report.bound = larger(report.bound, look(from..all, Look::Bound));
    if report.bound <= limit {
        return Flow::On;
    }
    for (layer, &(start, end)) in layers.iter().enumerate().rev() {
        let magnitude = look(start..end, Look::Largest);
        let is_within = magnitude <= limit; // which NaN is not
        if !is_within {
            (report.layer, report.magnitude) = (layer as f64, magnitude);
            return Flow::End;
        }
    }
    Flow::On
}

/// The larger one; NaN if either is.
fn larger(a: f64, b: f64) -> f64 {
    if a >= b || a.is_nan() { a } else { b }
}
