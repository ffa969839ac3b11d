//! Clipping of gradients, between the look at them and the update.

use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::reduction::{pairwise, sum_of_squares_at};
use crate::sweep::shared_sweep;
use crate::threads::{Seat, Shared, share_range, worth_while};
use std::ops::Range;

/// g ← min(max(g, −limit), limit), `limit` being rounded to T.
///
/// Source: `torch.nn.utils.clip_grad_value_`.
pub fn clip_by_value<T: Element>(g: &mut [T], limit: f64, threads: usize) {
    let (high, low) = (T::Vector::splat(T::from_f64(limit)), T::Vector::splat(T::from_f64(-limit)));
    shared_sweep(threads, [g], [], move |[g], []| {
        let g = high.or_where(g.greater(high), g);
        [low.or_where(low.greater(g), g)]
    });
}

/// Where a layer's gradients lie in the block of all: dW (outputs × inputs) in panels of `panel` units, 1 for
/// row-major, and those of biases, or of other parameters, behind it.
pub struct LayerGradients {
    pub inputs: usize,
    pub outputs: usize,
    pub panel: usize,
    pub biases: usize,
}

impl LayerGradients {
    /// Partial sums of this layer: one a unit, and that of the biases.
    const fn sums(&self) -> usize {
        self.outputs + 1
    }

    /// The partial sum of this index: of a block's numbers from which on, how many, and how far apart.
    const fn run(&self, index: usize) -> (usize, usize, usize) {
        if index == self.outputs {
            return (self.outputs * self.inputs, self.biases, 1);
        }
        let (panel, unit) = (index / self.panel, index % self.panel);
        (panel * self.panel * self.inputs + unit, self.inputs, self.panel)
    }
}

/// The gradients of all layers, one behind the other, and room for the sums that their norm takes.
pub struct Norm {
    layers: Vec<LayerGradients>,
    len: usize,
    sums: Vec<f64>,
}

/// 2⁶⁰⁰: it, or its inverse, brings numbers whose squares leave f64's range back into it.
const SCALE: f64 = f64::from_bits((1023 + 600) << 52);

/// 2⁻⁴⁰: a norm of f32 numbers, and 1 divided by it, are in f32's range when multiplied by it.
const DOWN: f64 = f64::from_bits((1023 - 40) << 52);

/// Below it some squares were so small that they lost bits: 2⁻⁹⁰⁰.
const SMALL: f64 = f64::from_bits((1023 - 900) << 52);

/// Multiply-adds of a product that take as long as one square.
const WORK_OF_AN_ELEMENT: usize = 8;

impl Norm {
    pub fn of(layers: Vec<LayerGradients>) -> Self {
        let len = layers.iter().map(|layer| layer.outputs * layer.inputs + layer.biases).sum();
        let sums = vec![0.0; layers.iter().map(LayerGradients::sums).sum()];
        Self { layers, len, sums }
    }

    /// The numbers in the block.
    pub const fn count(&self) -> usize {
        self.len
    }

    /// g ← g · min(1, limit/‖g‖) over all of them, which are finite. `limit` is a normal number of T. Where ‖g‖ is at most
    /// `limit` no bit changes.
    ///
    /// The norm is a sum in f64 by one tree for each unit's weights and each layer's biases, and one over these: its
    /// order depends on the widths alone, neither on threads nor on lanes nor on how dW lies.
    ///
    /// Source: Pascanu, Mikolov & Bengio 2013, algorithm 1.
    pub fn clip<T: Element>(&mut self, g: &mut [T], limit: f64, threads: usize) {
        let sum = self.sum_of_squares(g, threads, 1.0);
        if sum > SMALL && sum.is_finite() {
            let norm = sum.sqrt();
            if norm > limit {
                let factor = limit / norm;
                let is_normal = factor >= T::SMALLEST_NORMAL.to_f64();
                let factors =
                    if is_normal { [1.0, 1.0, factor] } else { [DOWN, 1.0 / (norm * DOWN), limit] };
                scale(g, factors, threads);
            }
            return;
        }
        // Rare, in f64 alone: 10¹⁵⁴ and more, or all numbers below 10⁻¹³⁵.
        let by = if sum.is_finite() { SCALE } else { 1.0 / SCALE };
        let norm = self.sum_of_squares(g, threads, by).sqrt(); // times `by`
        if norm > limit * by {
            let is_small = by > 1.0;
            let factors =
                if is_small { [1.0, 1.0, limit * by / norm] } else { [by, 1.0 / norm, limit] };
            scale(g, factors, threads);
        }
    }

    /// Σ (by·g)². Compiled once.
    #[inline(never)]
    fn sum_of_squares<T: Element>(&mut self, g: &[T], threads: usize, by: f64) -> f64 {
        let Self { layers, len, sums } = self;
        assert!(g.len() == *len);
        let count = sums.len();
        let work = len.saturating_mul(WORK_OF_AN_ELEMENT);
        let sums = Shared(sums.as_mut_ptr());
        share_range(worth_while(threads, work), count, 1, work, &|(next_range, _): Seat<
            Range<usize>,
        >| {
            while let Some(range) = next_range() {
                // SAFETY: the ranges are disjoint and end at `count`, and the sums outlive `share_range`.
                let out = unsafe { sums.slice(range.start, range.len()) };
                let (mut layer, mut first, mut at) = (0, 0, 0);
                for (out, index) in out.iter_mut().zip(range) {
                    while index - first >= layers[layer].sums() {
                        let LayerGradients { inputs, outputs, biases, .. } = layers[layer];
                        (first, at) =
                            (first + layers[layer].sums(), at + outputs * inputs + biases);
                        layer += 1;
                    }
                    let (start, count, step) = layers[layer].run(index - first);
                    *out = sum_of_squares_at(&g[at + start..], count, step, by);
                }
            }
        });
        let sums = &self.sums;
        pairwise(0..count, &|range: Range<usize>| sums[range].iter().sum::<f64>(), |a: f64, b| {
            a + b
        })
    }
}

/// g ← the product of g and the factors, from the first on: in T a limit divided by a norm may be too small a factor.
/// Compiled once.
#[inline(never)]
pub fn scale<T: Element>(g: &mut [T], factors: [f64; 3], threads: usize) {
    let [a, b, c] = factors.map(|factor| T::Vector::splat(T::from_f64(factor)));
    shared_sweep(threads, [g], [], move |[g], []| [a.mul(g).mul(b).mul(c)]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{assert_near, bits, digest, epsilon, numbers};

    const LAYERS: [(usize, usize); 3] = [(7, 8), (8, 5), (5, 3)];

    /// The layers' norm, those of the first in panels of so many units.
    fn norm(panel: usize) -> Norm {
        let layer = |(i, &(inputs, outputs)): (usize, &(usize, usize))| {
            let panel = if i == 0 { panel } else { 1 };
            LayerGradients { inputs, outputs, panel, biases: outputs }
        };
        Norm::of(LAYERS.iter().enumerate().map(layer).collect())
    }

    fn clipped<T: Element>(g: &[T], limit: f64) -> Vec<T> {
        let mut g = g.to_vec();
        norm(1).clip(&mut g, limit, 1);
        g
    }

    fn plain_norm<T: Element>(g: &[T]) -> f64 {
        g.iter().fold(0.0, |norm, x| libm::hypot(norm, x.to_f64()))
    }

    fn the_norm_is_cut_to_its_limit<T: Element>() {
        let g: Vec<T> = numbers(norm(1).count(), 1);
        let norm = plain_norm(&g);
        for limit in [1e-30, 1e-3, 1.0, 0.999 * norm] {
            for (got, g) in clipped(&g, limit).iter().zip(&g) {
                let expected = g.to_f64() * (limit / norm);
                // hypot has a rounding for each number of its own.
                let bound = 2.0 * epsilon::<T>() + 32.0 * f64::EPSILON;
                assert_near(got.to_f64(), expected, bound * expected.abs());
            }
        }
        for limit in [1.001 * norm, 1e30] {
            assert_eq!(bits(&clipped(&g, limit)), bits(&g));
        }
        let none = vec![T::zero(); g.len()];
        assert_eq!(bits(&clipped(&none, 1.0)), bits(&none));
    }

    #[test]
    fn a_larger_norm_is_cut_to_its_limit_and_a_smaller_one_is_left() {
        the_norm_is_cut_to_its_limit::<f32>();
        the_norm_is_cut_to_its_limit::<f64>();
    }

    #[test]
    fn numbers_whose_squares_leave_the_range_have_a_norm() {
        let unit: Vec<f64> = numbers(norm(1).count(), 2);
        let direction = plain_norm(&unit);
        for size in [1e160, 1e200, 1e308, 1e-160, 1e-200, 1e-300] {
            let g: Vec<f64> = unit.iter().map(|x| x * size).collect();
            let length = direction * size; // ∞ for the largest
            for limit in [1e-305, 1e-200, 1.0, 1e200] {
                let got = clipped(&g, limit);
                if length <= limit {
                    assert_eq!(got, g);
                    continue;
                }
                for (got, x) in got.iter().zip(&unit) {
                    let expected = x / direction * limit;
                    assert_near(*got, expected, 1e-14 * expected.abs());
                }
            }
        }
        let huge = vec![f32::MAX; norm(1).count()];
        let expected = 1e-37 / (huge.len() as f64).sqrt();
        for x in clipped(&huge, 1e-37) {
            assert_near(x.into(), expected, 1e-6 * expected);
        }
    }

    #[test]
    fn panels_change_no_bit() {
        let g: Vec<f32> = numbers(norm(1).count(), 3);
        let expected = clipped(&g, 0.01);
        let (inputs, outputs) = LAYERS[0];
        for panel in [2, 4, 8] {
            let place = |at: usize| {
                let (unit, input) = (at / inputs, at % inputs);
                unit / panel * panel * inputs + input * panel + unit % panel
            };
            let mut in_panels = g.clone();
            (0..inputs * outputs).for_each(|at| in_panels[place(at)] = g[at]);
            norm(panel).clip(&mut in_panels, 0.01, 1);
            let back = (0..g.len()).map(|at| in_panels[if at < 56 { place(at) } else { at }]);
            assert_eq!(back.collect::<Vec<_>>(), expected);
        }
    }

    /// The digest of clipped gradients whose norm takes a tree of several levels.
    fn digest_of_many<T: Element>(threads: usize) -> u64 {
        let layer = |inputs, outputs| LayerGradients { inputs, outputs, panel: 1, biases: outputs };
        let mut norm = Norm::of(vec![layer(1023, 200), layer(200, 33)]);
        let mut g: Vec<T> = numbers(norm.count(), 4);
        norm.clip(&mut g, 0.1, threads);
        digest(&g)
    }

    #[test]
    fn the_bits_are_the_same_whatever_the_lanes_and_threads() {
        for threads in 1..=3 {
            assert_eq!(digest_of_many::<f32>(threads), 723_238_854_744_128_618);
            assert_eq!(digest_of_many::<f64>(threads), 11_526_517_485_804_718_345);
        }
    }

    fn each_number_is_cut<T: Element>() {
        for len in crate::testing::EDGES {
            let mut g: Vec<T> = numbers(len, 5);
            let expected: Vec<f64> = g.iter().map(|x| x.to_f64().clamp(-0.25, 0.25)).collect();
            clip_by_value(&mut g, 0.25, 1);
            assert_eq!(g.iter().map(|x| x.to_f64()).collect::<Vec<_>>(), expected);
        }
        let mut zeros = [T::from_f64(-0.0), T::zero()];
        clip_by_value(&mut zeros, 1e-30, 1);
        assert_eq!(bits(&zeros), bits(&[T::from_f64(-0.0), T::zero()]));
    }

    #[test]
    fn by_value_each_number_is_cut_alone() {
        each_number_is_cut::<f32>();
        each_number_is_cut::<f64>();
    }
}
