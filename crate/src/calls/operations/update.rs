//! The update of all parameters, and what holds of weights after it.

use crate::calls::operation::{Bind, Flow, Moment, Operation, Report};
use crate::facts::{Words, facts};
use crate::layers::max_norm::max_norm;
use crate::memory::{count, slice, slice_mut};
use crate::number::element::Element;
use crate::optimizers::{Moments, State, decay_weights, rule};
use crate::schedules::schedule;

facts! {
    /// W ← its next value by the rule of this number, at `factor` times the rate α of the schedule of this number at the
    /// steps in `state`, reduced as it says. `moments`: where w's part of the rule's first moment begins; those of the `moment_count` others are
    /// `stride` numbers further each. `state`: the rule's `State`, which becomes that of this update by the `first` of the
    /// step's. `decay`: λ, by α·λ of which weights decay before. Behind the facts: the rule's hyperparameters, what the
    /// schedule takes, then offset and length of all parts of w that decay.
    pub struct Update {
        rule: usize,
        schedule: usize,
        w: usize,
        g: usize,
        len: usize,
        moments: usize,
        moment_count: usize,
        stride: usize,
        state: usize,
        first: bool,
        factor: f64,
        decay: f64,
        threads: usize,
    }
}

impl<T: Element> Bind<T> for Update {
    fn bind(self, rest: &mut Words) -> Box<dyn Operation> {
        let Self { w, g, len, moments, moment_count, stride, state, decay, threads, .. } = self;
        let rule = rule::<T>(self.rule, rest);
        let schedule = schedule(self.schedule, rest);
        let weights = rest.pairs();
        Box::new(move |_: Moment, report: &mut Report| {
            // SAFETY: the contract of `run`.
            unsafe {
                let state = &mut slice_mut::<State>(state, 1)[0];
                if self.first {
                    report.rate = state.reduced(schedule.rate(state.steps));
                    *state = state.after(rule.decays(state.steps + 1.0));
                }
                let rate = report.rate * self.factor;
                for &(w, len) in &weights {
                    decay_weights::<T>(slice_mut(w, len), rate * decay, threads);
                }
                let mut own: Moments<T> = Default::default();
                for (k, own) in own.iter_mut().enumerate().take(moment_count) {
                    *own = slice_mut(moments + k * stride * size_of::<T>(), len);
                }
                rule.update(slice_mut(w, len), own, slice(g, len), state, rate, threads);
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
        let mut room = vec![0.0; inputs];
        Box::new(move |_: Moment, _: &mut Report| {
            // SAFETY: the contract of `run`.
            let w = unsafe { slice_mut::<T>(w, count(outputs, inputs)) };
            max_norm(w, panel, limit, &mut room);
            Flow::On
        })
    }
}
