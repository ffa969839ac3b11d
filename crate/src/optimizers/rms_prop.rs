use super::update_rule::{Moments, State, UpdateRule, splat, without_subnormals};
use crate::facts::facts;
use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::sweep::shared_sweep;

facts! {
    /// s ← ρ·s + (1 − ρ)·g²; w ← w − α·g/(√s + ε). Where it is centered: v ← ρ·v + (1 − ρ)·g, and s − v², the gradient's
    /// variance, or 0 where rounding makes it negative, for s under the root. With momentum: u ← μ·u + g/(√s + ε) and
    /// w ← w − α·u. What it goes without, v or u, it doesn't keep.
    ///
    /// Source: Tieleman & Hinton 2012, lecture 6.5; Graves 2013, formulas (38) to (41), for the centered form; ε outside
    /// the root and the momentum as PyTorch has them.
    pub struct RmsProp {
        decay: f64,
        epsilon: f64,
        momentum: f64,
        centered: bool,
    }
}

impl<T: Element> UpdateRule<T> for RmsProp {
    fn update(
        &self,
        w: &mut [T],
        moments: Moments<T>,
        g: &[T],
        _state: &State,
        rate: f64,
        threads: usize,
    ) {
        let [s, second, third] = moments;
        let (v, u) = if self.centered { (second, third) } else { (third, second) };
        let (rate, epsilon) = (splat::<T>(rate), splat::<T>(self.epsilon));
        let (decay, rest) = (splat::<T>(self.decay), splat::<T>(1.0 - self.decay));
        let (momentum, zero) = (splat::<T>(self.momentum), splat::<T>(0.0));
        let sign = T::Vector::sign();
        let mean = move |mean: T::Vector, x: T::Vector| decay.mul(mean).add(rest.mul(x));
        // Not `max`, which would make 0 of NaN.
        let variance = move |s: T::Vector, v: T::Vector| {
            let variance = s.sub(v.mul(v));
            variance.drop_where(zero.greater(variance))
        };
        let normal = move |x: T::Vector| without_subnormals::<T>(x, x.drop_where(sign));
        match (self.centered, self.momentum > 0.0) {
            (false, false) => shared_sweep(threads, [s, w], [g], move |[s, w], [g]| {
                let s = mean(s, g.mul(g));
                let change = rate.mul(g).div(s.sqrt().add(epsilon));
                [without_subnormals::<T>(s, s), w.sub(change)]
            }),
            (true, false) => shared_sweep(threads, [s, v, w], [g], move |[s, v, w], [g]| {
                let (s, v) = (mean(s, g.mul(g)), mean(v, g));
                let change = rate.mul(g).div(variance(s, v).sqrt().add(epsilon));
                [without_subnormals::<T>(s, s), normal(v), w.sub(change)]
            }),
            (false, true) => shared_sweep(threads, [s, u, w], [g], move |[s, u, w], [g]| {
                let s = mean(s, g.mul(g));
                let u = normal(momentum.mul(u).add(g.div(s.sqrt().add(epsilon))));
                [without_subnormals::<T>(s, s), u, w.sub(rate.mul(u))]
            }),
            (true, true) => shared_sweep(threads, [s, v, u, w], [g], move |[s, v, u, w], [g]| {
                let (s, v) = (mean(s, g.mul(g)), mean(v, g));
                let change = g.div(variance(s, v).sqrt().add(epsilon));
                let u = normal(momentum.mul(u).add(change));
                [without_subnormals::<T>(s, s), normal(v), u, w.sub(rate.mul(u))]
            }),
        }
    }
}
