use crate::number::element::Element;
use crate::number::simd::Vector;

/// The products of a rule's (at most two) decays over all updates, such as βᵗ, and t: how many updates it has made. What
/// the learning rate was reduced by, and the lowest that it may be reduced to.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct State {
    pub steps: f64,
    pub powers: [f64; 2],
    pub reduction: f64,
    pub lowest: f64,
}

impl Default for State {
    /// Before the first update.
    fn default() -> Self {
        Self { steps: 0.0, powers: [1.0; 2], reduction: 1.0, lowest: 0.0 }
    }
}

impl State {
    /// Of the next update.
    pub fn after(self, decays: [f64; 2]) -> Self {
        let [first, second] = self.powers;
        let powers = [first * decays[0], second * decays[1]];
        Self { steps: self.steps + 1.0, powers, ..self }
    }

    /// The learning rate where its schedule has `rate`: reduced, but not below the lowest, nor up to it where `rate` is lower.
    pub fn reduced(self, rate: f64) -> f64 {
        (rate * self.reduction).max(self.lowest.min(rate))
    }
}

/// The most moments that a rule has.
pub const MOST_MOMENTS: usize = 3;

/// A rule's moments, each of w's length, in the order of its names for them; empty behind those.
pub type Moments<'a, T> = [&'a mut [T]; MOST_MOMENTS];

/// How parameters follow from their gradients.
pub trait UpdateRule<T: Element>: Send + Sync {
    /// w ← its next value, by the gradients g, at the learning rate α. `state` is the one of this very update.
    fn update(
        &self,
        w: &mut [T],
        moments: Moments<T>,
        g: &[T],
        state: &State,
        rate: f64,
        threads: usize,
    );

    /// The factors of `State::powers` in its update number `step`, from 1: β₁ and β₂, 0 where there is none.
    fn decays(&self, _step: f64) -> [f64; 2] {
        [0.0; 2]
    }
}

/// A scalar, formed in f64, in all lanes.
pub fn splat<T: Element>(x: f64) -> T::Vector {
    T::Vector::splat(T::from_f64(x))
}

/// x, but 0 where its magnitude is below the smallest normal number. NaN stays NaN.
#[inline(always)]
pub fn without_subnormals<T: Element>(x: T::Vector, magnitude: T::Vector) -> T::Vector {
    x.drop_where(T::Vector::splat(T::SMALLEST_NORMAL).greater(magnitude))
}
