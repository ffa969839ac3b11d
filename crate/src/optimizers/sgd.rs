use super::gradient_descent::GradientDescent;
use super::momentum::{Rolling, roll};
use super::update_rule::{Moments, State, UpdateRule};
use crate::facts::facts;
use crate::number::element::Element;

facts! {
    /// u ← μ·u + g; w ← w − α·u, or with Nesterov's look ahead w ← w − α·(μ·u + g). Without momentum there is no u, and
    /// w ← w − α·g.
    ///
    /// Source: Sutskever et al. 2013, in PyTorch's form.
    pub struct Sgd {
        momentum: f64,
        nesterov: bool,
    }
}

impl<T: Element> UpdateRule<T> for Sgd {
    fn update(
        &self,
        w: &mut [T],
        moments: Moments<T>,
        g: &[T],
        state: &State,
        rate: f64,
        threads: usize,
    ) {
        let Self { momentum: beta, nesterov } = *self;
        if beta == 0.0 {
            GradientDescent {}.update(w, moments, g, state, rate, threads);
        } else {
            let [u, ..] = moments;
            roll(w, u, g, &Rolling { rate, beta, share: 1.0, nesterov }, threads);
        }
    }
}
