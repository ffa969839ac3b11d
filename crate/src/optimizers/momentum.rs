use super::update_rule::{State, UpdateRule, splat, without_subnormals};
use crate::facts::facts;
use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::sweep::shared_sweep;

facts! {
    /// v ← β·v + (1 − β)·g; w ← w − α·v.
    ///
    /// Source: the notebook's section 8.2.
    pub struct Momentum {
        learning_rate: f64,
        beta: f64,
    }
}

impl<T: Element> UpdateRule<T> for Momentum {
    fn update(&self, w: &mut [T], v: &mut [T], g: &[T], _state: &State, threads: usize) {
        let (rate, beta) = (splat::<T>(self.learning_rate), splat::<T>(self.beta));
        let rest = splat::<T>(1.0 - self.beta);
        let sign = T::Vector::sign();
        shared_sweep(threads, [v, w], [g], move |[v, w], [g]| {
            let v = beta.mul(v).add(rest.mul(g));
            let v = without_subnormals::<T>(v, v.drop_where(sign));
            [v, w.sub(rate.mul(v))]
        });
    }

    fn decays(&self, _step: f64) -> [f64; 2] {
        [self.beta, 0.0]
    }
}
