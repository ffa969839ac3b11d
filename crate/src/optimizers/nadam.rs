use super::update_rule::{Moments, State, UpdateRule, splat, without_subnormals};
use crate::facts::facts;
use crate::number::element::Element;
use crate::number::exp::exp_nonpositive;
use crate::number::simd::{MAX_LANES, Vector};
use crate::sweep::shared_sweep;

facts! {
    /// v ← β₁·v + (1 − β₁)·g; s ← β₂·s + (1 − β₂)·g²;
    /// w ← w − α·((1 − μₜ)·g/(1 − Πₜ) + μₜ₊₁·v/(1 − Πₜ₊₁))/(√(s/(1 − β₂ᵗ)) + ε),
    /// where μₜ = β₁·(1 − 0.96^(t·ψ)/2), Πₜ = μ₁·…·μₜ and ψ is the momentum's decay.
    ///
    /// Source: Dozat 2016, Incorporating Nesterov Momentum into Adam, with the schedule of its μ that PyTorch has.
    pub struct Nadam {
        beta1: f64,
        beta2: f64,
        epsilon: f64,
        momentum_decay: f64,
    }
}

impl Nadam {
    /// μ of a step, from 1.
    #[inline(never)] // the same for both number types
    fn momentum(&self, step: f64) -> f64 {
        // f64::ln and powf differ between machines.
        const LN_96_PERCENT: f64 = -0.040_821_994_520_255_13;
        let mut lanes = [0.0; MAX_LANES];
        let exponent = step * self.momentum_decay * LN_96_PERCENT;
        exp_nonpositive::<f64>(<f64 as Element>::Vector::splat(exponent)).store(&mut lanes);
        self.beta1 * (1.0 - 0.5 * lanes[0])
    }
}

impl<T: Element> UpdateRule<T> for Nadam {
    fn update(
        &self,
        w: &mut [T],
        moments: Moments<T>,
        g: &[T],
        state: &State,
        rate: f64,
        threads: usize,
    ) {
        let [v, s, _] = moments;
        let (beta1, rest1) = (splat::<T>(self.beta1), splat::<T>(1.0 - self.beta1));
        let (beta2, rest2) = (splat::<T>(self.beta2), splat::<T>(1.0 - self.beta2));
        let [product, power2] = state.powers;
        let (now, next) = (self.momentum(state.steps), self.momentum(state.steps + 1.0));
        let root2 = (1.0 - power2).sqrt();
        let rate = rate * root2;
        let rate_of_g = splat::<T>(rate * (1.0 - now) / (1.0 - product));
        let rate_of_v = splat::<T>(rate * next / (1.0 - product * next));
        let epsilon = splat::<T>(self.epsilon * root2);
        let sign = T::Vector::sign();
        shared_sweep(threads, [s, v, w], [g], move |[s, v, w], [g]| {
            let v = beta1.mul(v).add(rest1.mul(g));
            let s = beta2.mul(s).add(rest2.mul(g.mul(g)));
            let ahead = rate_of_g.mul(g).add(rate_of_v.mul(v));
            let change = ahead.div(s.sqrt().add(epsilon));
            let v = without_subnormals::<T>(v, v.drop_where(sign));
            [without_subnormals::<T>(s, s), v, w.sub(change)]
        });
    }

    fn decays(&self, step: f64) -> [f64; 2] {
        [self.momentum(step), self.beta2]
    }
}
