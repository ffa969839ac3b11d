//! The update of all parameters, and what holds of weights after it.

use crate::calls::operation::{Bind, Flow, Moment, Operation, Report};
use crate::facts::{Words, facts};
use crate::layers::max_norm::max_norm;
use crate::memory::{count, slice, slice_mut};
use crate::number::element::Element;
use crate::optimizers::{Blocks, State, decay_weights, rule, update};
use crate::schedules::schedule;

facts! {
    /// W ← its next value by the rule of this number, at the rate α of the schedule of this number at the steps in `state`.
    /// `moments`: the rule's, each of w's length, one behind the other; `state`: its `State`; `decay`: λ, by α·λ of which
    /// weights decay before. Behind the facts: the rule's hyperparameters, what the schedule takes, then in threes the
    /// `segments` of w that are updated, each with its start, length and factor of the rate, and the parts of w that
    /// decay, each with its offset, length and factor.
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
        segments: usize,
        threads: usize,
    }
}

impl<T: Element> Bind<T> for Update {
    fn bind(self, rest: &mut Words) -> Box<dyn Operation> {
        let Self { w, g, len, moments, moments_len, state, decay, threads, .. } = self;
        let rule = rule::<T>(self.rule, rest);
        let schedule = schedule(self.schedule, rest);
        let stretches = rest.rest();
        let count = 3 * self.segments;
        Box::new(move |_: Moment, report: &mut Report| {
            // SAFETY: the contract of `run`.
            unsafe {
                let moments =
                    if moments_len == 0 { &mut [] } else { slice_mut(moments, moments_len) };
                let state = &mut slice_mut::<State>(state, 1)[0];
                report.rate = schedule.rate(state.steps);
                let (segments, weights) = stretches.split_at(count);
                for stretch in weights.chunks_exact(3) {
                    let w = slice_mut::<T>(stretch[0] as usize, stretch[1] as usize);
                    decay_weights(w, report.rate * stretch[2] * decay, threads);
                }
                *state = state.after(rule.decays(state.steps + 1.0));
                let mut blocks = Blocks { w: slice_mut(w, len), moments, g: slice(g, len) };
                for stretch in segments.chunks_exact(3) {
                    let range = stretch[0] as usize..(stretch[0] + stretch[1]) as usize;
                    update(&*rule, &mut blocks, range, state, report.rate * stretch[2], threads);
                }
            }
            Flow::On
        })
    }
}

facts! {
    /// W ← W with each unit's norm at most `limit`. W: (outputs, inputs), in panels of `panel` units.
    pub struct MaxNorm {
        w: usize,
        inputs: usize,
        outputs: usize,
        panel: usize,
        limit: f64,
    }
}

impl<T: Element> Bind<T> for MaxNorm {
    fn bind(self, _rest: &mut Words) -> Box<dyn Operation> {
        let Self { w, inputs, outputs, panel, limit } = self;
        Box::new(move |_: Moment, _: &mut Report| {
            // SAFETY: the contract of `run`.
            let w = unsafe { slice_mut::<T>(w, count(outputs, inputs)) };
            max_norm(w, inputs, panel, limit);
            Flow::On
        })
    }
}
