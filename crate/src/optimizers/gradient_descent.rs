use super::update_rule::{Moments, State, UpdateRule, splat};
use crate::facts::facts;
use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::sweep::shared_sweep;

facts! {
    /// w ← w − α·g.
    ///
    /// Source: the notebook's formulas (21) and (22).
    pub struct GradientDescent {
    }
}

impl<T: Element> UpdateRule<T> for GradientDescent {
    fn update(
        &self,
        w: &mut [T],
        _moments: Moments<T>,
        g: &[T],
        _state: &State,
        rate: f64,
        threads: usize,
    ) {
        let rate = splat::<T>(rate);
        shared_sweep(threads, [w], [g], move |[w], [g]| [w.sub(rate.mul(g))]);
    }
}
