//! What every rule does with weights beside its own formula.

use super::update_rule::{splat, without_subnormals};
use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::sweep::shared_sweep;

/// w ← w − decay·w, where `decay` is α·λ; but 0 where that is below the smallest normal number, as moments are.
/// Not 1 − α·λ times w: f32 has few digits for such a factor, and would decay by up to some per mille more or less.
///
/// Source: Loshchilov & Hutter 2019 (decoupled weight decay), in PyTorch's order: before the rule's own step.
pub fn decay_weights<T: Element>(w: &mut [T], decay: f64, threads: usize) {
    let decay = splat::<T>(decay);
    let sign = T::Vector::sign();
    shared_sweep(threads, [w], [], move |[w], []| {
        let w = w.sub(decay.mul(w));
        [without_subnormals::<T>(w, w.drop_where(sign))]
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{EDGES, numbers};

    fn weights_decay_by_their_rate<T: Element>() {
        for len in EDGES {
            let start: Vec<T> = numbers(len, 1);
            let mut w = start.clone();
            decay_weights(&mut w, 1e-5, 1);
            let decay = T::from_f64(1e-5);
            for (w, &before) in w.into_iter().zip(&start) {
                assert_eq!(w, before - decay * before);
            }
        }
    }

    #[test]
    fn every_weight_loses_its_part() {
        weights_decay_by_their_rate::<f32>();
        weights_decay_by_their_rate::<f64>();
    }

    #[test]
    fn weights_never_stay_subnormal() {
        let least = f32::MIN_POSITIVE;
        let mut w = [2.0 * least, -2.0 * least, least, -least, f32::NAN];
        decay_weights(&mut w, 0.25, 1);
        assert_eq!(w[..4], [1.5 * least, -1.5 * least, 0.0, 0.0]);
        assert!(w[4].is_nan());
    }
}
