//! The update of all parameters.

use crate::calls::operation::{Bind, Flow, Moment, Operation, Report};
use crate::facts::{Words, facts};
use crate::memory::{slice, slice_mut};
use crate::number::element::Element;
use crate::optimizers::{State, decay_weights, rule, update};
use crate::schedules::schedule;

facts! {
    /// W ← its next value by the rule of this number, at the rate α of the schedule of this number at the steps in `state`.
    /// `moments`: the rule's, each of w's length, one behind the other; `state`: its `State`; `decay`: λ, by α·λ of which
    /// weights decay before. Behind the facts: the rule's hyperparameters, what the schedule takes, then offset and length
    /// of all parts of w that decay.
    pub struct Update {
        rule: usize,
        schedule: usize,
        w: usize,
        g: usize,
        len: usize,
        moments: usize,
        moments_len: usize,
        state: usize,
        decay: f64,
        threads: usize,
    }
}

impl<T: Element> Bind<T> for Update {
    fn bind(self, rest: &mut Words) -> Box<dyn Operation> {
        let Self { w, g, len, moments, moments_len, state, decay, threads, .. } = self;
        let rule = rule::<T>(self.rule, rest);
        let schedule = schedule(self.schedule, rest);
        let weights = rest.pairs();
        Box::new(move |_: Moment, report: &mut Report| {
            // SAFETY: the contract of `run`.
            unsafe {
                let moments =
                    if moments_len == 0 { &mut [] } else { slice_mut(moments, moments_len) };
                let state = &mut slice_mut::<State>(state, 1)[0];
                report.rate = schedule.rate(state.steps);
                for &(w, len) in &weights {
                    decay_weights::<T>(slice_mut(w, len), report.rate * decay, threads);
                }
                let (w, g) = (slice_mut(w, len), slice(g, len));
                update(&*rule, w, moments, g, state, report.rate, threads);
            }
            Flow::On
        })
    }
}
