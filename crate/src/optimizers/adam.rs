use super::update_rule::{Moments, State, UpdateRule, splat, without_subnormals};
use crate::facts::facts;
use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::sweep::shared_sweep;

facts! {
    /// v ← β₁·v + (1 − β₁)·g; s ← β₂·s + (1 − β₂)·g²; w ← w − α·(v/(1 − β₁ᵗ))/(√(s/(1 − β₂ᵗ)) + ε).
    /// Computed as α·√(1 − β₂ᵗ)/(1 − β₁ᵗ)·v/(√s + ε·√(1 − β₂ᵗ)), one product fewer.
    ///
    /// Source: Kingma & Ba 2015, algorithm 1 and the reordering in its section 2; the notebook's section 8.3, but ε
    /// outside the root.
    pub struct Adam {
        beta1: f64,
        beta2: f64,
        epsilon: f64,
    }
}

impl<T: Element> UpdateRule<T> for Adam {
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
        let [power1, power2] = state.powers;
        let root2 = (1.0 - power2).sqrt();
        let rate = splat::<T>(rate * root2 / (1.0 - power1));
        let epsilon = splat::<T>(self.epsilon * root2);
        let sign = T::Vector::sign();
        shared_sweep(threads, [s, v, w], [g], move |[s, v, w], [g]| {
            let v = beta1.mul(v).add(rest1.mul(g));
            let s = beta2.mul(s).add(rest2.mul(g.mul(g)));
            // Before the moments lose what is subnormal: the square root and the division are waited for.
            let change = rate.mul(v).div(s.sqrt().add(epsilon));
            let v = without_subnormals::<T>(v, v.drop_where(sign));
            let s = without_subnormals::<T>(s, s); // a sum of squares is its own magnitude
            [s, v, w.sub(change)] // w last: its store waits for the division
        });
    }

    fn decays(&self, _step: f64) -> [f64; 2] {
        [self.beta1, self.beta2]
    }
}
