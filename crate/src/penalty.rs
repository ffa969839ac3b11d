//! The L1 term of the loss, λ/m·Σ|w|, and its gradient.

use crate::in_order::InOrder;
use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::sweep::shared_sweep;

/// Magnitudes that are added one after the other before such sums are.
const LEAF: usize = 512;

/// Σ |w|, in f64.
pub fn sum_of_magnitudes<T: Element>(w: InOrder<T>) -> f64 {
    let leaf = |start| {
        let mut room = [T::zero(); LEAF];
        let leaf = w.read(start..w.count().min(start + LEAF), &mut room);
        leaf.iter().map(|w| w.to_f64().abs()).sum::<f64>()
    };
    (0..w.count()).step_by(LEAF).map(leaf).sum()
}

/// dw ← dw + by·sign(w), where sign(0) = 0: the subgradient that PyTorch takes.
pub fn add_signs<T: Element>(dw: &mut [T], w: &[T], by: f64, threads: usize) {
    let (by, zero) = (T::Vector::splat(T::from_f64(by)), T::Vector::splat(T::zero()));
    shared_sweep(threads, [dw], [w], move |[dw], [w]| {
        [dw.add(by.keep_where(w.greater(zero))).sub(by.keep_where(zero.greater(w)))]
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::in_order::Layout;
    use crate::testing::{EDGES, assert_near, epsilon, numbers};

    fn follow_their_formulas<T: Element>() {
        for len in EDGES {
            let (mut w, start): (Vec<T>, Vec<T>) = (numbers(len, 1), numbers(len, 2));
            w.iter_mut().step_by(3).for_each(|w| *w = T::zero());
            let sum: f64 = w.iter().map(|w| w.to_f64().abs()).sum();
            let layout = Layout { outputs: 1, inputs: len, panel: 1 };
            assert_near(
                sum_of_magnitudes(InOrder { w: &w, layout }),
                sum,
                1e-12 * len.max(1) as f64,
            );
            let mut dw = start.clone();
            add_signs(&mut dw, &w, 0.25, 1);
            for ((dw, start), w) in dw.iter().zip(&start).zip(&w) {
                let w = w.to_f64();
                let sign = if w == 0.0 { 0.0 } else { w.signum() };
                assert_near(dw.to_f64(), start.to_f64() + 0.25 * sign, 4.0 * epsilon::<T>());
            }
        }
    }

    #[test]
    fn they_follow_their_formulas() {
        follow_their_formulas::<f32>();
        follow_their_formulas::<f64>();
    }

    #[test]
    fn neither_zero_has_a_sign() {
        let mut dw = [1.0f32; 4];
        add_signs(&mut dw, &[0.0, -0.0, 1e-40, -1e-40], 0.5, 1);
        assert_eq!(dw, [1.0, 1.0, 1.5, 0.5]);
    }
}
