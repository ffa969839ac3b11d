use super::gradient_descent::GradientDescent;
use super::momentum::{Rolling, roll};
use super::update_rule::{State, UpdateRule};
use crate::facts::facts;
use crate::number::element::Element;

facts! {
    /// u ← μ·u + g; w ← w − α·u, or with Nesterov's look ahead w ← w − α·(μ·u + g). Without momentum there is no u, and
    /// w ← w − α·g.
    ///
    /// Source: Sutskever et al. 2013, in PyTorch's form.
    pub struct Sgd {
        learning_rate: f64,
        momentum: f64,
        nesterov: bool,
    }
}

impl<T: Element> UpdateRule<T> for Sgd {
    fn update(&self, w: &mut [T], u: &mut [T], g: &[T], state: &State, threads: usize) {
        let Self { learning_rate, momentum: beta, nesterov } = *self;
        if beta == 0.0 {
            GradientDescent { learning_rate }.update(w, u, g, state, threads);
        } else {
            roll(w, u, g, &Rolling { rate: learning_rate, beta, share: 1.0, nesterov }, threads);
        }
    }
}
