use super::update_rule::{Moments, State, UpdateRule, splat, without_subnormals};
use crate::facts::facts;
use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::sweep::shared_sweep;

facts! {
    /// w ← w − α·sign(β₁·v + (1 − β₁)·g), where sign(0) = 0; then v ← β₂·v + (1 − β₂)·g.
    ///
    /// Source: Chen et al. 2023, Symbolic Discovery of Optimization Algorithms, algorithm 2.
    pub struct Lion {
        beta1: f64,
        beta2: f64,
    }
}

impl<T: Element> UpdateRule<T> for Lion {
    fn update(
        &self,
        w: &mut [T],
        [v, ..]: Moments<T>,
        g: &[T],
        _state: &State,
        rate: f64,
        threads: usize,
    ) {
        let (beta1, rest1) = (splat::<T>(self.beta1), splat::<T>(1.0 - self.beta1));
        let (beta2, rest2) = (splat::<T>(self.beta2), splat::<T>(1.0 - self.beta2));
        let (rate, zero) = (splat::<T>(rate), splat::<T>(0.0));
        let sign = T::Vector::sign();
        shared_sweep(threads, [v, w], [g], move |[v, w], [g]| {
            let direction = beta1.mul(v).add(rest1.mul(g));
            let (down, up) = (direction.greater(zero), zero.greater(direction));
            let w = w.sub(rate.keep_where(down)).add(rate.keep_where(up));
            let v = beta2.mul(v).add(rest2.mul(g));
            [without_subnormals::<T>(v, v.drop_where(sign)), w]
        });
    }
}
