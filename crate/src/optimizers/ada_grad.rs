use super::update_rule::{Moments, State, UpdateRule, splat, without_subnormals};
use crate::facts::facts;
use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::sweep::shared_sweep;

facts! {
    /// s ← s + g²; w ← w − α·g/(√s + ε).
    ///
    /// Source: Duchi, Hazan & Singer 2011, the diagonal form, with PyTorch's ε.
    pub struct AdaGrad {
        epsilon: f64,
    }
}

impl<T: Element> UpdateRule<T> for AdaGrad {
    fn update(
        &self,
        w: &mut [T],
        [s, ..]: Moments<T>,
        g: &[T],
        _state: &State,
        rate: f64,
        threads: usize,
    ) {
        let (rate, epsilon) = (splat::<T>(rate), splat::<T>(self.epsilon));
        shared_sweep(threads, [s, w], [g], move |[s, w], [g]| {
            let s = s.add(g.mul(g));
            let change = rate.mul(g).div(s.sqrt().add(epsilon));
            [without_subnormals::<T>(s, s), w.sub(change)]
        });
    }
}
