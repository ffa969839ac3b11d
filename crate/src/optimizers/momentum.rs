use super::update_rule::{Moments, State, UpdateRule, splat, without_subnormals};
use crate::facts::facts;
use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::sweep::shared_sweep;

facts! {
    /// v ← β·v + (1 − β)·g; w ← w − α·v, or with Nesterov's look ahead w ← w − α·(β·v + (1 − β)·g).
    ///
    /// Source: the notebook's section 8.2; Sutskever et al. 2013 for Nesterov's.
    pub struct Momentum {
        beta: f64,
        nesterov: bool,
    }
}

impl<T: Element> UpdateRule<T> for Momentum {
    fn update(
        &self,
        w: &mut [T],
        [v, ..]: Moments<T>,
        g: &[T],
        _state: &State,
        rate: f64,
        threads: usize,
    ) {
        let Self { beta, nesterov } = *self;
        roll(w, v, g, &Rolling { rate, beta, share: 1.0 - beta, nesterov }, threads);
    }

    fn decays(&self, _step: f64) -> [f64; 2] {
        [self.beta, 0.0]
    }
}

/// See `roll`.
pub struct Rolling {
    pub rate: f64,
    pub beta: f64,
    /// Of g in v.
    pub share: f64,
    pub nesterov: bool,
}

/// v ← β·v + share·g; w ← w − rate·v, or with `nesterov` w ← w − rate·(β·v + share·g).
#[inline(never)] // the same for two rules
pub fn roll<T: Element>(w: &mut [T], v: &mut [T], g: &[T], by: &Rolling, threads: usize) {
    let (rate, beta, share) = (splat::<T>(by.rate), splat::<T>(by.beta), splat::<T>(by.share));
    let sign = T::Vector::sign();
    if by.nesterov {
        shared_sweep(threads, [v, w], [g], move |[v, w], [g]| {
            let new = share.mul(g);
            let v = beta.mul(v).add(new);
            let v = without_subnormals::<T>(v, v.drop_where(sign));
            [v, w.sub(rate.mul(beta.mul(v).add(new)))]
        });
    } else {
        shared_sweep(threads, [v, w], [g], move |[v, w], [g]| {
            let v = beta.mul(v).add(share.mul(g));
            let v = without_subnormals::<T>(v, v.drop_where(sign));
            [v, w.sub(rate.mul(v))]
        });
    }
}
